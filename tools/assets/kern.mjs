import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { copy, inModule, versionOf, write } from "./files.mjs";

const MODULE = "@kern-ux/native";
const OFL = fileURLToPath(new URL("fira-sans-OFL.txt", import.meta.url));

/** The weights that KERN's styles ask for. */
const FONTS = [
  { weight: 400, file: "FiraSans-Regular.woff2" },
  { weight: 500, file: "FiraSans-Medium.woff2" },
  { weight: 600, file: "FiraSans-SemiBold.woff2" },
];

/** KERN-UX's style sheet and the three cuts of Fira Sans that it uses, each with its licence. */
export async function buildKern(folder) {
  const dist = (...names) => inModule(MODULE, "dist", ...names);
  await copy(dist("kern.min.css"), join(folder, "kern.min.css"));
  await copy(inModule(MODULE, "LICENSE.md"), join(folder, "LICENSE.md"));
  await copy(OFL, join(folder, "fonts", "OFL.txt"));
  for (const { file } of FONTS) await copy(dist("fonts", "fira-sans", file), join(folder, "fonts", file));
  await write(join(folder, "fonts.css"), FONTS.map(fontFace).join("\n"));
  await write(join(folder, "README.md"), readme(await versionOf(MODULE)));
}

/** `swap`: text is there at once, in the system's font, until Fira Sans has come. */
function fontFace({ weight, file }) {
  return `@font-face {
  font-family: "Fira Sans";
  src: url("./fonts/${file}") format("woff2");
  font-weight: ${weight};
  font-style: normal;
  font-display: swap;
}
`;
}

function readme(version) {
  return `# KERN-UX ${version}

\`kern.min.css\` comes unchanged from the npm package \`${MODULE}\` ${version} (EUPL-1.2, \`LICENSE.md\`), and so do the three
cuts of Fira Sans (SIL Open Font License 1.1, \`fonts/OFL.txt\`) in \`fonts/\`. \`fonts.css\` declares those three.

Made by \`make assets\`; do not edit.
`;
}
