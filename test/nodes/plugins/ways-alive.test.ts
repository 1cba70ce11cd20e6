import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { LimenError } from "../../../core/errors.ts";
import { registry } from "../../../nodes/lib/registry.ts";
import { closeVaults, vaultOf } from "../../../nodes/lib/vault.ts";
import { waysAlive } from "../../../nodes/plugins/ways-alive.ts";
import { FakeVault } from "../fake-vault.ts";

const on = { z: "tab", x: 1, y: 1 };
const flow = (door = "gate-1"): object[] => [
  { id: "tab", type: "tab" },
  { id: "door", type: "limen-door", door },
  { ...on, id: "serial", type: "serial in", wires: [["read"]] },
  { ...on, id: "read", type: "card-read", door: "door", wires: [[]] },
];
const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((again) => setTimeout(again, 5));
};

describe("the lines readers speak through", () => {
  let vault: FakeVault;
  let events: EventEmitter;
  let letGo: () => void;
  beforeEach(async () => {
    vault = await new FakeVault().start();
    events = new EventEmitter();
    const log = { warn: () => undefined };
    letGo = waysAlive({ events, log, settings: { limen: { socket: vault.socket } } } as never, 50);
    registry.site("site", {
      id: "site-1",
      name: "Test",
      controller: { name: "Office", contact: "office@example.org" },
      pack: "cn",
      languages: ["en-US"],
      timeZone: "Asia/Shanghai",
      demonstration: true,
    });
    const client = vaultOf({ settings: { limen: { socket: vault.socket } } } as never);
    await client.ready();
    await registry.configure(client, { hash: "0".repeat(64), findings: [] });
  });
  afterEach(async () => {
    letGo();
    registry.forget("site");
    registry.reset();
    closeVaults();
    await vault.remove();
  });

  const start = (nodes = flow()): void => void events.emit("flows:started", { config: { flows: nodes } });
  const shows = (fill: string | undefined): void =>
    void events.emit("node-status", { id: "serial", status: fill === undefined ? undefined : { fill } });
  const told = (): string[] => vault.readerNews.map((news) => news.split(" ").slice(0, 2).join(" "));

  it("are dead when they stay red, and back when they are not", async () => {
    shows("red"); // it could not be opened: said before the flow has started
    start();
    await until(() => told().length === 1);
    shows("yellow"); // trying again is not being back
    shows("red");
    shows("green");
    await until(() => told().length === 2);
    assert.deepEqual(told(), ["gate-1 reader-silent", "gate-1 reader-back"]);
    assert.equal(vault.readerNews[0], "gate-1 reader-silent serial in serial");
  });

  it("are dead though they are tried again and again, sooner than the wait is over", async () => {
    start();
    shows("green");
    const trying = setInterval(() => {
      shows("red"); // as tcp in does: refused, and called again
      shows("grey");
    }, 10);
    try {
      await until(() => told().length === 1);
    } finally {
      clearInterval(trying);
    }
    shows("grey");
    assert.deepEqual(told(), ["gate-1 reader-silent"]);
    shows("green");
    await until(() => told().length === 2);
    assert.deepEqual(told(), ["gate-1 reader-silent", "gate-1 reader-back"]);
  });

  it("say how they are to a vault that has just started, and hold nothing up for a door that is gone", async () => {
    vault.answer("level", ({ door }) => {
      if (door === "gate-1") throw new LimenError("unknown-door", { status: 404 });
      return {};
    });
    start();
    shows("red");
    await until(() => told().length === 1); // refused: the flow has no such door any more
    start(flow("gate-2"));
    await until(() => told().includes("gate-2 reader-silent"));
    const before = vault.requests("level").length;
    registry.emit("configured", registry.armed!);
    await until(() => vault.requests("level").length > before);
    assert.deepEqual(vault.requests("level").at(-1), {
      door: "gate-2",
      reader: { name: "serial in serial", alive: false },
    });
  });

  it("are not dead for a moment's unplugging", async () => {
    start();
    shows("red");
    shows("green");
    await new Promise((over) => setTimeout(over, 150));
    assert.deepEqual(told(), []);
  });

  it("found well after a start, end an alarm from before it, once", async () => {
    const well = () => vault.requests("level").filter(({ reader }) => reader?.alive);
    start();
    shows("green");
    await until(() => well().length === 1);
    assert.deepEqual(well()[0], {
      door: "gate-1",
      reader: { name: "serial in serial", alive: true },
    });
    shows("green");
    start();
    shows("red");
    await until(() => told().length === 1);
    assert.equal(well().length, 1);
  });

  it("stay dead over a deploy that leaves them as they are; what is taken out alarms no more", async () => {
    start();
    shows("red");
    await until(() => told().length === 1);
    start();
    await new Promise((over) => setTimeout(over, 150));
    assert.equal(told().length, 1);
    start(flow("gate-2"));
    await until(() => told().length === 3);
    assert.deepEqual(told(), ["gate-1 reader-silent", "gate-1 reader-back", "gate-2 reader-silent"]);
    start([]);
    await until(() => told().length === 4);
    assert.equal(told()[3], "gate-2 reader-back");
  });
});
