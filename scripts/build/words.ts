import { readFileSync } from "node:fs";
import { join } from "node:path";
import { flatten, languages, write } from "./pages.ts";
import { filesIn, sourceFolders } from "./sources.ts";

/**
 * The catalogue every node's status shares: one entry a code, from the `words/` of every folder. A status has no room
 * for numbers, so placeholders become an ellipsis.
 */
export function writeSharedWords(root: string): void {
  for (const language of languages) {
    const own = JSON.parse(
      readFileSync(join(root, `nodes/lib/editor/locales/${language}.json`), "utf8"),
    ) as object;
    const error: Record<string, string> = {};
    const attempt: Record<string, string> = {};
    for (const [key, sentence] of wordsOf(root, language)) {
      const [kind, code, ...rest] = key.split(".");
      if (rest.length > 0 || !code) continue;
      if (kind === "error") error[code] = sentence.replace(/\{\w+\}/g, "…");
      if (kind === "attempt") attempt[code] = sentence.replace(/\{\w+\}/g, "…");
    }
    // an error may carry an attempt's code
    const catalogue = { ...own, error: { ...attempt, ...error }, attempt };
    write(
      join(root, "dist/nodes/plugins/locales", language, "limen-editor.json"),
      `${JSON.stringify(catalogue, null, 2)}\n`,
    );
  }
}

/** Every sentence of one language, from the `words/<language>.json` files. */
export function wordsOf(root: string, language: string): Map<string, string> {
  const all = new Map<string, string>();
  for (const folder of sourceFolders) {
    for (const file of filesIn(root, folder).filter((path) => path.endsWith(`/words/${language}.json`))) {
      const words = JSON.parse(readFileSync(join(root, file), "utf8")) as object;
      for (const [key, sentence] of flatten(words)) all.set(key, sentence);
    }
  }
  return all;
}
