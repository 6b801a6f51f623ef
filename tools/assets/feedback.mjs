import { transform } from "esbuild";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { minify } from "terser";

import { sha256, STATIC, write } from "./files.mjs";

const SOURCE = "feedback.js";
const FOLDER = "feedback";
const STYLE = `${FOLDER}/feedback.css`;
const ONLY_PAGE = "page_"; // texts of the page without JavaScript

/**
 * static/feedback.js with its style and one language → feedback.<language>.min.js, for each static/feedback/*.json;
 * returns what the manifest says of them.
 */
export async function buildFeedback(folder) {
  const entries = {};
  for (const language of await languages()) {
    const sources = [SOURCE, STYLE, `${FOLDER}/${language}.json`];
    const built = await widget(language);
    const name = `feedback.${language}.min.js`;
    entries[name] = { sources: await hashes(sources), sha256: sha256(built) };
    await write(join(folder, name), built);
    console.log(`${name}: ${brotliCompressSync(built).length} B brotli, ${Buffer.byteLength(built)} B plain`);
  }
  return entries;
}

const read = (name) => readFile(join(STATIC, name), "utf8");

async function languages() {
  const names = await readdir(join(STATIC, FOLDER));
  return names.filter((name) => name.endsWith(".json")).map((name) => name.replace(".json", "")).sort();
}

async function hashes(names) {
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, sha256(await read(name))])));
}

async function widget(language) {
  const texts = Object.entries(JSON.parse(await read(`${FOLDER}/${language}.json`)));
  const { code: style } = await transform(await read(STYLE), { loader: "css", minify: true });
  const { code } = await minify(await read(SOURCE), {
    ecma: 2020,
    toplevel: true,
    compress: {
      passes: 4,
      unsafe_arrows: true,
      keep_fargs: false,
      pure_getters: true,
      global_defs: {
        STYLE: style.trim(),
        LANGUAGE: language,
        TEXTS: Object.fromEntries(texts.filter(([key]) => !key.startsWith(ONLY_PAGE))),
      },
    },
    mangle: true,
  });
  return code.replace(/;$/, "");
}
