// The summary of feedback: draws satisfaction over time with its interval, out of its table.

import { colour } from "./graph.js";

const fold = document.getElementById("graph-fold");
const place = document.getElementById("chart");
let chart;

const percent = (value) => value.toLocaleString(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 });

function readTable() {
  return [...document.getElementById("graph").tBodies[0].rows].map(({ cells }) => ({
    tick: cells[0].dataset.tick,
    label: cells[0].textContent.trim().replace(/\s+/g, " "),
    share: Number(cells[1].dataset.value),
    low: Number(cells[1].dataset.low),
    high: Number(cells[1].dataset.high),
    rated: cells[3].textContent.trim(),
  }));
}

// Two stacked areas: up to the low end without colour, from there to the high end with it.
function band(data, area) {
  const part = { type: "line", stack: "band", symbol: "none", silent: true, animation: false, lineStyle: { opacity: 0 } };
  return [
    { ...part, data: data.map((row) => row.low) },
    { ...part, data: data.map((row) => row.high - row.low), areaStyle: { color: area } },
  ];
}

function draw() {
  const data = readTable();
  const [now, area, text, rule] = ["--zw-graph", "--zw-graph-area", "--zw-graph-text", "--zw-graph-line"].map(colour);
  const font = { color: text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
  const title = document.getElementById("graph-title").textContent;
  chart ??= echarts.init(place);
  chart.setOption({
    aria: { enabled: true, label: { description: `${title}. ${place.dataset.description}` } },
    grid: { left: 4, right: 12, top: 16, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      data: data.map((row) => row.tick),
      boundaryGap: false,
      axisLabel: { ...font, hideOverlap: true },
      axisLine: { lineStyle: { color: rule } },
      axisTick: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      max: 1,
      interval: 0.25,
      axisLabel: { ...font, formatter: percent },
      splitLine: { lineStyle: { color: rule } },
    },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      formatter: ([{ dataIndex }]) => {
        const row = data[dataIndex];
        return `${row.label}\n${percent(row.share)} (${percent(row.low)} – ${percent(row.high)}), n = ${row.rated}`;
      },
    },
    series: [
      ...band(data, area),
      {
        type: "line",
        data: data.map((row) => row.share),
        symbolSize: 6,
        lineStyle: { width: 2.5, color: now },
        itemStyle: { color: now },
        animation: false,
        emphasis: { disabled: true },
      },
    ],
  }, { notMerge: true });
}

fold.open = false;
fold.dataset.ready = "";
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
draw();
new ResizeObserver(() => chart.resize()).observe(place);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
