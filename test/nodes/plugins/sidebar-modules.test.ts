import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browserModules } from "../../../nodes/plugins/sidebar-modules.ts";

const root = join(import.meta.dirname, "../../..");

describe("the rules as the editor loads them", () => {
  const modules = browserModules(root, "core/policy/browser.ts");

  it("are the rules themselves, without anything of Node's", () => {
    assert.ok(modules.has("core/policy/rules/another-way.ts"));
    assert.ok(modules.has("core/policy/words/zh-TW.json"));
    for (const [name, text] of modules)
      assert.doesNotMatch(text, /\bfrom\s+"(?!\.)|\brequire\(|"node:/, name);
  });

  it("hold nothing but the core", () => {
    for (const name of modules.keys()) assert.match(name, /^core\//);
  });

  it("need no support for JSON modules", () => {
    for (const [name, text] of modules) {
      assert.doesNotMatch(text, /with\s*\{\s*type/, name);
      if (name.endsWith(".json")) assert.match(text, /^export default \{/);
    }
  });

  it("are refused where one would need what no browser has", () => {
    const folder = mkdtempSync(join(tmpdir(), "limen-modules-"));
    writeFileSync(
      join(folder, "a.ts"),
      'import { readFileSync } from "node:fs";\nexport const a = readFileSync;\n',
    );
    assert.throws(() => browserModules(folder, "a.ts"), /imports node:fs/);
    rmSync(folder, { recursive: true });
  });
});
