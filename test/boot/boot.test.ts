import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { nodeTypes, plugins } from "../../scripts/build/sources.ts";
import { houseNodes } from "../nodes/harness.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault, token } from "./staffed-vault.ts";

const root = join(import.meta.dirname, "../..");
const types = nodeTypes(root);

interface NodeSet {
  id: string;
  module: string;
  types: string[];
  enabled: boolean;
  err?: string;
}

describe("the real Node-RED on the real settings", () => {
  let vault: StaffedVault;
  let red: Booted;
  let manager: string;

  before(async () => {
    assert.ok(existsSync(join(root, "dist/settings.js")), "npm run build comes first");
    vault = new StaffedVault();
    await vault.start();
    red = await boot({
      socket: vault.socket,
      flow: [{ id: "tab", type: "tab", label: "Test" }, ...houseNodes],
    });
    manager = (await red.signIn("manager", "a long enough password")) ?? "";
  });
  after(async () => {
    await red?.stop();
    await vault?.remove();
  });

  it("has every node of the palette, each without an error", async () => {
    const sets = await red.json<NodeSet[]>("/nodes", { token: manager });
    const ours = sets.filter(({ module }) => module === "limen");
    assert.deepEqual(
      ours.filter(({ err }) => err),
      [],
    );
    assert.deepEqual(ours.flatMap((set) => set.types).sort(), types);
  });

  it("has every plugin", async () => {
    const found = await red.json<NodeSet[]>("/plugins", { token: manager });
    assert.deepEqual(
      found.filter(({ module, err }) => module === "limen" && err),
      [],
    );
    const names = found.filter(({ module }) => module === "limen").map(({ id }) => id.slice("limen/".length));
    assert.deepEqual(names.sort(), [...plugins(root).keys()].sort());
  });

  it("has no node that runs a shell or reads the disk", async () => {
    const sets = await red.json<NodeSet[]>("/nodes", { token: manager });
    const all = sets.flatMap((set) => set.types);
    for (const type of ["exec", "file", "file in", "watch"]) assert.ok(!all.includes(type), type);
    for (const type of ["inject", "function", "mqtt in", "serial in"]) assert.ok(all.includes(type), type);
  });

  for (const language of ["en-US", "zh-CN", "zh-TW"]) {
    it(`serves every catalogue and help in ${language}`, async () => {
      const words = await red.json<Record<string, Record<string, { palette?: string }>>>(
        `/nodes/messages?lng=${language}`,
        { token: manager },
      );
      const page = await red.fetch("/nodes", {
        token: manager,
        headers: { accept: "text/html", "accept-language": language },
      });
      const html = await page.text();
      for (const type of types) {
        assert.ok(words[`limen/${type}`]?.[type]?.palette, `${type}: catalogue`);
        const help = html.split(`data-help-name="${type}"`)[1]?.split("</script>")[0] ?? "";
        assert.equal(/[\u4e00-\u9fff]/.test(help), language !== "en-US", `${type}: help`);
      }
      const shared = await red.json<Record<string, { error?: Record<string, string> }>>(
        `/plugins/messages?lng=${language}`,
        { token: manager },
      );
      const away = shared["limen/limen-editor"]?.error?.["vault-away"] ?? "";
      assert.equal(/[\u4e00-\u9fff]/.test(away), language !== "en-US");
    });
  }

  it("tells nobody anything without signing in", async () => {
    for (const path of ["/nodes", "/flows", "/settings", "/plugins"]) {
      const { status } = await red.fetch(path, { headers: { accept: "application/json" } });
      assert.equal(status, 401, path);
    }
    const deploy = await red.fetch("/flows", {
      method: "POST",
      body: "[]",
      headers: { "content-type": "application/json" },
    });
    assert.equal(deploy.status, 401);
  });

  it("lets managers and technicians deploy, auditors read, and nobody else in", async () => {
    assert.equal(await red.signIn("manager", "wrong"), undefined);
    for (const role of ["desk", "guard", "resident", "privacy-officer"]) {
      assert.equal(await red.signIn(role, "a long enough password"), undefined, role);
    }
    assert.ok(await red.signIn("technician", "a long enough password"));
    const auditor = await red.signIn("auditor", "a long enough password");
    assert.equal((await red.fetch("/flows", { token: auditor! })).status, 200);
    const deploy = await red.fetch("/flows", {
      method: "POST",
      token: auditor!,
      body: "[]",
      headers: { "content-type": "application/json" },
    });
    assert.equal(deploy.status, 401);
  });

  it("tells the vault from where somebody signs in, so that one who guesses slows only themselves", async () => {
    await red.signIn("manager", "wrong");
    assert.match(vault.requests("session.open").at(-1)?.address ?? "", /^(::ffff:)?127\.0\.0\.1$/);
  });

  it("takes a bearer token of the vault for scripts", async () => {
    assert.equal((await red.fetch("/flows", { token })).status, 200);
    assert.equal((await red.fetch("/flows", { token: "u".repeat(43) })).status, 401);
  });

  it("forgets somebody whose session the vault has closed", async () => {
    const before = (await red.signIn("technician", "a long enough password"))!;
    assert.equal((await red.fetch("/flows", { token: before })).status, 200);
    vault.closeAll("technician");
    assert.equal((await red.fetch("/flows", { token: before })).status, 401);
  });

  it("installs nothing and tells nobody about itself", async () => {
    const install = await red.fetch("/nodes", {
      method: "POST",
      token: manager,
      body: JSON.stringify({ module: "node-red-contrib-anything" }),
      headers: { "content-type": "application/json" },
    });
    assert.ok(install.status >= 400, `${install.status}`);
    assert.equal((await red.fetch("/diagnostics", { token: manager })).status, 403);
    const settings = await red.json<Record<string, unknown>>("/settings", { token: manager });
    assert.equal(settings.telemetryEnabled ?? false, false);
  });

  it("lets no page outside frame the editor or name its origin", async () => {
    const { headers } = await red.fetch("/");
    assert.match(headers.get("content-security-policy") ?? "", /frame-ancestors 'self'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("x-frame-options"), "SAMEORIGIN");
  });

  it("shows the project's flows under Import", async () => {
    const entries = await red.json<unknown[]>("/library/limen/flows/", { token: manager });
    const files = existsSync(join(root, "flows")) ? readdirSync(join(root, "flows")) : [];
    const shown = entries.map((entry) => (typeof entry === "string" ? entry : (entry as { fn: string }).fn));
    assert.deepEqual(shown.sort(), files.filter((file) => !file.endsWith(".md")).sort());
    const outside = await red.fetch("/library/limen/flows/..%2Fpackage.json", { token: manager });
    assert.ok(outside.status >= 400);
  });

  it("tells the vault what the flow says there is", () => {
    const [configured] = vault.requests("configure");
    assert.equal(configured?.site.id, "site-1");
    assert.deepEqual(
      configured?.doors.map(({ id }) => id),
      ["gate-1"],
    );
    assert.match(configured?.flow.hash ?? "", /^[0-9a-f]{64}$/);
  });

  it("keeps its secrets in files nobody else can read", () => {
    assert.equal(statSync(join(red.data, "credential-secret")).mode & 0o777, 0o600);
    assert.equal(readFileSync(join(red.data, "credential-secret"), "utf8").length, 64);
  });
});
