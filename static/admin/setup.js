// Asks once a second, while the page is in sight, whether the first beacon has been counted; then shows the way on.
const arrival = document.querySelector("[data-arrived]");

async function ask() {
  try {
    const response = await fetch(arrival.dataset.arrived, { headers: { Accept: "application/json" } });
    if (response.status === 401) return location.reload();
    if (response.ok && (await response.json()).arrived) return show();
  } catch {
    // The network is away for a moment: ask again.
  }
  setTimeout(again, 1000);
}

function again() {
  if (document.hidden) document.addEventListener("visibilitychange", again, { once: true });
  else ask();
}

function show() {
  arrival.querySelector(".zw-arrival__waiting").hidden = true;
  arrival.querySelector(".zw-arrival__there").hidden = false;
}

if (arrival) ask();
