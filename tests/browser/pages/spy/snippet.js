/* What a snippet must not do, to prove that the traps of trap.js see it: each line, and what they are to note. */
document.cookie;
// trap: document.cookie
document.cookie = "id=1";
// trap: document.cookie =
document.title;
// trap: document.title
document.fonts;
// trap: document.fonts
localStorage.getItem("id");
// trap: localStorage
// trap: storage.getItem
sessionStorage.length;
// trap: sessionStorage
// trap: storage.length
indexedDB.databases();
// trap: indexedDB
caches.keys();
// trap: caches
screen.width;
// trap: screen
// trap: screen.width
innerWidth;
// trap: innerWidth
devicePixelRatio;
// trap: devicePixelRatio
matchMedia("(prefers-color-scheme: dark)");
// trap: matchMedia
navigator.userAgent;
// trap: navigator.userAgent
navigator.language;
// trap: navigator.language
navigator.storage.estimate();
// trap: navigator.storage
history.length;
// trap: history.length
performance.now();
// trap: performance
// trap: performance.now
new Date().getTimezoneOffset();
// trap: Date
// trap: Date.getTimezoneOffset
Intl.DateTimeFormat().resolvedOptions().timeZone;
// trap: Intl
// trap: Intl.DateTimeFormat
document.createElement("canvas").getContext("2d");
// trap: canvas.getContext
new OffscreenCanvas(1, 1);
// trap: OffscreenCanvas
new AudioContext();
// trap: AudioContext
const [input, select, textarea, form] = ["input", "select", "textarea", "form"].map((name) => document.querySelector(name));
input.value;
// trap: input.value
input.checked;
// trap: input.checked
input.files;
// trap: input.files
input.name;
// trap: input.name
input.id;
// trap: element.id
input.type;
// trap: input.type
input.validity.valueMissing;
// trap: input.validity
// trap: validity.valueMissing
input.checkValidity();
// trap: input.checkValidity
input.getAttribute("value");
// trap: attribute value
input.getAttribute("data-zw-field");
input.attributes.name.value;
// trap: attribute name
select.value;
// trap: select.value
select.selectedOptions[0].textContent;
// trap: select.selectedOptions
// trap: node.textContent
select.options[0].text;
// trap: select.options
// trap: option.text
textarea.value;
// trap: textarea.value
textarea.firstChild.nodeValue;
// trap: node.firstChild
// trap: node.nodeValue
form.elements.length;
// trap: form.elements
new FormData(form);
// trap: FormData
document.body.getBoundingClientRect();
// trap: element.getBoundingClientRect
addEventListener("click", (event) => event.screenX);
dispatchEvent(new MouseEvent("click"));
// trap: mouse.screenX
