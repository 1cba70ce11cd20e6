import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VaultClient } from "../../vault/client.ts";
import { socketPath } from "../../vault/config.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { type RunningVault, superviseVault } from "../../vault/supervisor.ts";
import { alwaysRule, estate, printedCard, readerCard } from "./rig.ts";

describe("the vault's process", () => {
  const data = mkdtempSync(join(tmpdir(), "limen-run-"));
  const lines: string[] = [];
  let vault: RunningVault;
  let client: VaultClient;

  before(async () => {
    const env = { ...process.env, LIMEN_DATA: data, LIMEN_MODELS: join(data, "none"), LIMEN_DOWNLOAD: "0" };
    vault = superviseVault({ env, log: (line) => lines.push(line) });
    await vault.started;
    client = new VaultClient({ socket: socketPath(data, "vault") }).open();
    await client.ready();
    await client.call("configure", estate());
  });
  after(async () => {
    client?.close();
    await vault?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  const tap = () =>
    client.call("identify", { door: "main-gate", node: "n", reader: "r", method: "card", card: readerCard });

  it("says what face entry lacks, and lets cards in without it", async () => {
    const operator = new VaultClient({ socket: socketPath(data, "operator") }).open();
    await operator.ready();
    const { token: auth } = await operator.call("token.create", {
      auth: operatorAuth,
      role: "desk",
      label: "t",
      days: 1,
    });
    operator.close();
    const { id } = await client.call("person.create", { auth, name: "A" });
    await client.call("credential.issue", { auth, person: id, kind: "card", ...printedCard });
    assert.equal((await tap()).person, id);
    assert.ok(
      lines.some((line) => line.includes("models pull")),
      lines.join("\n"),
    );
  });

  it("killed in the middle of an attempt: the caller hears it at once, nothing half done opens, and it comes back", async () => {
    const sensed = await tap();
    const down = new Promise((resolve) => client.once("down", () => resolve(undefined)));
    const up = new Promise((resolve) => client.once("up", () => resolve(undefined)));
    const asked = client.call("match", {
      door: "main-gate",
      node: "n1",
      camera: "main-camera",
      act: { kind: "screen", id: "one" },
      settings: estate().looks[0]!.settings,
    });
    const answered = asked.then(
      (attempt) => attempt.outcome,
      (error: { code: string }) => error.code,
    );
    process.kill(vault.pid!, "SIGKILL");
    await down;
    assert.ok(["vault-away", "pending"].includes(await answered));
    await assert.rejects(tap(), { code: "vault-away" });
    await up;
    await client.call("configure", estate());
    await assert.rejects(client.call("decide", { attempt: sensed.id, node: "n", rule: alwaysRule }), {
      code: "attempt-unknown",
    });
    assert.match((await tap()).person!, /^person_/);
  });

  it("leaves no dump of its memory, and cannot allow itself one", function () {
    if (process.platform !== "linux") this.skip();
    const line = readFileSync(`/proc/${vault.pid}/limits`, "utf8").match(
      /^Max core file size +(\S+) +(\S+)/m,
    );
    assert.deepEqual(line?.slice(1), ["0", "0"], "now, and at most");
  });

  it("ends with its supervisor's pipe, so that no vault is left alone", async () => {
    const before = vault.pid!;
    await vault.stop();
    assert.throws(() => process.kill(before, 0), { code: "ESRCH" });
  });

  it("refuses damaged keys instead of making new ones, and is not started again and again", async () => {
    const slots = join(data, "keys/slots");
    chmodSync(slots, 0o600);
    writeFileSync(slots, Buffer.alloc(8192, 7));
    const said: string[] = [];
    const env = { ...process.env, LIMEN_DATA: data, LIMEN_DOWNLOAD: "0" };
    const refused = superviseVault({ env, log: (line) => said.push(line) });
    await assert.rejects(refused.started);
    await refused.stop();
    assert.ok(
      said.some((line) => /keys-(lost|damaged)/.test(line)),
      said.join("\n"),
    );
    assert.equal(said.filter((line) => line.includes("starting again")).length, 0);
  });
});
