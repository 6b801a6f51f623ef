import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const STATIC = join(ROOT, "static");

const MODULES = join(ROOT, "node_modules");

export const inModule = (...names) => join(MODULES, ...names);

export async function versionOf(module) {
  return JSON.parse(await readFile(inModule(module, "package.json"), "utf8")).version;
}

export async function write(target, content) {
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}

/** The content only: packages carry file modes that do not belong here. */
export async function copy(source, target) {
  await write(target, await readFile(source));
}

export function sha256(content) {
  return createHash("sha256").update(content).digest("hex");
}

/** The files under a folder, as a map of relative path to SHA-256; empty if there is no such folder. */
export async function digests(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = paths.map(async (path) => [relative(folder, path), sha256(await readFile(path))]);
  return new Map(await Promise.all(pairs));
}
