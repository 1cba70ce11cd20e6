import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** The folders that are compiled or copied into `dist/`. */
export const sourceFolders = ["core", "vault", "nodes", "pages", "cli"] as const;

/** Every file below a folder, as paths from the root. */
export function filesIn(root: string, folder: string): string[] {
  const start = join(root, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

/** The nodes: folders with a `config.ts` and a file of their own name. */
export function nodeTypes(root: string): string[] {
  return readdirSync(join(root, "nodes"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((type) =>
      ["config.ts", `${type}.ts`].every((file) => existsSync(join(root, "nodes", type, file))),
    )
    .sort();
}

/** The plugins by name, each with its source without ending: `nodes/plugins/*` and a folder's own `plugin.ts`. */
export function plugins(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of filesIn(root, "nodes/plugins")) {
    if (file.split("/").length !== 3) continue;
    const path = file.replace(/(\.editor)?\.(ts|html)$/, "");
    const isPlugin =
      /\.(html|editor\.ts)$/.test(file) ||
      (file.endsWith(".ts") && /^export default /m.test(readFileSync(join(root, file), "utf8")));
    if (isPlugin) found.set(basename(path), path);
  }
  for (const entry of readdirSync(join(root, "nodes"))) {
    if (existsSync(join(root, "nodes", entry, "plugin.ts")))
      found.set(`limen-${entry}`, `nodes/${entry}/plugin`);
  }
  // what every form shares must be there before any node registers
  const names = [...found.keys()].sort(
    (a, b) => Number(b === "limen-editor") - Number(a === "limen-editor") || (a < b ? -1 : 1),
  );
  return new Map(names.map((name) => [name, found.get(name)!]));
}

/** The newest change of everything the build reads, and how many files there are: together they tell a stale tree. */
export function fingerprint(root: string): string {
  let newest = 0;
  let count = 0;
  const look = (path: string): void => {
    count++;
    newest = Math.max(newest, statSync(join(root, path)).mtimeMs);
  };
  for (const folder of [...sourceFolders, "scripts"]) for (const file of filesIn(root, folder)) look(file);
  for (const file of ["settings.ts", "package.json", "tsconfig.json", "tsconfig.build.json"]) {
    if (existsSync(join(root, file))) look(file);
  }
  return `${count} ${newest}`;
}
