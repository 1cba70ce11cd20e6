import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { run } from "../../cli/lint.ts";
import { type Finding, forVault } from "../../core/policy/finding.ts";
import { judge, judgeFrom, judgeRunning, markDeployed } from "../../nodes/plugins/flow-gate-judge.ts";
import { browserModules } from "../../nodes/plugins/sidebar-modules.ts";
import { isLawful } from "../../vault/site.ts";
import { flowsIn, readFlow, root } from "./files.ts";

const communities = flowsIn("flows/communities");
const twins = flowsIn("test/flows/as-reported");

/** What places that judge have to agree on. */
type Judged = Pick<Finding, "rule" | "severity" | "node" | "door" | "params">;
const bare = (findings: readonly Judged[]): Judged[] =>
  findings.map(({ rule, severity, node, door, params }) => ({
    rule,
    severity,
    node,
    params,
    ...(door === undefined ? {} : { door }),
  }));

/** Deploy, start-up, command line and editor: one judgement. What each does with it is tested where it does it. */
describe("communities and their twins, in all four places", () => {
  let folder: string;
  let editor: typeof import("../../core/policy/browser.ts");
  let printed: { file: string; lawful: boolean; findings: Finding[] }[];
  const env = process.env.LIMEN_PAPERS;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "limen-everywhere-"));
    delete process.env.LIMEN_PAPERS;
    // the editor's rules are what the sidebar serves: written out, and loaded as a browser loads them
    for (const [name, text] of browserModules(root, "core/policy/browser.ts")) {
      // Node takes plain JavaScript by another name
      const served = text.replace(/(\bfrom\s+"[^"]+)\.(?:ts|json)"/g, '$1.mjs"');
      const file = join(folder, "rules", name.replace(/\.(?:ts|json)$/, ".mjs"));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, served);
    }
    const entry = join(folder, "rules/core/policy/browser.mjs");
    editor = (await import(pathToFileURL(entry).href)) as typeof editor;
    const lines: string[] = [];
    const code = await run([...communities, ...twins, "--json"].map(fromRoot), (line) => lines.push(line));
    assert.equal(code, 1);
    printed = JSON.parse(lines.join("\n")) as typeof printed;
  });
  after(() => {
    if (env !== undefined) process.env.LIMEN_PAPERS = env;
    judgeFrom("");
    rmSync(folder, { recursive: true, force: true });
  });

  it("are twelve each, judged by the command line in one go", async () => {
    assert.deepEqual([communities.length, twins.length], [12, 12]);
    assert.deepEqual(
      printed.map(({ lawful }) => lawful),
      [...communities.map(() => true), ...twins.map(() => false)],
    );
    assert.equal(await run(communities.map(fromRoot), () => undefined), 0);
  });

  for (const file of [...communities, ...twins])
    it(`${file} is ${communities.includes(file) ? "accepted" : "refused"} everywhere, for the same`, () => {
      const flow = readFlow(file);
      const lawful = communities.includes(file);
      const said = bare(printed.find((each) => each.file === fromRoot(file))!.findings);
      assert.equal(said.length === 0, lawful);
      // the box as it starts with this flow in its file, deployed as it is
      const data = mkdtempSync(join(folder, "data-"));
      judgeFrom(data);
      markDeployed(flow);
      const running = judgeRunning(flow);
      assert.equal(isLawful(forVault(running)), lawful, "the vault's relays");
      assert.deepEqual(bare(running), said, "start-up");
      assert.deepEqual(bare(judge(flow)), said, "deploy");
      const now = new Date().toISOString();
      assert.deepEqual(bare(editor.lint(flow, { now })), said, "editor");
    });
});

const fromRoot = (path: string): string => (path.startsWith("--") ? path : join(root, path));
