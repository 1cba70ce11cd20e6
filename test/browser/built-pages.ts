import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const source = fileURLToPath(new URL("../../pages/", import.meta.url));

/**
 * The pages as a browser takes them, made from source into a folder of their own: no build needed.
 * @returns the folder, and how to be rid of it
 */
export function builtPages(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "limen-pages-"));
  cpSync(source, folder, { recursive: true });
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const plain = stripTypeScriptTypes(readFileSync(join(folder, file), "utf8"));
    writeFileSync(
      join(folder, file.replace(/\.ts$/, ".js")),
      plain.replace(/(from "\.[^"]+)\.ts"/g, '$1.js"'),
    );
    rmSync(join(folder, file));
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
