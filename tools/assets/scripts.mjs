import { join } from "node:path";

import { buildFeedback } from "./feedback.mjs";
import { write } from "./files.mjs";
import { buildSnippet } from "./snippet.mjs";

/**
 * What foreign pages include, and a manifest with the hashes of each file and its sources, from which a test without
 * Node sees that one was changed without the other.
 */
export async function buildScripts(folder) {
  const manifest = { ...(await buildSnippet(folder)), ...(await buildFeedback(folder)) };
  await write(join(folder, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
}
