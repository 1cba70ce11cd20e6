// Makes `dist/`: the compiler's output, everything that is not TypeScript beside it, and what Node-RED's editor loads for
// each node. `--changed` does nothing when nothing changed; `--sync` writes the node list into package.json.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { checkManifest } from "./build/manifest.ts";
import { writeNodePage, writePluginPage } from "./build/pages.ts";
import { filesIn, fingerprint, nodeTypes, plugins, sourceFolders } from "./build/sources.ts";
import { writeSharedWords } from "./build/words.ts";

const root = join(import.meta.dirname, "..");
const stamp = join(root, "dist/.built");
const { values: options } = parseArgs({
  options: { changed: { type: "boolean", default: false }, sync: { type: "boolean", default: false } },
});

const now = fingerprint(root);
if (options.changed && existsSync(stamp) && readFileSync(stamp, "utf8") === now) process.exit(0);

const compiler = spawnSync(
  process.execPath,
  [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")],
  { stdio: "inherit" },
);
copyAssets();
writeSharedWords(root);
for (const type of nodeTypes(root)) await writeNodePage(root, type);
for (const source of plugins(root).values()) writePluginPage(root, source);

const differences = checkManifest(root, options.sync);
for (const line of differences) console.error(line);
if (differences.length > 0) console.error("node scripts/build.ts --sync writes them");
if (compiler.status !== 0 || differences.length > 0) process.exit(1);
writeFileSync(stamp, fingerprint(root));

/** Words, pictures, pages, styles: everything beside the sources that is not TypeScript. Help pages are made, not copied. */
function copyAssets(): void {
  const isHelp = /^nodes\/[^/]+\/locales\/.*\.html$/;
  for (const folder of sourceFolders) {
    for (const file of filesIn(root, folder)) {
      if (file.endsWith(".ts") || file.endsWith(".md") || isHelp.test(file)) continue;
      const target = join(root, "dist", file);
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(join(root, file), target);
    }
  }
}
