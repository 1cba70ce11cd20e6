import assert from "node:assert/strict";
import { feedback } from "../../core/devices/osdp/index.ts";
import { has, until } from "./lines.ts";
import { PtyStand } from "./osdp/pty-stand.ts";

const keyA = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f1", "hex");
const keyB = Buffer.from("77f0cb9a1d0347c28e5510d2ab9934ee", "hex");

describe("OSDP readers on a real line", () => {
  let stand: PtyStand;

  before(function () {
    if (!has("socat")) this.skip();
  });
  afterEach(async () => {
    await stand?.end();
  });

  const one = async (): Promise<PtyStand> => {
    stand = await PtyStand.start([{ address: 0, key: keyA }], [{ address: 0, key: keyA }]);
    await stand.online();
    return stand;
  };

  it("read cards and keys, pulse an output, light up and beep", async () => {
    await one();
    await stand.usable("EA83E84000");
    stand.reader.press("12#");
    await until(() => stand.events.filter(({ kind }) => kind === "key").length === 3, "keys");
    await stand.bus.send(0, { kind: "pulse", output: 0, ms: 5000 });
    for (const request of feedback("denied")) await stand.bus.send(0, request);
    assert.deepEqual(
      stand.reader.obeyed.map(({ kind }) => kind).filter((kind) => !kind.endsWith("-status")),
      ["outputs", "leds", "buzzer"],
    );
    // and none of it can be read on the line
    const line = stand.hub.heard.map(({ hex }) => hex).join();
    assert.ok(!line.includes("ea83e840") && !line.includes("313223"));
  });

  it("two on one line, each under its own key, and one comes and goes", async () => {
    stand = await PtyStand.start(
      [
        { address: 5, key: keyA },
        { address: 6, key: keyB },
      ],
      [
        { address: 5, key: keyA },
        { address: 6, key: keyB },
      ],
    );
    await stand.online(5);
    await stand.online(6);
    const [first, second] = stand.readers as [(typeof stand.readers)[0], (typeof stand.readers)[0]];
    await stand.disconnect(first);
    await until(() => stand.state(5) === "offline", "reader 5 offline");
    assert.equal(stand.state(6), "online");
    second.card(26, "ea83e840");
    await until(() => stand.cards().length === 1, "the other's card");
    await stand.connect(first);
    await stand.online(5);
    assert.equal(second.sessions, 1);
  });

  it("a key of one fits no other", async () => {
    stand = await PtyStand.start(
      [
        { address: 5, key: keyA },
        { address: 6, key: keyB },
      ],
      [
        { address: 5, key: keyB },
        { address: 6, key: keyA },
      ],
    );
    await until(() => stand.alarms().filter((alarm) => alarm === "wrong-key").length >= 2, "alarms");
    assert.ok(stand.readers.every(({ sessions }) => sessions === 0));
    // our proof is not handed to a reader that has not given its own
    assert.ok(!stand.said().some((frame) => frame.slice(12, 14) === "13"));
  });

  it("come back after the panel's adapter was pulled out under load, and nothing opens by itself", async () => {
    await one();
    const load = setInterval(() => {
      stand.reader.press("5");
      stand.bus.send(0, feedback("wait")[0]!).catch(() => undefined);
    }, 40);
    try {
      for (let round = 0; round < 2; round++) {
        await stand.usable();
        await stand.hub.unplug("panel");
        const missed = stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 });
        await assert.rejects(missed);
        await until(() => stand.state() === "offline", "the loss to be noticed");
        await stand.hub.plug("panel");
        await stand.online();
      }
    } finally {
      clearInterval(load);
    }
    assert.ok(!stand.reader.obeyed.some(({ kind }) => kind === "outputs"));
    await stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 });
    assert.equal(stand.reader.obeyed.filter(({ kind }) => kind === "outputs").length, 1);
  });

  it("come back from a restart of their own", async () => {
    await one();
    stand.reader.powerCycle();
    await until(() => stand.reader.sessions === 2 && stand.state() === "online", "a new session");
    await stand.usable();
  });

  it("are heard through an adapter's echo and a noisy cable, byte by byte", async () => {
    await one();
    stand.hub.echo = true;
    let noise = 0;
    stand.hub.toPanel = (frame) => {
      const dirt = Buffer.of([0xff, 0x00, 0x53, 0x80, 0xfe, 0xff][noise++ % 6]!);
      return [dirt, ...Array.from(frame, (byte) => Buffer.of(byte))];
    };
    for (let card = 0; card < 5; card++) await stand.usable();
    assert.equal(stand.state(), "online");
    assert.deepEqual(stand.alarms(), []);
  });

  it("are paired, and keep the key that was given", async () => {
    stand = await PtyStand.start([{ address: 3, installMode: true }], [{ address: 3 }]);
    await until(() => stand.bus.state(3).present, "the reader");
    const { key, identity } = await stand.bus.pair(3);
    assert.ok(stand.reader.key?.equals(key));
    await stand.end();
    stand = await PtyStand.start(
      [{ address: 3, key }],
      [{ address: 3, key, ...(identity ? { identity } : {}) }],
    );
    await stand.online(3);
    assert.deepEqual(stand.alarms(), []);
  });
});
