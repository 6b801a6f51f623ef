/* One chart of each kind, with everything the dashboard switches on. */
const days = ["Mo", "Di", "Mi", "Do", "Fr"];
const tooltip = { renderMode: "richText" };
const category = { type: "category", data: days };
const axes = { grid: {}, legend: {}, xAxis: category, yAxis: {}, tooltip: { ...tooltip, trigger: "axis" } };
const rows = [["Tag", "Aufrufe"], ...days.map((day, index) => [day, index * 3 + 1])];
const cells = days.map((_, index) => [index, index, index]);
const OPTIONS = {
  line: {
    ...axes,
    dataset: { source: rows },
    series: {
      type: "line",
      areaStyle: {},
      markLine: { data: [{ type: "average" }] },
      markPoint: { data: [{ type: "max" }] },
      markArea: { data: [[{ xAxis: "Do" }, { xAxis: "Fr" }]] },
    },
  },
  bar: { ...axes, dataset: { source: rows }, series: { type: "bar" } },
  heatmap: { ...axes, yAxis: category, tooltip, visualMap: { min: 0, max: 5 }, series: { type: "heatmap", data: cells } },
  funnel: { legend: {}, tooltip, series: { type: "funnel", data: days.map((name, index) => ({ name, value: 5 - index })) } },
};

for (const [id, option] of Object.entries(OPTIONS)) {
  const chart = echarts.init(document.getElementById(id), null, { locale: "DE" });
  chart.on("finished", () => document.getElementById(id).setAttribute("data-drawn", "true"));
  chart.setOption({ aria: { enabled: true, decal: { show: true } }, ...option });
  chart.dispatchAction({ type: "showTip", seriesIndex: 0, dataIndex: 2 });
}
