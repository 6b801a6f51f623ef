// Asks once a second whether the first beacon has been counted, and then shows the way to the figures.
const arrival = document.querySelector("[data-arrived]");

async function ask() {
  try {
    const response = await fetch(arrival.dataset.arrived, { headers: { Accept: "application/json" } });
    if (response.status === 401) return location.reload();
    if (response.ok && (await response.json()).arrived) return show();
  } catch {
    // The network is away for a moment: ask again.
  }
  setTimeout(ask, document.hidden ? 5000 : 1000);
}

function show() {
  arrival.querySelector(".zw-arrival__waiting").hidden = true;
  arrival.querySelector(".zw-arrival__there").hidden = false;
}

if (arrival) ask();
