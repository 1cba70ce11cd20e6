import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "../..");
const importOf =
  /(?:^|\n)\s*(?:import|export)\s(?:[^"'`;]*?\sfrom\s+)?["'](\.{1,2}\/[^"']+)["']|import\(\s*["'](\.{1,2}\/[^"']+)["']\s*\)/g;

/** Source files of a folder, and what each imports of ours, as paths from the root. */
function arrows(folder: string): [from: string, to: string][] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file))
    .flatMap((file) => {
      const source = readFileSync(join(root, file), "utf8");
      return [...source.matchAll(importOf)].map(([, a, b]): [string, string] => [
        file,
        relative(root, join(root, dirname(file), a ?? b!)),
      ]);
    });
}

/** Who may import what (CONTRIBUTING); the folder itself is always allowed. */
const allowed: Record<string, RegExp> = {
  core: /^core\//,
  vault: /^(vault|core)\//,
  nodes: /^(nodes\/|core\/|vault\/(client\.ts|protocol\/)|pages\/words\/)/,
  pages: /^pages\//,
  cli: /^(cli\/|core\/|vault\/(client\.ts|config\.ts|protocol\/))/,
};

describe("the house's arrows", () => {
  for (const [folder, may] of Object.entries(allowed)) {
    it(`${folder}/ imports only what it may`, () => {
      const wrong = arrows(folder).filter(([, to]) => !may.test(to));
      assert.deepEqual(
        wrong.map((arrow) => arrow.join(" -> ")),
        [],
      );
    });
  }

  it("finds arrows at all", () => {
    assert.ok(arrows("core").length > 20);
    assert.ok(arrows("nodes").some(([, to]) => to === "vault/client.ts"));
  });

  it("core's folders form no cycle", () => {
    const room = (path: string): string => path.split("/")[1]!;
    const doors = new Map<string, Set<string>>();
    for (const [from, to] of arrows("core")) {
      // files in core itself are the ground floor: they lead nowhere
      if (from.split("/").length < 3 || to.split("/").length < 3 || room(from) === room(to)) continue;
      doors.set(room(from), (doors.get(room(from)) ?? new Set()).add(room(to)));
    }
    const walk = (at: string, path: readonly string[]): void => {
      assert.ok(!path.includes(at), [...path, at].join(" -> "));
      for (const next of doors.get(at) ?? []) walk(next, [...path, at]);
    };
    for (const start of doors.keys()) walk(start, []);
  });
});
