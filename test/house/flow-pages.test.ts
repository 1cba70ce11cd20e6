import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rules } from "../../core/policy/rules/index.ts";
import { communitiesPage, rulesPage } from "../../scripts/flow-pages.ts";
import { flowsIn } from "../flows/files.ts";

const doc = (name: string): string => readFileSync(join(import.meta.dirname, "../../docs", name), "utf8");

describe("the pages about the flow rules and the communities", () => {
  it("say what the rules say", () => {
    assert.equal(doc("flow-rules.md"), rulesPage(), "run node scripts/flow-pages.ts");
    for (const { id } of rules) assert.ok(doc("flow-rules.md").includes(`(\`${id}\`)`), id);
  });

  it("say of every community what it is, and of its twin what refuses it", () => {
    assert.equal(doc("communities.md"), communitiesPage(), "run node scripts/flow-pages.ts");
    for (const file of flowsIn("flows/communities"))
      assert.ok(doc("communities.md").includes(file.split("/").at(-1)!));
    assert.equal(doc("communities.md").match(/^\| `/gm)?.length, flowsIn("flows/communities").length);
  });
});
