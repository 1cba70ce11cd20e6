import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, relative, sep } from "node:path";

const imports = /\bfrom\s+"([^"]+)"(?:\s+with\s*\{[^}]*\})?/g;
const asText = /(\bfrom\s+"[^"]+")\s+with\s*\{[^}]*\}/g;

/** A module of ours as a browser takes it. JSON becomes a module too: not every browser imports it as such. */
function forBrowser(file: string): string {
  const source = readFileSync(file, "utf8");
  if (file.endsWith(".json")) return `export default ${source.trim()};\n`;
  const plain = file.endsWith(".ts") ? stripTypeScriptTypes(source, { mode: "strip" }) : source;
  return plain.replace(asText, "$1").replace(/^\/\/# sourceMappingURL=.*$/m, "");
}

/**
 * A module and everything it imports, by their paths below `root` with forward slashes: the whole of what is served, so
 * that no path a browser asks for ever reaches the disk.
 * @throws Error for an import that is not one of our own files: it would not load in a browser
 */
export function browserModules(root: string, entry: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const open = [join(root, entry)];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    const name = relative(root, file).split(sep).join("/");
    if (found.has(name)) continue;
    const text = forBrowser(file);
    found.set(name, text);
    if (file.endsWith(".json")) continue;
    for (const [, target] of text.matchAll(imports)) {
      if (!target!.startsWith(".")) throw new Error(`${name} imports ${target}: no browser can`);
      open.push(join(dirname(file), target!));
    }
  }
  return found;
}
