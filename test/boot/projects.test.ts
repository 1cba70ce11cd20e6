import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { flowHash } from "../../core/policy/flow-hash.ts";
import { readFlow } from "../flows/files.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault, token } from "./staffed-vault.ts";

const haveGit = spawnSync("git", ["--version"]).status === 0;
const root = join(import.meta.dirname, "../..");
const lawful = readFlow("flows/default.json");
const faceOnly = readFlow("test/flows/as-reported/nanhu-zhongyuan.json");
const other = lawful.map((node) => (node.type === "limen-door" ? { ...node, openSeconds: 9 } : node));

/** Limen's settings, with Projects switched on: nobody ships it so, but somebody may. */
const settings = `
const settings = require(${JSON.stringify(join(root, "dist/settings.js"))});
settings.editorTheme.projects = { enabled: true };
module.exports = settings;
`;

describe("Node-RED's Projects, which swap the flow file by git", () => {
  let folder: string;
  let vault: StaffedVault;
  let red: Booted;
  let repository: string;

  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", ...args], {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null" },
    });
  const commit = (flow: readonly object[], message: string): void => {
    writeFileSync(join(repository, "flows.json"), JSON.stringify(flow, null, 4));
    git("commit", "-qam", message);
  };

  before(async function () {
    if (!haveGit) this.skip();
    folder = mkdtempSync(join(tmpdir(), "limen-projects-"));
    vault = new StaffedVault();
    await vault.start();
    repository = join(folder, "node-red/projects/estate");
    mkdirSync(repository, { recursive: true });
    git("init", "-q", "-b", "main");
    writeFileSync(
      join(repository, "package.json"),
      JSON.stringify({
        name: "estate",
        version: "0.0.1",
        "node-red": { settings: { flowFile: "flows.json", credentialsFile: "flows_cred.json" } },
      }),
    );
    writeFileSync(join(repository, "flows.json"), JSON.stringify(lawful, null, 4));
    writeFileSync(join(repository, "flows_cred.json"), "{}");
    git("add", ".");
    git("commit", "-qm", "as deployed");
    git("checkout", "-qb", "face-only");
    commit(faceOnly, "only faces");
    git("checkout", "-qb", "other", "main");
    commit(other, "lawful, and deployed by nobody");
    git("checkout", "-q", "main");
    // the office's copy, in which somebody puts the face-only flow onto the branch that is deployed
    const office = join(folder, "office.git");
    git("clone", "-q", "--bare", ".", office);
    git("remote", "add", "origin", office);
    git("fetch", "-q", "origin");
    git("branch", "-q", "--set-upstream-to=origin/main", "main");
    git("push", "-q", "origin", "face-only:main");
    writeFileSync(
      join(folder, "node-red/.config.projects.json"),
      JSON.stringify({ projects: { estate: { credentialSecret: "s" } }, activeProject: "estate" }),
    );
    writeFileSync(join(folder, "settings.cjs"), settings);
    red = await boot({
      socket: vault.socket,
      data: folder,
      settings: join(folder, "settings.cjs"),
      env: { HOME: folder, LIMEN_RECHECK_SECONDS: "1" },
    });
  });
  after(async () => {
    await red?.stop();
    await vault?.remove();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const records = () => vault.requests("change.record");
  const findings = (): string[] =>
    vault
      .requests("configure")
      .at(-1)!
      .flow.findings.map(({ rule }) => rule);
  const send = (path: string, method: string, body: object): Promise<Response> =>
    red.fetch(path, {
      method,
      token,
      headers: { "content-type": "application/json", "node-red-api-version": "v2" },
      body: JSON.stringify(body),
    });
  const checkout = async (name: string): Promise<void> => {
    const before = vault.requests("configure").length;
    const { status } = await send("/projects/estate/branches", "POST", { name, create: false });
    assert.equal(status, 200, `checkout of ${name}`);
    while (vault.requests("configure").length === before) await sleep(20);
  };

  it("run the project's flow, the first one of this box", async () => {
    while (vault.requests("configure").length === 0) await sleep(20);
    assert.match(red.log(), /Active project\s*: estate/);
    assert.deepEqual(findings(), []);
    assert.deepEqual([records()[0]?.kind, records()[0]?.after], ["first", flowHash(lawful)]);
  });

  it("leave a branch unarmed that was never deployed, lawful or not, and say where it came from", async () => {
    await checkout("face-only");
    assert.ok(findings().includes("changed-on-disk") && findings().includes("another-way"));
    const found = records().at(-1)!;
    assert.deepEqual(
      [found.kind, found.how, found.before, found.after],
      ["found", "project", flowHash(lawful), flowHash(faceOnly)],
    );
    await checkout("other");
    assert.deepEqual(findings(), ["changed-on-disk"]);
    assert.equal(records().at(-1)?.kind, "found");
    await checkout("main");
    assert.deepEqual(findings(), []);
  });

  it("leave what a pull brought unarmed", async () => {
    const before = vault.requests("configure").length;
    assert.equal((await send("/projects/estate/pull/", "POST", {})).status, 204);
    while (vault.requests("configure").length === before) await sleep(20);
    assert.ok(findings().includes("changed-on-disk") && findings().includes("another-way"));
    assert.deepEqual(
      [records().at(-1)?.kind, records().at(-1)?.how, records().at(-1)?.after],
      ["found", "project", flowHash(faceOnly)],
    );
    git("reset", "-q", "--hard", "HEAD@{1}");
    await checkout("other");
    await checkout("main");
    assert.deepEqual(findings(), []);
  });

  it("refuse a deploy into the project as into any other place", async () => {
    const file = readFileSync(join(repository, "flows.json"), "utf8");
    const { status } = await send("/flows", "POST", { flows: faceOnly });
    assert.equal(status, 422);
    assert.equal(records().at(-1)?.kind, "refused");
    assert.equal(readFileSync(join(repository, "flows.json"), "utf8"), file);
  });

  it("arm a branch once somebody has deployed it", async () => {
    await checkout("other");
    assert.deepEqual(findings(), ["changed-on-disk"]);
    const before = vault.requests("configure").length;
    assert.equal((await send("/flows", "POST", { flows: other })).status, 200);
    while (vault.requests("configure").length === before) await sleep(20);
    assert.deepEqual(findings(), []);
    assert.equal(records().at(-1)?.kind, "deployed");
  });

  it("are found out when somebody pulls behind Node-RED's back", async () => {
    git("checkout", "-q", "face-only");
    while (findings().length === 0) await sleep(50);
    assert.ok(findings().includes("changed-on-disk"));
    assert.deepEqual([records().at(-1)?.kind, records().at(-1)?.how], ["found", "project"]);
    git("checkout", "-q", "other");
    while (findings().length > 0) await sleep(50);
    assert.equal(records().at(-1)?.kind, "restored");
  });
});
