/** What is built, as a table: the folder under static/ that a task owns, and the function that fills it. */
import { buildEcharts } from "./echarts.mjs";
import { buildKern } from "./kern.mjs";
import { buildScripts } from "./scripts.mjs";

export const TASKS = [
  { folder: "build", build: buildScripts },
  { folder: "vendor/echarts", build: buildEcharts },
  { folder: "vendor/kern", build: buildKern },
];
