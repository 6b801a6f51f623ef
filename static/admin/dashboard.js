// The dashboard: draws the graph, turns cards into tabs, follows links without leaving the page,
// and brings the figures up to date while today is shown. Everything is there without it.

import { draw } from "./graph.js";

const EVERY = 1000; // ms between two looks at the server; a new beacon shows within two seconds
const SLOWER = 10000; // ms while the server does not answer
const dashboard = document.getElementById("dashboard");
const received = new Map(); // id of a part → its source as it came

// Parts

const partsOf = (root) => root.querySelectorAll("[data-part]");

const focusable = (part) => [...part.querySelectorAll("a, button, input, summary")];
const nameOf = (element) => element.id || element.dataset.key || element.getAttribute("aria-label") || element.textContent;

// Replaces the inside of a part; what had the focus has it again, by its name or else by its place.
function replace(part, nodes) {
  const place = focusable(part).indexOf(document.activeElement);
  const name = nameOf(document.activeElement);
  part.replaceChildren(...nodes);
  if (place < 0) return;
  const fresh = focusable(part);
  (fresh.find((element) => nameOf(element) === name) ?? fresh[place])?.focus({ preventScroll: true });
}

function takeOver(html) {
  const next = new DOMParser().parseFromString(html, "text/html").getElementById("dashboard");
  if (!next) return false;
  for (const fresh of partsOf(next)) {
    const part = document.getElementById(fresh.id);
    if (!part || received.get(fresh.id) === fresh.innerHTML) continue;
    received.set(fresh.id, fresh.innerHTML);
    replace(part, fresh.childNodes);
  }
  Object.assign(dashboard.dataset, next.dataset);
  document.title = next.dataset.title;
  draw();
  return true;
}

let turn = 0; // counts the changes of the address: an answer to an earlier one is not shown any more

// False when the session has ended; throws when the server cannot answer.
async function load(address, onlyIfChanged) {
  const mine = turn;
  const url = new URL(address, location.href);
  url.searchParams.set("fragment", "1");
  const headers = onlyIfChanged ? { "If-None-Match": `"${dashboard.dataset.signature}"` } : {};
  const answer = await fetch(url, { headers, cache: "no-store", redirect: "manual" });
  if (answer.type === "opaqueredirect") return false;
  if (answer.status === 304) return true;
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const html = await answer.text();
  return mine !== turn || takeOver(html);
}

// Links within the page

// Shows what the address asks for; where that fails the browser goes there itself, and tells what is wrong.
async function show() {
  turn += 1;
  const shown = await load(location.href, false).catch(() => false);
  if (!shown) location.reload();
}

dashboard.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show();
});
addEventListener("popstate", show);

// Up to date

let signed = true;

function tell(reached) {
  const mark = document.querySelector(".zw-live");
  if (!mark || mark.classList.contains("zw-live--paused") === !reached) return;
  const text = mark.querySelector(".zw-live__text");
  mark.dataset.running ??= text.textContent;
  mark.classList.toggle("zw-live--paused", !reached);
  text.textContent = reached ? mark.dataset.running : mark.dataset.paused;
}

async function look() {
  let wait = EVERY;
  if (!document.hidden && dashboard.dataset.live === "yes") {
    try {
      signed = await load(location.href, true);
      tell(signed);
    } catch {
      wait = SLOWER;
      tell(false);
    }
  }
  if (signed) setTimeout(look, wait);
}

// Tabs

function select(group, card, focus) {
  for (const tab of group.querySelectorAll("[role=tab]")) {
    const selected = tab.getAttribute("aria-controls") === card.id;
    tab.setAttribute("aria-selected", String(selected));
    tab.tabIndex = selected ? 0 : -1;
    if (selected && focus) tab.focus();
  }
  for (const each of group.querySelectorAll(".zw-group__card")) each.hidden = each !== card;
}

function makeTab(group, card, place, cards) {
  const tab = document.createElement("button");
  const heading = card.querySelector(".zw-group__name");
  tab.type = "button";
  tab.id = `tab-${card.id}`;
  tab.textContent = heading.textContent;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", card.id);
  tab.addEventListener("click", () => select(group, card, false));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    select(group, cards[(place + step + cards.length) % cards.length], true);
  });
  card.setAttribute("role", "tabpanel");
  card.setAttribute("aria-labelledby", tab.id);
  return tab;
}

function makeTabs(group) {
  const cards = [...group.querySelectorAll(".zw-group__card")];
  if (cards.length < 2) {
    group.dataset.single = "";
    return;
  }
  const list = document.createElement("div");
  list.className = "zw-tabs";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-labelledby", group.getAttribute("aria-labelledby"));
  list.append(...cards.map((card, place) => makeTab(group, card, place, cards)));
  group.querySelector(".zw-group__title").after(list);
  group.dataset.tabbed = "";
  const named = cards.find((card) => `#${card.id}` === location.hash);
  select(group, named ?? cards[0], false);
}

// Keys

const keysOn = document.getElementById("keys-on");

function press(event) {
  if (!keysOn.checked || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, select, textarea, [role=tablist], .zw-fold__body")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const link = /^\w+$/.test(key) && dashboard.querySelector(`[data-key="${key}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
}

// Begin

for (const part of partsOf(dashboard)) received.set(part.id, part.innerHTML);
for (const group of dashboard.querySelectorAll(".zw-group")) makeTabs(group);
const fold = document.getElementById("graph-fold");
fold.open = false;
fold.dataset.ready = "";
document.getElementById("keys").hidden = false;
keysOn.checked = localStorage.getItem("dashboard-keys") !== "off";
keysOn.addEventListener("change", () => localStorage.setItem("dashboard-keys", keysOn.checked ? "on" : "off"));
addEventListener("keydown", press);
draw();
setTimeout(look, EVERY);
