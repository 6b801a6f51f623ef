import { build } from "esbuild";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { copy, inModule, versionOf, write } from "./files.mjs";

const LICENCES = {
  LICENSE: ["echarts", "LICENSE"],
  NOTICE: ["echarts", "NOTICE"],
  "LICENSE-d3": ["echarts", "licenses", "LICENSE-d3"],
  "LICENSE-zrender": ["zrender", "LICENSE"],
  "LICENSE-tslib": ["tslib", "LICENSE.txt"],
};

/** The custom Apache ECharts build, as the global `echarts`, with every licence of what went into it. */
export async function buildEcharts(folder) {
  const versions = { echarts: await versionOf("echarts"), zrender: await versionOf("zrender") };
  await bundle(join(folder, "echarts.min.js"), versions);
  for (const [name, source] of Object.entries(LICENCES)) await copy(inModule(...source), join(folder, name));
  await write(join(folder, "README.md"), readme(versions));
}

async function bundle(outfile, { echarts, zrender }) {
  await build({
    entryPoints: [fileURLToPath(new URL("echarts-entry.mjs", import.meta.url))],
    outfile,
    bundle: true,
    minify: true,
    format: "iife",
    globalName: "echarts",
    target: "es2020",
    define: { "process.env.NODE_ENV": '"production"' },
    legalComments: "none",
    banner: {
      js: `/*! Apache ECharts ${echarts} (Apache-2.0) with zrender ${zrender} (BSD-3-Clause), a custom build. Licences: see the files beside. */`,
    },
    logLevel: "warning",
  });
}

function readme({ echarts, zrender }) {
  return `# Apache ECharts ${echarts}

\`echarts.min.js\` is a custom build of the npm packages \`echarts\` ${echarts} (Apache-2.0, \`LICENSE\`, \`NOTICE\`; parts from d3,
\`LICENSE-d3\`), \`zrender\` ${zrender} (BSD-3-Clause, \`LICENSE-zrender\`) and \`tslib\` (0BSD, \`LICENSE-tslib\`), unchanged but
bundled and minified. It defines the global \`echarts\`; tools/assets/echarts-entry.mjs lists the parts in it.

Made by \`make assets\`; do not edit.

Tooltips need \`tooltip: { renderMode: "richText" }\`: those in HTML carry \`style\` attributes, which the strict
Content-Security-Policy of the dashboard forbids. The canvas renderer is the one built in.
`;
}
