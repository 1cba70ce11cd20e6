import assert from "node:assert/strict";
import { registry } from "../../../nodes/lib/registry.ts";
import { closeVaults, vaultOf } from "../../../nodes/lib/vault.ts";
import { ReaderHealth } from "../../../nodes/limen-bus/reader-health.ts";
import type { Request } from "../../../vault/protocol/index.ts";
import { FakeVault } from "../fake-vault.ts";

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((again) => setTimeout(again, 5));
};

describe("how a reader on a line is", () => {
  let vault: FakeVault;
  let health: ReaderHealth;
  beforeEach(async () => {
    vault = await new FakeVault().start();
    const client = vaultOf({ settings: { limen: { socket: vault.socket } } } as never);
    registry.site("site", {
      id: "site-1",
      name: "Test",
      controller: { name: "Office", contact: "office@example.org" },
      pack: "cn",
      languages: ["en-US"],
      timeZone: "Asia/Shanghai",
      demonstration: true,
    });
    await client.ready();
    await registry.configure(client, { hash: "0".repeat(64), findings: [] });
    health = new ReaderHealth({ vault: client, fail: () => undefined }, "osdp 2 line");
  });
  afterEach(async () => {
    health.close();
    registry.forget("site");
    registry.reset();
    closeVaults();
    await vault.remove();
  });
  const levels = (): Request<"level">[] => vault.requests("level");

  it("is told once to each door, however many nodes rely on it there", async () => {
    health.use("gate", ["card"]);
    health.use("gate", ["pin"]);
    health.use("yard");
    assert.deepEqual(levels(), []); // nothing is known yet
    health.alive = false;
    await until(() => levels().length === 2);
    assert.deepEqual(levels(), [
      { door: "gate", reader: { name: "osdp 2 line", alive: false, ways: ["card", "pin"] } },
      { door: "yard", reader: { name: "osdp 2 line", alive: false, ways: [] } },
    ]);
    health.alive = false; // nothing new
    health.alive = true;
    await until(() => levels().length === 4);
    assert.ok(
      levels()
        .slice(2)
        .every(({ reader }) => reader?.alive),
    );
  });

  it("is not lost while the vault is away, and told anew to one that has just started", async () => {
    health.use("gate", ["pin"]);
    health.alive = true;
    await until(() => levels().length === 1);
    await vault.stop();
    health.alive = false;
    await vault.start();
    await until(() => vault.readerNews.length === 1);
    const before = levels().length;
    registry.emit("configured", registry.armed!);
    await until(() => levels().length > before);
    assert.equal(levels().at(-1)?.reader?.alive, false);
  });

  it("is no news when the flow stops", async () => {
    health.use("gate");
    health.alive = true;
    await until(() => levels().length === 1);
    health.close();
    health.alive = false;
    await new Promise((over) => setTimeout(over, 50));
    assert.equal(levels().length, 1);
  });
});
