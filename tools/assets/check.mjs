/** Build into a temporary folder and fail if what is committed under static/ differs from it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildAll } from "./build.mjs";
import { digests, STATIC } from "./files.mjs";
import { TASKS } from "./tasks.mjs";

function differences(fresh, committed) {
  const names = [...new Set([...fresh.keys(), ...committed.keys()])].sort();
  return names.filter((name) => fresh.get(name) !== committed.get(name)).map((name) => `${name} ${verdict(name, fresh, committed)}`);
}

function verdict(name, fresh, committed) {
  if (!committed.has(name)) return "is missing";
  if (!fresh.has(name)) return "is not made by the build";
  return "differs from a fresh build";
}

async function compare(folder, built) {
  const found = differences(await digests(join(built, folder)), await digests(join(STATIC, folder)));
  return found.map((line) => `static/${folder}/${line}`);
}

const built = await mkdtemp(join(tmpdir(), "zaehlwerk-assets-"));
try {
  await buildAll(built);
  const found = (await Promise.all(TASKS.map(({ folder }) => compare(folder, built)))).flat();
  for (const line of found) console.error(line);
  console.log(found.length ? "Run `make assets` and commit the result." : "The committed assets are what the build makes.");
  process.exitCode = found.length ? 1 : 0;
} finally {
  await rm(built, { recursive: true });
}
