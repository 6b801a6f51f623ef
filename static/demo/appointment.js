/* Booking an appointment without reloading the page: each step changes the address, and Zählwerk counts it as a view. */

const appointment = document.getElementById("appointment");
const base = appointment.dataset.base;
let place = "";

/** Show the step that the address names. */
function show() {
  const step = location.pathname.slice(base.length + 1);
  for (const section of appointment.children) section.hidden = section.dataset.step !== step;
}

appointment.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  place = link.dataset.place ?? place;
  history.pushState(null, "", link.href);
  show();
  if (link.href.endsWith("/bestaetigung")) window.zaehlwerk?.("Termin gebucht", { standort: place });
});
addEventListener("popstate", show);
