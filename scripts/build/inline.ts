import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

const importLine = /^import\s+(type\s)?[^;]*?from\s+"([^"]+)";$|^import\s+"([^"]+)";$/gm;
const localImport = /^\.{1,2}\//;

/**
 * One script for a browser page from a TypeScript module and what it imports by relative path: types stripped, imports
 * put in front once each, exports made plain. Top-level names of the files must differ; the test of each page says so.
 * @throws Error when it imports a package
 */
export function inlineModule(file: string): string {
  const done = new Set<string>();
  const parts: string[] = [];
  const take = (path: string): void => {
    if (done.has(path)) return;
    done.add(path);
    const source = readFileSync(path, "utf8");
    for (const [line, typeOnly, from, bare] of source.matchAll(importLine)) {
      const target = from ?? bare!;
      if (typeOnly || target.endsWith(".d.ts")) continue;
      if (!localImport.test(target)) throw new Error(`${path}: the editor cannot import a package (${line})`);
      take(join(dirname(path), target));
    }
    const stripped = stripTypeScriptTypes(source, { mode: "strip" })
      .replace(importLine, "")
      .replace(/^import\b[\s\S]*?;$/gm, "")
      .replace(/^export (?=(const|let|function|async|class)\b)/gm, "")
      .replace(/^export\s*\{[^}]*\}.*$/gm, "");
    parts.push(
      stripped
        .replace(/[ \t]+$/gm, "")
        .replace(/\n{2,}/g, "\n")
        .trim(),
    );
  };
  take(file);
  return `(() => {\n"use strict";\n${parts.join("\n")}\n})();`;
}

/** Script text that cannot end its own element. */
export const inScript = (code: string): string => code.replaceAll("</script", "<\\/script");
