/* A single-page form as a web editor's script runs it: one part at a time is shown, the rest is hidden. */
const element = (id) => document.getElementById(id);

const show = (id) => {
  for (const part of ["person", "miete", "danke"]) element(part).hidden = part !== id;
  element("pruefen").parentNode.hidden = id !== "pruefen";
};

element("eins").onclick = () => show("miete");
element("zurueck").onclick = () => show("person");
element("zwei").onclick = () => {
  if (element("betrag").reportValidity()) show("pruefen");
};
element("form").onsubmit = (event) => {
  event.preventDefault();
  show("danke");
};
