import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeTypes, plugins } from "./sources.ts";

interface Manifest {
  "node-red": { nodes: Record<string, string>; plugins: Record<string, string> };
}

/** What package.json should tell Node-RED, going by the folders. */
export function expectedManifest(root: string): Pick<Manifest["node-red"], "nodes" | "plugins"> {
  const pluginFile = (source: string): string => `dist/${source}.${hasRuntime(root, source) ? "js" : "html"}`;
  return {
    nodes: Object.fromEntries(nodeTypes(root).map((type) => [type, `dist/nodes/${type}/${type}.js`])),
    plugins: Object.fromEntries([...plugins(root)].map(([name, source]) => [name, pluginFile(source)])),
  };
}

function hasRuntime(root: string, source: string): boolean {
  try {
    return readFileSync(join(root, `${source}.ts`)).length > 0;
  } catch {
    return false;
  }
}

/**
 * Compares package.json with the folders, or with `sync` brings it into line.
 * @returns what differs, one line each
 */
export function checkManifest(root: string, sync: boolean): string[] {
  const file = join(root, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  const expected = expectedManifest(root);
  const differences = (["nodes", "plugins"] as const).flatMap((kind) => {
    const have = manifest["node-red"][kind];
    const want = expected[kind];
    return [
      ...Object.keys(want)
        .filter((name) => have[name] !== want[name])
        .map((name) => `package.json node-red.${kind} lacks "${name}": "${want[name]}"`),
      ...Object.keys(have)
        .filter((name) => !(name in want))
        .map((name) => `package.json node-red.${kind} names "${name}", which has no folder`),
      ...(Object.keys(have)[0] !== Object.keys(want)[0] && kind === "plugins"
        ? ["package.json node-red.plugins must begin with limen-editor"]
        : []),
    ];
  });
  if (sync && differences.length > 0) {
    Object.assign(manifest["node-red"], expected);
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
    return [];
  }
  return differences;
}
