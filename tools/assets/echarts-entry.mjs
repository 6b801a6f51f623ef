/** The parts of Apache ECharts that the dashboard uses; the build makes them the global `echarts`. */
import langDE from "echarts/i18n/langDE-obj.js";
import { BarChart, FunnelChart, HeatmapChart, LineChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  VisualMapComponent,
} from "echarts/components";
import { registerLocale, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  BarChart,
  FunnelChart,
  HeatmapChart,
  LineChart,
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  MarkPointComponent,
  TooltipComponent,
  VisualMapComponent, // a heatmap does not draw without one
  CanvasRenderer,
]);
registerLocale("DE", langDE);

export { color, format, getInstanceByDom, init, registerTheme, time, version } from "echarts/core";
