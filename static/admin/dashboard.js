// The dashboard: draws the graph out of its table, turns cards into tabs, follows links without leaving the page,
// and brings the figures up to date while today is shown. Everything is there without it.
"use strict";

(() => {
  const EVERY = 1000; // ms between two looks at the server; a new beacon shows within two seconds
  const SLOWER = 10000; // ms while the server does not answer
  const dashboard = document.getElementById("dashboard");
  const chosen = {}; // group → the card whose tab is selected
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

  async function load(address, onlyIfChanged) {
    const url = new URL(address, location.href);
    url.searchParams.set("fragment", "1");
    const headers = onlyIfChanged ? { "If-None-Match": `"${dashboard.dataset.signature}"` } : {};
    const answer = await fetch(url, { headers, cache: "no-store", redirect: "manual" });
    if (answer.status === 304) return true;
    return answer.ok && takeOver(await answer.text());
  }

  // Links within the page

  async function follow(address) {
    try {
      if (await load(address, false)) {
        history.pushState(null, "", address);
        return;
      }
    } catch {
      // the browser tells why
    }
    location.assign(address);
  }

  dashboard.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-swap]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    follow(link.href);
  });
  addEventListener("popstate", () => load(location.href, false).catch(() => location.reload()));

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
    chosen[group.dataset.group] = card.id;
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

  // Graph

  let chart;

  const numberOf = (cell) => (!cell || cell.dataset.value === "" ? null : Number(cell.dataset.value));

  function readTable() {
    const table = document.getElementById("graph");
    const headings = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows].map((row) => {
      const [label, value, beforeLabel, before] = row.cells;
      return {
        state: row.dataset.state,
        tick: label.dataset.tick,
        label: label.textContent.trim(),
        value: numberOf(value),
        text: value.textContent.trim(),
        beforeLabel: beforeLabel?.textContent.trim(),
        before: numberOf(before),
        beforeText: before?.textContent.trim(),
      };
    });
    return { headings, rows, kind: table.dataset.kind, bars: ["week", "month"].includes(table.dataset.interval) };
  }

  // Any CSS colour as rgba(): the charts' library does not know oklch().
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  function colour(name) {
    brush.clearRect(0, 0, 1, 1);
    brush.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    brush.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
    return `rgba(${red},${green},${blue},${alpha / 255})`;
  }

  function axisText(kind, value) {
    const language = document.documentElement.lang;
    if (kind === "percent") return value.toLocaleString(language, { style: "percent", maximumFractionDigits: 1 });
    if (kind === "duration") return `${Math.floor(value / 60)}:${String(Math.round(value % 60)).padStart(2, "0")}`;
    return value.toLocaleString(language, { maximumFractionDigits: 1 });
  }

  // The tip is made of text nodes only, and is in sight of nobody but the mouse: the table says the same.
  const tip = document.createElement("div");
  let shown; // what the graph shows, as read from the table

  function showTip(event) {
    const place = Math.round(chart.convertFromPixel({ xAxisIndex: 0 }, event.offsetX));
    const row = shown.rows[place];
    tip.hidden = !row;
    if (!row) return;
    const lines = [[row.label, ""], [shown.headings[1], row.text]];
    if (row.beforeLabel) lines.push([row.beforeLabel, ""], [shown.headings[3], row.beforeText]);
    tip.replaceChildren(...lines.map(([name, text]) => {
      const line = document.createElement("p");
      line.append(name, ...(text ? [document.createElement("strong")] : []));
      if (text) line.lastChild.textContent = text;
      return line;
    }));
    const left = event.offsetX + (event.offsetX > chart.getWidth() / 2 ? -tip.offsetWidth - 16 : 16);
    tip.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, event.offsetY - tip.offsetHeight / 2)}px)`;
  }

  function makeChart(place) {
    chart = echarts.init(place);
    tip.className = "zw-tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    place.append(tip);
    chart.getZr().on("mousemove", showTip);
    chart.getZr().on("globalout", () => (tip.hidden = true));
  }

  const line = (data, width, style) => ({
    type: "line",
    data,
    symbolSize: 5,
    showSymbol: data.filter((value) => value !== null).length < 2,
    lineStyle: { width, color: style.colour, type: style.dashed ? [6, 5] : "solid" },
    itemStyle: { color: style.colour },
    areaStyle: style.area ? { color: style.area } : undefined,
    emphasis: { disabled: true },
    animation: false,
  });

  function lines(data, now, area, before) {
    const running = data.rows.findIndex((row) => row.state === "running");
    const solid = data.rows.map((row) => (row.state === "done" ? row.value : null));
    const dashed = data.rows.map((row, place) => (running >= 0 && (place === running || place === running - 1) ? row.value : null));
    const series = [line(solid, 2.5, { colour: now, area })];
    if (running >= 0) series.push(line(dashed, 2.5, { colour: now, dashed: true }));
    if (data.headings.length > 2) series.unshift(line(data.rows.map((row) => row.before), 1.5, { colour: before }));
    return series;
  }

  function bars(data, now, area, before) {
    const value = (row) => ({
      value: row.value,
      itemStyle: row.state === "running" ? { color: area, borderColor: now, borderType: [4, 3], borderWidth: 1 } : { color: now },
    });
    const series = [{ type: "bar", data: data.rows.map(value), barMaxWidth: 36, emphasis: { disabled: true }, animation: false }];
    if (data.headings.length > 2) {
      const earlier = data.rows.map((row) => row.before);
      series.unshift({ ...series[0], data: earlier, itemStyle: { color: before, opacity: 0.45 } });
    }
    return series;
  }

  function draw() {
    const place = document.getElementById("chart");
    const data = readTable();
    const [now, area, before, text, rule] = [
      "--zw-graph", "--zw-graph-area", "--zw-graph-before", "--zw-graph-text", "--zw-graph-line",
    ].map(colour);
    const font = { color: text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
    shown = data;
    if (!chart) makeChart(place);
    chart.setOption({
      aria: { enabled: true, label: { description: `${data.headings[1]}. ${place.dataset.description}` } },
      grid: { left: 4, right: 12, top: 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
      xAxis: {
        type: "category",
        data: data.rows.map((row) => row.tick),
        boundaryGap: data.bars || data.rows.length < 2,
        axisLabel: { ...font, hideOverlap: true },
        axisLine: { lineStyle: { color: rule } },
        axisTick: { show: false },
      },
      yAxis: {
        type: "value",
        min: 0,
        minInterval: data.kind === "number" ? 1 : 0,
        splitNumber: 4,
        axisLabel: { ...font, formatter: (value) => axisText(data.kind, value) },
        splitLine: { lineStyle: { color: rule } },
      },
      tooltip: {
        trigger: "axis",
        showContent: false,
        axisPointer: { type: data.bars ? "shadow" : "line", lineStyle: { color: before } },
      },
      series: (data.bars ? bars : lines)(data, now, area, before),
    }, { notMerge: true });
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
  new ResizeObserver(() => chart.resize()).observe(document.getElementById("chart"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  setTimeout(look, EVERY);
})();
