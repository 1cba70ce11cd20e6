import assert from "node:assert/strict";
import { inspect } from "node:util";
import { feedback } from "../../../../core/devices/osdp/index.ts";
import { spoiled } from "../../../device/osdp/peripheral.ts";
import { MovedTime } from "../moved-time.ts";
import { keyA, keyB, Stand } from "./stand.ts";

describe("an OSDP panel and its readers", () => {
  it("brings a keyed reader online and asks for its tamper switch and inputs", async () => {
    const stand = await Stand.online();
    assert.equal(stand.state(), "online");
    assert.deepEqual(
      stand.of("state").map(({ state }) => state),
      ["connecting", "online"],
    );
    assert.deepEqual(stand.of("inputs"), [{ kind: "inputs", address: 0, inputs: [true, false] }]);
    assert.deepEqual(stand.of("tamper"), [{ kind: "tamper", address: 0, on: false }]);
    assert.deepEqual(stand.alarms(), []);
  });

  it("hears cards, keys, tampering and inputs", async () => {
    const stand = await Stand.online();
    stand.events.length = 0;
    stand.reader.card(26, "ea83e840");
    stand.reader.press("1\r\x7f");
    stand.reader.reports.push(
      { kind: "local-status", tamper: true, power: false },
      { kind: "input-status", inputs: [false, true] },
    );
    await stand.time.move(1000);
    assert.deepEqual(stand.events, [
      { kind: "card", address: 0, reader: 0, format: "wiegand", bits: 26, hex: "EA83E840" },
      { kind: "key", address: 0, reader: 0, key: "1" },
      { kind: "key", address: 0, reader: 0, key: "#" },
      { kind: "key", address: 0, reader: 0, key: "*" },
      { kind: "tamper", address: 0, on: true },
      { kind: "power", address: 0, failed: false },
      { kind: "inputs", address: 0, inputs: [false, true] },
    ]);
  });

  it("pulses an output by the device's own timer only, and shows people what happened", async () => {
    const stand = await Stand.online();
    stand.reader.obeyed.length = 0;
    const done = [
      stand.bus.send(0, { kind: "pulse", output: 0, ms: 5000 }),
      stand.bus.send(0, { kind: "off", output: 0 }),
      ...feedback("granted").map((request) => stand.bus.send(0, request)),
    ];
    await stand.time.move(500);
    assert.deepEqual(
      (await Promise.all(done)).map(({ kind }) => kind),
      ["ack", "ack", "ack", "ack"],
    );
    assert.deepEqual(stand.reader.obeyed.slice(0, 2), [
      { kind: "outputs", outputs: [{ output: 0, code: 5, tenths: 50 }] },
      { kind: "outputs", outputs: [{ output: 0, code: 1, tenths: 0 }] },
    ]);
    for (const ms of [0, 40, 60_001, Number.NaN, Number.POSITIVE_INFINITY])
      await assert.rejects(stand.bus.send(0, { kind: "pulse", output: 0, ms }), {
        code: "pulse-out-of-range",
      });
    const raw = { kind: "outputs", outputs: [{ output: 0, code: 2, tenths: 0 }] };
    await assert.rejects(stand.bus.send(0, raw as never), { code: "osdp-command-bad" });
    const key = { kind: "key-set", key: keyB };
    await assert.rejects(stand.bus.send(0, key as never), { code: "osdp-command-bad" });
  });

  it("refuses what the wire cannot carry before anything is said", async () => {
    const stand = await Stand.online();
    const text = { kind: "text", reader: 0, mode: 1, seconds: 0, row: 1, column: 1 } as const;
    await assert.rejects(stand.bus.send(0, { ...text, text: "門" }), { code: "osdp-command-bad" });
    await assert.rejects(stand.bus.send(0, { ...text, text: "x".repeat(250) }), {
      code: "osdp-command-long",
    });
    await assert.rejects(stand.bus.send(0, { kind: "pulse", output: 300, ms: 1000 }), {
      code: "osdp-command-bad",
      field: "/output",
    });
    await assert.rejects(stand.bus.send(9, { kind: "id" }), { code: "osdp-address" });
  });

  it("listens to a reader however much it is told", async () => {
    const stand = await Stand.online();
    for (let told = 0; told < 100; told++) {
      if (told === 20) stand.reader.card(26, "ea83e840");
      // more than the line can carry
      for (let more = 0; more < 5; more++) stand.bus.send(0, feedback("wait")[0]!).catch(() => undefined);
      await stand.time.move(10);
    }
    assert.equal(stand.of("card").length, 1);
    stand.events.length = 0;
    for (let told = 0; told < 30; told++) {
      stand.bus.send(0, feedback("wait")[0]!).catch(() => undefined);
      if (told === 10) stand.reader.card(26, "ea83e840");
      await stand.time.move(40);
    }
    assert.equal(stand.of("card").length, 1);
  });

  it("says the same bytes again until they are answered, and a reader does nothing twice", async () => {
    const stand = await Stand.online();
    stand.reader.obeyed.length = 0;
    stand.reader.habits.loseAnswers = 2;
    const from = stand.line.said.length;
    const done = stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 });
    await stand.time.move(1000);
    assert.equal((await done).kind, "ack");
    const panel = stand.line.said.slice(from).filter(({ by }) => by === "panel");
    assert.equal(panel[0]!.hex, panel[1]!.hex);
    assert.equal(panel[1]!.hex, panel[2]!.hex);
    assert.notEqual(panel[2]!.hex, panel[3]!.hex);
    assert.equal(stand.reader.obeyed.length, 1);
    assert.equal(stand.state(), "online");
  });

  it("waits while a reader is busy, and asks again what was damaged on the way", async () => {
    const stand = await Stand.online();
    stand.reader.habits.busy = 3;
    stand.reader.habits.nakCheck = 1;
    stand.reader.habits.badCheck = 1;
    const done = stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 });
    await stand.time.move(1500);
    assert.equal((await done).kind, "ack");
    assert.equal(stand.reader.sessions, 1);
    assert.deepEqual(stand.alarms(), []);
  });

  it("takes a silent reader for gone within two seconds and has it back within two", async () => {
    const stand = await Stand.online();
    stand.reader.habits.dead = true;
    await stand.time.move(2000);
    assert.equal(stand.state(), "offline");
    await assert.rejects(stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 }), { code: "osdp-offline" });
    await stand.time.move(20_000);
    assert.deepEqual(stand.alarms(), ["out-of-service"]);
    stand.reader.powerCycle();
    stand.reader.habits.dead = false;
    stand.reader.obeyed.length = 0;
    await stand.time.move(2000);
    assert.equal(stand.state(), "online");
    assert.ok(!stand.reader.obeyed.some(({ kind }) => kind === "outputs"));
    stand.reader.habits.dead = true;
    await stand.time.move(10_000);
    assert.deepEqual(stand.alarms(), ["out-of-service", "out-of-service"]);
  });

  it("drops a command that could not be said in time, and never says it later", async () => {
    const stand = await Stand.online();
    stand.reader.obeyed.length = 0;
    stand.reader.habits.dead = true;
    const late = stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 });
    const queued = stand.bus.send(0, { kind: "pulse", output: 1, ms: 1000 });
    const outcome = Promise.allSettled([late, queued]);
    await stand.time.move(3000);
    stand.reader.habits.dead = false;
    await stand.time.move(5000);
    for (const { status } of await outcome) assert.equal(status, "rejected");
    assert.equal(stand.state(), "online");
    assert.ok(!stand.reader.obeyed.some(({ kind }) => kind === "outputs"));
  });

  it("comes back from an adapter that is pulled out", async () => {
    const stand = await Stand.online();
    stand.line.gone = true;
    await stand.time.move(2000);
    assert.equal(stand.state(), "offline");
    stand.line.gone = false;
    await stand.time.move(2000);
    assert.equal(stand.state(), "online");
  });

  it("lets go what a reader kept while nobody listened, and hears it again from then on", async () => {
    const stand = await Stand.online();
    stand.line.gone = true;
    await stand.time.move(3000);
    for (let card = 0; card < 20; card++) stand.reader.card(26, "ea83e840");
    stand.reader.press("1234");
    stand.reader.set(1, false);
    stand.line.gone = false;
    await stand.time.move(8000);
    assert.equal(stand.state(), "online");
    assert.deepEqual([...stand.of("card"), ...stand.of("key")], []);
    assert.equal(stand.of("inputs").at(-1)?.inputs[0], false); // a level is asked for again
    stand.reader.card(26, "ea83e840");
    await stand.time.move(200);
    assert.equal(stand.of("card").length, 1);
  });

  it("comes back from an adapter that was pulled out in the middle of a write, and piles nothing up behind it", async () => {
    const stand = await Stand.online();
    const { write } = stand.line;
    let given = 0;
    stand.line.write = () => {
      given++;
      return new Promise(() => undefined);
    };
    await stand.time.move(550);
    assert.equal(given, 1);
    await stand.time.move(1450);
    assert.equal(stand.state(), "offline");
    stand.line.write = write;
    await stand.time.move(2000);
    assert.equal(stand.state(), "online");
  });

  it("comes back within two seconds from a reader that restarts", async () => {
    const stand = await Stand.online();
    stand.reader.powerCycle();
    await stand.time.move(2000);
    assert.equal(stand.state(), "online");
    assert.equal(stand.reader.sessions, 2);
    assert.deepEqual(stand.alarms(), ["session-lost"]);
  });

  it("keeps two readers with keys of their own apart", async () => {
    const stand = new Stand(
      [
        { address: 5, key: keyA },
        { address: 6, key: keyB },
      ],
      [
        { address: 5, key: keyA },
        { address: 6, key: keyB },
      ],
    );
    stand.bus.start();
    await stand.time.move(1000);
    assert.deepEqual([stand.state(5), stand.state(6)], ["online", "online"]);
    stand.line.peripherals[1]!.card(26, "ea83e840");
    await stand.time.move(200);
    assert.deepEqual(
      stand.of("card").map(({ address }) => address),
      [6],
    );
    stand.line.peripherals[0]!.habits.dead = true;
    await stand.time.move(2000);
    assert.deepEqual([stand.state(5), stand.state(6)], ["offline", "online"]);
    stand.line.peripherals[1]!.card(34, "a4cb016900");
    await stand.time.move(500);
    assert.equal(stand.of("card").length, 2);
  });

  it("takes a reader that is busy for ever for gone, while another on the line goes on", async () => {
    const both = [
      { address: 5, key: keyA },
      { address: 6, key: keyB },
    ];
    const stand = new Stand(both, both);
    stand.bus.start();
    await stand.time.move(1000);
    stand.line.peripherals[0]!.habits.busy = Number.POSITIVE_INFINITY;
    await stand.time.move(2000);
    assert.deepEqual([stand.state(5), stand.state(6)], ["offline", "online"]);
    stand.line.peripherals[0]!.habits.busy = 0;
    await stand.time.move(2000);
    assert.equal(stand.state(5), "online");
  });

  it("never lets readers that do not answer starve one that does", async () => {
    const addresses = Array.from({ length: 8 }, (_, at) => at);
    const stand = new Stand(
      [{ address: 7, key: keyA }],
      addresses.map((address) => ({
        address,
        key: Buffer.from(`00${address}f1e2d3c4b5a697887${address}6a5b4c3d2e1`.padEnd(32, "9"), "hex"),
      })),
    );
    stand.reader.key = Buffer.from("007f1e2d3c4b5a69788776a5b4c3d2e1".padEnd(32, "9"), "hex");
    stand.bus.start();
    await stand.time.move(10_000);
    assert.equal(stand.state(7), "online");
    const before = stand.reader.heard;
    await stand.time.move(10_000);
    assert.ok(stand.reader.heard - before >= 40, `polled ${stand.reader.heard - before} times in 10 s`);
  });

  it("takes a whole line for dead within two seconds, however many readers are on it", async () => {
    const addresses = Array.from({ length: 12 }, (_, at) => at);
    const keys = addresses.map((address) =>
      Buffer.from(`a1${address.toString(16).padStart(2, "0")}7c3d9e0b4455f08819ab2c6d7e90`, "hex"),
    );
    const both = addresses.map((address) => ({ address, key: keys[address]! }));
    const stand = new Stand(both, both);
    stand.bus.start();
    await stand.time.move(5000);
    assert.ok(addresses.every((address) => stand.state(address) === "online"));
    stand.line.gone = true;
    await stand.time.move(2000);
    assert.ok(addresses.every((address) => stand.state(address) === "offline"));
  });

  it("gives whoever guesses MACs a handshake ever more rarely, and forgives after a calm while", async () => {
    const stand = await Stand.online();
    const at: number[] = [];
    stand.line.toDevices = (bytes) => {
      if (/^53..1300..0311/.test(bytes.toString("hex"))) at.push(stand.time.monotonic());
      return [bytes];
    };
    stand.line.toPanel = (bytes) => [bytes[4]! & 8 && bytes[6]! >= 0x15 ? spoiled(bytes) : bytes];
    await stand.time.move(60_000);
    const gaps = at.slice(1).map((time, index) => Math.round((time - at[index]!) / 1000));
    assert.deepEqual(gaps.slice(0, 5), [2, 4, 8, 8, 8]);
    assert.equal(stand.bus.state(0).alarms["handshakes-failing"], Math.floor((at.length + 1) / 3));
    stand.line.toPanel = (bytes) => [bytes];
    await stand.time.move(10_000 + 31_000);
    stand.reader.powerCycle();
    await stand.time.move(2000);
    assert.equal(stand.state(), "online");
  });

  it("renews a session that has lasted for hours without a break", async () => {
    const stand = await Stand.online({ timing: { session: 60_000 } });
    await stand.time.move(61_000);
    assert.equal(stand.reader.sessions, 2);
    assert.deepEqual(
      stand.of("state").map(({ state }) => state),
      ["connecting", "online"],
    );
  });

  it("tells its own echo from an answer", async () => {
    const stand = new Stand([{ address: 0, key: keyA }], [{ address: 0, key: keyA }]);
    stand.line.echo = true;
    stand.bus.start();
    await stand.time.move(500);
    stand.reader.card(26, "ea83e840");
    await stand.time.move(500);
    assert.equal(stand.of("card").length, 1);
    assert.deepEqual(stand.alarms(), []);
  });

  it("is not thrown by noise before, between and inside answers", async () => {
    const stand = await Stand.online();
    stand.reader.habits.before = Buffer.from("ff00535380ff", "hex");
    stand.line.toPanel = (bytes) => Array.from(bytes, (byte) => Buffer.of(byte));
    stand.reader.card(26, "ea83e840");
    await stand.time.move(3000);
    assert.equal(stand.of("card").length, 1);
    assert.equal(stand.state(), "online");
    assert.deepEqual(stand.alarms(), []);
  });

  it("talks to readers with quirks: checksum, mark, RMAC_I status", async () => {
    const stand = new Stand(
      [{ address: 0, key: keyA }],
      [{ address: 0, key: keyA, quirks: ["checksum", "mark", "any-rmac-status"] }],
    );
    stand.reader.habits.checksum = true;
    stand.reader.habits.rmacStatus = 0;
    stand.bus.start();
    await stand.time.move(500);
    assert.equal(stand.state(), "online");
    assert.ok(stand.line.said.filter(({ by }) => by === "panel").every(({ hex }) => hex.startsWith("ff53")));
  });

  it("takes an unencrypted status only from a reader whose quirk it is, and an unencrypted card from none", async () => {
    for (const quirk of [false, true]) {
      const stand = new Stand(
        [{ address: 0, key: keyA }],
        [{ address: 0, key: keyA, ...(quirk ? { quirks: ["open-status"] } : {}) }],
      );
      stand.reader.habits.openStatus = stand.reader.habits.openCards = true;
      stand.bus.start();
      await stand.time.move(500);
      assert.equal(stand.state(), "online");
      assert.equal(stand.of("inputs").length, quirk ? 1 : 0);
      assert.deepEqual(stand.alarms(), quirk ? [] : ["unexpected-answer", "unexpected-answer"]);
      stand.reader.card(26, "ea83e840");
      await stand.time.move(200);
      assert.deepEqual(stand.of("card"), []);
      assert.equal(stand.alarms().at(-1), "unexpected-answer");
      assert.equal(stand.reader.sessions, 1);
    }
  });

  it("says why a reader would not", async () => {
    const stand = await Stand.online();
    stand.reader.habits.refuses = 9;
    const refused = assert.rejects(stand.bus.send(0, { kind: "pulse", output: 7, ms: 1000 }), {
      code: "osdp-refused",
      params: { reason: 9 },
    });
    await stand.time.move(200);
    await refused;
    assert.equal(stand.state(), "online");
  });

  it("refuses two devices on one address, addresses out of range, and keys that are no secret", () => {
    const make = (...devices: { address: number; key?: Buffer }[]) => new Stand([], devices);
    assert.throws(() => make({ address: 127 }), { code: "osdp-address" });
    assert.throws(() => make({ address: 1 }, { address: 1 }), { code: "osdp-address" });
    assert.throws(() => make({ address: 1, key: keyA }, { address: 2, key: keyA }), {
      code: "osdp-key-reused",
    });
    assert.throws(() => make({ address: 1, key: Buffer.alloc(16) }), { code: "osdp-key-weak" });
  });

  it("stops, forgets what waits, and starts again", async () => {
    const stand = await Stand.online();
    const waiting = assert.rejects(stand.bus.send(0, { kind: "pulse", output: 0, ms: 100 }), {
      code: "osdp-offline",
    });
    stand.bus.stop();
    await waiting;
    const said = stand.line.said.length;
    await stand.time.move(5000);
    assert.equal(stand.line.said.length, said);
    stand.bus.start();
    await stand.time.move(1000);
    assert.equal(stand.state(), "online");
  });

  it("survives being held up for seconds, with the answer waiting in a buffer, without losing its readers", async () => {
    const time = new MovedTime();
    let held = 0;
    const clock = { now: () => time.now(), monotonic: () => time.monotonic() + held };
    const stand = await Stand.online({ clock }, time);
    stand.line.delay = 240; // past the usual patience: the timer is looked at before the answer is
    const { toDevices } = stand.line;
    stand.line.toDevices = (bytes) => {
      held += 5000;
      return toDevices(bytes);
    };
    await stand.time.move(2000);
    stand.line.toDevices = toDevices;
    stand.line.delay = 3;
    await stand.time.move(1000);
    assert.equal(stand.state(), "online");
    assert.equal(stand.reader.sessions, 1);
  });

  it("shows its keys to nobody", async () => {
    const stand = await Stand.online();
    stand.reader.card(26, "ea83e840");
    await stand.time.move(500);
    const shown =
      inspect(stand.bus, { depth: 20, showHidden: true }) +
      JSON.stringify([stand.bus, stand.events, stand.bus.state(0)]) +
      stand.line.said.map(({ hex }) => hex).join();
    assert.ok(!shown.includes(keyA.toString("hex")));
    assert.ok(!shown.includes(keyA.toString("base64")));
    assert.ok(!shown.includes(inspect(keyA).slice(8, -1)));
    assert.ok(!shown.includes([...keyA].join(",")));
  });
});
