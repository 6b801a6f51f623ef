// One box that ticks every piece of the page. Without this script each is ticked by itself.
const every = document.querySelector("[data-every]");
const ticks = [...document.querySelectorAll(".zw-piece__tick")];

const show = () => {
  const number = ticks.filter((tick) => tick.checked).length;
  every.checked = number === ticks.length;
  every.indeterminate = number > 0 && number < ticks.length;
};

if (every && ticks.length) {
  every.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = every.checked;
    show();
  });
  for (const tick of ticks) tick.addEventListener("change", show);
  every.closest("label").hidden = false;
  show();
}
