import assert from "node:assert/strict";
import type { PresentCard } from "../../../core/devices/cards/chip-reader.ts";
import { LimenError } from "../../../core/errors.ts";
import cardRead from "../../../nodes/card-read/card-read.ts";
import { BusState } from "../../../nodes/limen-bus/bus.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import { attemptOf, FakeVault } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

/** A line with a reader on it, as `limen-bus` offers one, in the test's hand. */
class Line {
  readonly state = new BusState();
  listener: ((card: PresentCard) => Promise<void>) | undefined;
  watched: string[] = [];
  get up(): boolean {
    return this.state.up;
  }
  watch(_unit: number, door: string, ways: readonly string[]): () => void {
    const use = `${door} ${ways.join()}`;
    this.watched.push(use);
    return () => {
      this.watched = this.watched.filter((other) => other !== use);
    };
  }
  onState(listener: (up: boolean) => void): () => void {
    return this.state.on(listener);
  }
  onCard(listener: (card: PresentCard) => Promise<void>): () => void {
    this.listener = listener;
    return () => {
      this.listener = undefined;
    };
  }
}

let line: Line;
/** Stands for `limen-bus`, whose own lines are tested on real ports. */
const bus = (RED: {
  nodes: { createNode(node: object, raw: object): void; registerType(type: string, node: unknown): void };
}): void => {
  RED.nodes.registerType("limen-bus", function (this: object, raw: { kind?: string }) {
    RED.nodes.createNode(this, raw);
    Object.assign(this, { limen: { service: raw.kind === "lcus" ? new BusState() : line } });
  });
};
const modules = [limenSite, limenDoor, bus, cardRead] as never;
const house = houseNodes.filter(({ type }) => type !== "limen-camera");

describe("card-read at a reader that talks with cards", () => {
  let on: Bench | undefined;
  beforeEach(() => {
    line = new Line();
  });
  afterEach(async () => {
    await on?.stop();
    on = undefined;
  });

  const load = async (vault: FakeVault, settings: object = {}, kind = "pn532"): Promise<Bench> => {
    on = await bench(
      modules,
      [
        ...house,
        { id: "bus", type: "limen-bus", kind, port: "/dev/null" },
        {
          id: "read",
          type: "card-read",
          door: "door",
          format: "chip",
          bus: "bus",
          silence: 0.5,
          wires: [["out"]],
          ...settings,
        },
        { id: "out", type: "helper" },
      ],
      { vault },
    );
    return on;
  };
  const dialogue = "talk_0123456789abcdef";
  /** A vault that asks two things and then decides. */
  const vault = (): FakeVault =>
    new FakeVault()
      .answer("chip.begin", () => ({ dialogue, send: "00a4" }))
      .answer("chip.answer", ({ answer }) =>
        answer === "9000" ? { dialogue, send: "9071" } : { attempt: attemptOf({ assurance: "strong" }) },
      )
      .answer("chip.drop", () => ({}));
  const present = (answers: Record<string, string>, uid = "04DE5F1EACC040"): PresentCard => ({
    uid: Buffer.from(uid, "hex"),
    talks: true,
    exchange: (apdu) => {
      const answer = answers[Buffer.from(apdu).toString("hex")];
      if (answer === undefined) return Promise.reject(new LimenError("card-torn"));
      return Promise.resolve(Buffer.from(answer, "hex"));
    },
  });
  const genuine = { "00a4": "9000", "9071": "aabb91af" };

  it("carries what the vault asks to the card, and its answers back, and sends the attempt alone", async () => {
    const { vault: asked, next } = await load(vault(), { reader: "gate" });
    const got = next("out");
    await line.listener?.(present(genuine));
    const message = await got;
    assert.deepEqual(asked.requests("chip.begin"), [
      { door: "gate-1", node: "read", reader: "gate", place: "door", uid: "04DE5F1EACC040", talks: true },
    ]);
    assert.deepEqual(
      asked.requests("chip.answer").map(({ answer }) => answer),
      ["9000", "aabb91af"],
    );
    assert.equal(message.topic, "gate-1");
    assert.doesNotMatch(JSON.stringify(message), /04DE5F|aabb91af/i);
    await line.listener?.(present(genuine)); // it still lies there
    assert.equal(asked.requests("chip.begin").length, 1);
  });

  it("tells the vault that a card has gone, and tries it again while it lies there, a few times", async () => {
    const { vault: asked } = await load(vault());
    for (let look = 0; look < 12; look++) await line.listener?.(present({ "00a4": "9000" }));
    const begun = asked.requests("chip.begin").length;
    assert.ok(begun >= 2 && begun <= 5, String(begun));
    assert.equal(asked.requests("chip.drop").length, begun);
  });

  it("asks nothing of a number made up for the tap", async () => {
    const { vault: asked } = await load(vault());
    await line.listener?.(present(genuine, "08ADBEEF"));
    assert.deepEqual(asked.requests("chip.begin"), []);
  });

  it("is a way into its door, but not at the desk, where it says that a card was written", async () => {
    const written = vault().answer("chip.begin", () => ({ written: true }));
    const first = await load(written);
    assert.deepEqual(first.vault.requests("configure")[0]?.doors[0]?.ways, ["card"]);
    await first.stop();
    const desk = vault().answer("chip.begin", () => ({ written: true }));
    const second = await load(desk, { place: "desk" });
    assert.deepEqual(second.vault.requests("configure")[0]?.doors[0]?.ways, []);
    const said = second.status("read", (text) => text.includes("written"));
    await line.listener?.(present(genuine));
    await said;
  });

  it("has its line tell the door when the reader dies; nobody at the desk is locked out by that", async () => {
    const first = await load(vault());
    assert.deepEqual(line.watched, ["gate-1 card"]);
    await first.stop();
    assert.deepEqual(line.watched, []);
    await load(vault(), { place: "desk" });
    assert.deepEqual(line.watched, []);
  });

  it("refuses to start on a line that has no such reader", async () => {
    const { put, failure } = await load(vault(), {}, "lcus");
    const failed = failure("read");
    put("read", { payload: "" } as never);
    assert.equal(await failed, "reader-kind");
  });
});
