// A graph over time, drawn out of its table, so that the two cannot differ. `echarts` is the charts' library.

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
      note: row.querySelector("[data-note]")?.dataset.note,
    };
  });
  return { headings, rows, kind: table.dataset.kind, bars: table.dataset.interval === "month" };
}

// Any CSS colour as rgba(): the charts' library does not know oklch().
const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

export function colour(name) {
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
  new ResizeObserver(() => chart.resize()).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
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

// Upright lines where something was noted, with the numbers that stand beside the notes.
function notes(data, text, font) {
  return {
    silent: true,
    symbol: "none",
    animation: false,
    lineStyle: { color: text, type: [2, 3], width: 1.5 },
    label: { ...font, formatter: ({ name }) => name, position: "end", distance: 2 },
    data: data.rows.flatMap((row, place) => (row.note ? [{ xAxis: place, name: row.note }] : [])),
  };
}

// Draws the table #graph into #chart, or draws it again after the table, the colours or the size have changed.
export function draw() {
  const place = document.getElementById("chart");
  const data = readTable();
  const [now, area, before, text, rule] = [
    "--zw-graph", "--zw-graph-area", "--zw-graph-before", "--zw-graph-text", "--zw-graph-line",
  ].map(colour);
  const font = { color: text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
  const series = (data.bars ? bars : lines)(data, now, area, before);
  shown = data;
  if (!chart) makeChart(place);
  if (data.rows.some((row) => row.note)) series[0].markLine = notes(data, text, font);
  chart.setOption({
    aria: { enabled: true, label: { description: `${data.headings[1]}. ${place.dataset.description}` } },
    grid: { left: 4, right: 12, top: series[0].markLine ? 26 : 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
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
    series,
  }, { notMerge: true });
}
