// The report of a service: draws the graph and the funnels, each out of its table. Everything is there without it.

import { colour, draw } from "./graph.js";

const ROW = 44; // px of one step
const THINNEST = 0.012; // part of the longest bar that is drawn at least of what is not nothing

const number = (value) => value.toLocaleString(document.documentElement.lang);

function readSteps(table) {
  return [...table.tBodies[0].rows].map((row) => ({
    name: `${row.dataset.number} ${row.cells[0].dataset.name}`.trim(),
    reached: Number(row.dataset.reached),
    lost: Number(row.dataset.lost),
  }));
}

// A bar from the middle to both sides would hide small losses: bars begin at the left, what is lost stands at their end.
function drawFunnel(section, place, chart) {
  const steps = readSteps(section.querySelector("table"));
  const [on, lost, text, rule] = ["--zw-graph", "--zw-lost", "--zw-graph-text", "--zw-graph-line"].map(colour);
  const font = { color: text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 13 };
  const top = Math.max(...steps.map((step) => step.reached), 1);
  const narrow = place.clientWidth < 520; // then names stand above the bars
  const bar = { type: "bar", stack: "all", barWidth: narrow ? 14 : 22, silent: true, animation: false, barMinHeight: 0 };
  const title = section.querySelector("h2").textContent;
  chart.setOption({
    aria: { enabled: true, label: { description: `${title}. ${place.dataset.description}` } },
    grid: { left: 4, right: 64, top: narrow ? 12 : 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "value", max: top, show: false },
    yAxis: {
      type: "category",
      inverse: true,
      data: steps.map((step) => step.name),
      axisLabel: { ...font, show: !narrow, width: 230, overflow: "truncate" },
      axisLine: { lineStyle: { color: rule } },
      axisTick: { show: false },
    },
    series: [
      {
        ...bar,
        data: steps.map(() => 0),
        label: {
          ...font,
          show: narrow,
          position: "right",
          offset: [-5, -17],
          width: place.clientWidth - 16,
          overflow: "truncate",
          formatter: ({ dataIndex }) => steps[dataIndex].name,
        },
      },
      { ...bar, data: steps.map((step) => Math.max(0, step.reached - step.lost)), itemStyle: { color: on } },
      {
        ...bar,
        data: steps.map((step) => step.lost && Math.max(step.lost, top * THINNEST)),
        itemStyle: { color: lost },
      },
      {
        ...bar,
        data: steps.map(() => 0),
        label: {
          ...font,
          show: true,
          position: "right",
          formatter: ({ dataIndex }) => number(steps[dataIndex].reached),
        },
      },
    ],
  }, { notMerge: true });
}

function makeFunnel(place) {
  const section = place.closest("section");
  place.style.height = `${section.querySelectorAll("tbody tr").length * ROW + 8}px`;
  const chart = echarts.init(place);
  const again = () => {
    chart.resize();
    drawFunnel(section, place, chart);
  };
  new ResizeObserver(again).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  again();
}

const fold = document.getElementById("graph-fold");
if (fold) {
  fold.open = false;
  fold.dataset.ready = "";
  addEventListener("beforeprint", () => (fold.open = true));
  draw();
}
for (const place of document.querySelectorAll("[data-funnel]")) makeFunnel(place);
