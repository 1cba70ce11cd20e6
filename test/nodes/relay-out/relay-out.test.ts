import assert from "node:assert/strict";
import { LimenError } from "../../../core/errors.ts";
import { Closed } from "../../../core/schema.ts";
import { defineNode } from "../../../nodes/lib/define-node.ts";
import type { Message } from "../../../nodes/lib/types.ts";
import type { Bus } from "../../../nodes/limen-bus/bus.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import { lastOpenedFor, onOpened, releaseDoor } from "../../../nodes/relay-out/doors.ts";
import { tellFire } from "../../../nodes/relay-out/fire.ts";
import relayOut from "../../../nodes/relay-out/relay-out.ts";
import { until } from "../../device/lines.ts";
import { attemptOf, FakeVault } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

const house = houseNodes.filter(({ type }) => type !== "limen-camera");

/** A line that writes down what it is told. */
class PaperBus implements Bus {
  up = true;
  fails = false;
  isOn?: () => Promise<boolean | undefined>;
  /** Openings wait for this: a line that is slow. */
  slow: Promise<void> = Promise.resolve();
  readonly told: string[] = [];
  #listeners = new Set<(up: boolean) => void>();

  async pulse(unit: number, channel: number, ms: number): Promise<void> {
    this.told.push(`pulse ${unit}/${channel} ${ms}`);
    const { fails } = this;
    await this.slow;
    if (fails) throw new LimenError("relay-failed");
  }

  off(unit: number, channel: number): Promise<void> {
    this.told.push(`off ${unit}/${channel}`);
    return Promise.resolve();
  }

