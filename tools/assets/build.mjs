import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { STATIC } from "./files.mjs";
import { TASKS } from "./tasks.mjs";

/** Build everything under `target`, which then holds what static/ should. */
export async function buildAll(target) {
  for (const { folder, build } of TASKS) {
    const place = join(target, folder);
    await rm(place, { recursive: true, force: true });
    await mkdir(place, { recursive: true });
    await build(place);
    console.log(`built ${folder}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await buildAll(STATIC);
