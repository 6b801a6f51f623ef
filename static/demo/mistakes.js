/* Mistakes that only the server found: the page tells Zählwerk by script, as a validator of its own would. */

const list = document.querySelector(".city-mistakes");
for (const { dataset } of list.querySelectorAll("li")) {
  window.zaehlwerk?.step?.(list.dataset.form, list.dataset.step, { error: dataset.error, field: dataset.field });
}