  onState(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(up: boolean): void {
    this.up = up;
    for (const listener of this.#listeners) listener(up);
  }
}

let paper = new PaperBus();
const paperBus = defineNode({
  type: "limen-bus",
  version: 1,
  config: Closed({}),
  setup: () => ({ service: paper }),
});
const modules = [limenSite, limenDoor, paperBus, relayOut] as never;

describe("relay-out", () => {
  let on: Bench | undefined;
  beforeEach(() => {
    paper = new PaperBus();
  });
  afterEach(async () => {
    await on?.stop();
    on = undefined;
  });

  const load = async (settings: Record<string, unknown> = {}, vault = new FakeVault()): Promise<Bench> => {
    on = await bench(
      modules,
      [
        ...house,
        { id: "bus", type: "limen-bus" },
        { id: "relay", type: "relay-out", door: "door", wires: [["out"], ["mqtt"]], ...settings },
        { id: "out", type: "helper" },
        { id: "mqtt", type: "helper" },
      ],
      { vault },
    );
    return on;
  };
  const granted = attemptOf({ outcome: "granted", code: "granted", ticket: "t".repeat(43) });
  const taking = (): FakeVault => new FakeVault().answer("redeem", () => ({ attempt: granted.id }));

  it("tells a Shelly to open for the door's time: not retained, expiring, with the attempt's id", async () => {
    const { vault, put, next } = await load({ topic: "gate-lock/rpc" }, taking());
    const [out, command] = [next("out"), next("mqtt")];
    const before = Date.now();
    put("relay", { payload: granted, topic: "elsewhere" } as Message);
    const { payload, ...rest } = (await command) as Message & { payload: Record<string, unknown> };
    assert.equal(rest.topic, "gate-lock/rpc");
    assert.equal(rest.retain, false);
    assert.equal(rest.messageExpiryInterval, 3);
    const { expires, ...told } = payload;
    assert.deepEqual(told, {
      id: granted.id,
      src: "limen",
      method: "Switch.Set",
      params: { id: 0, on: true, toggle_after: 5 },
    });
    const life = Date.parse(expires as string) - before;
    assert.ok(life > 0 && life <= 10_000);
    assert.deepEqual((await out).payload, {
      event: "opened",
      door: "gate-1",
      attempt: granted.id,
    });
    assert.deepEqual(vault.requests("redeem"), [{ ticket: granted.ticket, door: "gate-1", action: "open" }]);
  });

  it("opens for as long as the vault says, tells watchers, and says nothing of it beside the command", async () => {
    const vault = new FakeVault().answer("redeem", () => ({ attempt: granted.id, seconds: 15 }));
    const { put, next } = await load({}, vault);
    const told: number[] = [];
    const deaf = onOpened("gate-1", (ms) => told.push(ms));
    const [out, command] = [next("out"), next("mqtt")];
    put("relay", { payload: granted } as Message);
    const { params } = (await command).payload as { params: { toggle_after: number } };
    assert.equal(params.toggle_after, 15);
    assert.doesNotMatch(JSON.stringify((await out).payload), /15|second/i);
    assert.deepEqual([told, lastOpenedFor("gate-1")], [[15_000], 15_000]);
    deaf();
  });

  it("lets nobody's opening cut another's short", async () => {
    const seconds = [15, 5];
    const vault = new FakeVault().answer("redeem", () => ({
      attempt: granted.id,
      seconds: seconds.shift()!,
    }));
    const { put, next } = await load({}, vault);
    const first = next("mqtt");
    put("relay", { payload: granted } as Message);
    await first;
    const second = next("mqtt");
    put("relay", { payload: granted } as Message);
    const { params } = (await second).payload as { params: { toggle_after: number } };
    assert.ok(params.toggle_after > 5 && params.toggle_after <= 15, String(params.toggle_after));
  });

  it("lets no opening that came later overtake a longer one on a slow line", async () => {
    const seconds = [15, 5];
    const vault = new FakeVault().answer("redeem", () => ({
      attempt: granted.id,
      seconds: seconds.shift()!,
    }));
    const { put } = await load({ drive: "bus", bus: "bus" }, vault);
    let go = (): void => undefined;
    paper.slow = new Promise((resolve) => {
      go = resolve;
    });
    for (const told of [1, 2]) {
      put("relay", { payload: granted } as Message);
      while (paper.told.length < told) await new Promise((again) => setTimeout(again, 5));
    }
    go();
    const [first, second] = paper.told.map((line) => Number(line.split(" ").at(-1)));
    assert.equal(first, 15_000);
    assert.ok(second! > 5000, String(second));
  });

  it("says OFF after an opening that failed, but not to somebody who was let in before", async () => {
    const { put, next, failure } = await load({ drive: "bus", bus: "bus" }, taking());
    const out = next("out");
    put("relay", { payload: granted } as Message);
    await out;
    paper.fails = true;
    const failed = failure("relay");
    put("relay", { payload: granted } as Message);
    assert.equal(await failed, "relay-failed");
    assert.ok(!paper.told.some((line) => line.startsWith("off")), paper.told.join());
    await on?.stop();
    on = undefined;
    paper = new PaperBus();
    paper.fails = true;
    const alone = await load({ drive: "bus", bus: "bus" }, taking());
    const again = alone.failure("relay");
    alone.put("relay", { payload: granted } as Message);
    assert.equal(await again, "relay-failed");
    assert.deepEqual(paper.told, ["pulse 1/1 5000", "off 1/1"]);
  });

  it("never says OFF into a fire: not at close, not after a failure; the board says so at the reset", async () => {
    const { put, failure } = await load({ drive: "bus", bus: "bus" }, taking());
    tellFire("gate-1", true);
    try {
      paper.fails = true;
      const failed = failure("relay");
      put("relay", { payload: granted } as Message);
      await failed;
      await on?.stop();
      on = undefined;
      assert.deepEqual(paper.told, ["pulse 1/1 5000"]);
    } finally {
      tellFire("gate-1", false);
    }
  });

  it("keeps a board that times nothing released through a fire, and frees it at the reset", async () => {
    Object.assign(paper, {
      hold: () => Promise.resolve(void paper.told.push("hold")),
      free: () => Promise.resolve(void paper.told.push("free")),
    });
    await load({ drive: "bus", bus: "bus" }, taking());
    tellFire("gate-1", true);
    assert.equal(await releaseDoor("gate-1", "fire"), 1);
    tellFire("gate-1", false);
    assert.deepEqual(paper.told, ["hold", "free"]);
  });

  it("records what it did", async () => {
    const vault = taking();
    const recorded = new Promise<Record<string, unknown>>((resolve) => {
      vault.answer("event", (request) => {
        resolve(request);
        return { index: 1, origin: "o" };
      });
    });
    const { put } = await load({ drive: "tasmota", topic: "cmnd/gate" }, vault);
    put("relay", { payload: granted } as Message);
    assert.deepEqual(await recorded, {
      door: "gate-1",
      kind: "opened",
      attempt: granted.id,
      detail: "tasmota",
    });
  });

  it("drives a board on its line and says OFF before the flow stops", async () => {
    const { put, next } = await load({ drive: "bus", bus: "bus", unit: 3, channel: 2 }, taking());
    const out = next("out");
    put("relay", { payload: granted } as Message);
    await out;
    assert.deepEqual(paper.told, ["pulse 3/2 5000"]);
    await on?.stop();
    on = undefined;
    assert.deepEqual(paper.told, ["pulse 3/2 5000", "off 3/2"]);
  });

  it("opens for nothing but the vault's word, and its own door", async () => {
    let door = "";
    const vault = new FakeVault().answer("redeem", (request) => {
      door = request.door;
      throw new LimenError("ticket-wrong-door");
    });
    const { put, failure, node } = await load({ drive: "bus", bus: "bus" }, vault);
    let sent = 0;
    for (const id of ["out", "mqtt"])
      (node(id) as unknown as { on(event: string, run: () => void): void }).on("input", () => {
        sent++;
      });
    for (const payload of [
      { ...granted, door: "gate-2" },
      { ...granted, ticket: undefined },
      { ...granted, outcome: "denied" },
    ]) {
      const failed = failure("relay");
      put("relay", { payload, topic: "gate-2" } as unknown as Message);
      assert.equal(await failed, "ticket-wrong-door");
      assert.equal(door, "gate-1");
    }
    assert.equal(vault.requests("redeem").length, 3); // trying without a ticket is on the record too
    for (const payload of ["open", undefined, { outcome: "granted" }]) {
      const failed = failure("relay");
      put("relay", { payload } as unknown as Message);
      assert.equal(await failed, "not-an-attempt");
    }
    assert.deepEqual(paper.told, []);
    assert.equal(sent, 0);
  });

  it("says, records and fails when the lock did not move", async () => {
    paper.fails = true;
    const { vault, put, next, failure } = await load({ drive: "bus", bus: "bus" }, taking());
    const [out, failed] = [next("out"), failure("relay")];
    put("relay", { payload: granted } as Message);
    assert.equal(await failed, "relay-failed");
    assert.deepEqual((await out).payload, {
      event: "relay-failed",
      door: "gate-1",
      attempt: granted.id,
    });
    assert.deepEqual(
      vault.happened().map(({ kind }) => kind),
      ["relay-failed"],
    );
  });

  it("shows and records a board that stops answering while nobody comes, and that it is back", async () => {
    Object.assign(paper, { idleMs: 20 });
    const { vault, status } = await load({ drive: "bus", bus: "bus" });
    const kinds = (): string[] => vault.requests("event").map(({ kind }) => kind);
    const silent = status("relay", (text) => text.includes("board-silent"));
    paper.isOn = () => Promise.resolve(undefined);
    await silent;
    await until(() => kinds().at(-1) === "relay-silent", "the silence on record");
    const back = status("relay", (text) => text.includes("shut"));
    paper.isOn = () => Promise.resolve(false);
    await back;
    await until(() => kinds().at(-1) === "relay-rests", "its end on record");
    assert.deepEqual(paper.told, []);
  });

  it("shows a line that is away", async () => {
    const { status } = await load({ drive: "bus", bus: "bus" });
    const away = status("relay", (text) => text.includes("line-away"));
    paper.set(false);
    await away;
    const back = status("relay", (text) => text.includes("shut"));
    paper.set(true);
    await back;
  });

  it("does nothing while the vault is away", async () => {
    const { vault, put, failure } = await load({ drive: "bus", bus: "bus" }, taking());
    await vault.stop();
    const failed = failure("relay");
    put("relay", { payload: granted } as Message);
    assert.equal(await failed, "vault-away");
    assert.deepEqual(paper.told, []);
  });

  for (const [drive, topic] of [
    ["shelly", "gate-1/rpc"],
    ["tasmota", "cmnd/gate-1/Backlog"],
    ["esphome", "gate-1/switch/lock/command"],
    ["zigbee2mqtt", "zigbee2mqtt/gate-1/set"],
    ["generic", "limen/gate-1/relay/set"],
  ] as const)
    it(`speaks where a ${drive} listens by itself when no topic is set`, async () => {
      const { put, next } = await load({ drive, topic: "" }, taking());
      const command = next("mqtt");
      put("relay", { payload: granted } as Message);
      assert.equal((await command).topic, topic);
    });

  it("keeps the topic of a flow from when it could be left out", async () => {
    const { put, next } = await load({ drive: "shelly", version: 1 }, taking());
    const command = next("mqtt");
    put("relay", { payload: granted } as Message);
    assert.equal((await command).topic, "limen/gate-1/relay/set");
  });

  it("refuses a topic that is a pattern", async () => {
    const { put, failure } = await load({ topic: "gate/#" }, taking());
    const failed = failure("relay");
    put("relay", { payload: granted } as Message);
    assert.equal(await failed, "config-invalid");
  });
});
