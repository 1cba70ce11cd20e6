import assert from "node:assert/strict";
import { publicKey } from "../../../../core/devices/osdp/keys.ts";
import { Peripheral } from "../../../device/osdp/peripheral.ts";
import { keyA, Stand } from "./stand.ts";
import { deviceNonce, opening, panelNonce } from "./transcript.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** CHLNG for the public key: the block's data byte is 0. */
const asksForPublicKey = /^53..1300..031100/;

describe("pairing an OSDP reader", () => {
  const fresh = (options: ConstructorParameters<typeof Stand>[2] = {}): Stand =>
    new Stand([{ address: 0, installMode: true }], [{ address: 0 }], options);

  it("opens as a recorded panel did, byte for byte, and is answered as it was", async () => {
    const stand = new Stand(
      [new Peripheral({ address: 0, installMode: true, nonce: () => deviceNonce })],
      [{ address: 0 }],
      { random: (length) => (length === 8 ? panelNonce : Buffer.from(keyA)) },
    );
    stand.bus.start();
    const paired = stand.bus.pair(0);
    await stand.time.move(1500);
    await paired;
    // the knocks of an unpaired line come first
    const said = stand.line.said.map((line) => line.hex);
    const start = said.lastIndexOf(opening[0]!.panel, said.indexOf(opening[2]!.panel));
    assert.deepEqual(
      said.slice(start, start + 8),
      opening.flatMap(({ panel, device }) => [panel, device]),
    );
  });

  it("gives the reader a random key of its own, kept before it is said, and is online with it", async () => {
    const stand = fresh();
    stand.bus.start();
    let kept = "";
    const paired = stand.bus.pair(0, {
      keep: (key) => {
        assert.ok(!stand.line.said.some(({ hex: bytes }) => bytes.slice(16).includes("75")) || kept === "");
        kept = hex(key);
        assert.equal(stand.reader.challenges, 0);
        return Promise.resolve();
      },
    });
    await stand.time.move(1500);
    const { key, identity } = await paired;
    assert.equal(hex(key), kept);
    assert.equal(hex(stand.reader.key!), kept);
    assert.notEqual(kept, hex(publicKey));
    assert.equal(identity?.serial, 0x01020304);
    assert.equal(stand.state(), "online");
    stand.reader.card(26, "ea83e840");
    await stand.time.move(200);
    assert.equal(stand.of("card").length, 1);
    assert.ok(!JSON.stringify([stand.events, stand.line.said]).includes(kept));
  });

  it("never asks for the public key unless an operator pairs", async () => {
    const stand = fresh();
    stand.bus.start();
    stand.reader.card(26, "ea83e840");
    await stand.time.move(20_000);
    assert.equal(stand.reader.challenges, 0);
    assert.equal(stand.state(), "unpaired");
    assert.ok(stand.bus.state(0).present);
    assert.deepEqual(stand.of("card"), []);
    await assert.rejects(stand.bus.send(0, { kind: "pulse", output: 0, ms: 100 }), { code: "osdp-offline" });
  });

  it("does not fall back to the public key when a keyed reader does not know its key", async () => {
    const stand = new Stand([{ address: 0, installMode: true }], [{ address: 0, key: keyA }]);
    stand.bus.start();
    await stand.time.move(60_000);
    assert.ok(stand.reader.challenges >= 5);
    assert.ok(!stand.line.said.some(({ hex: bytes }) => asksForPublicKey.test(bytes)));
    assert.equal(stand.reader.obeyed.length, 0);
    assert.notEqual(stand.state(), "online");
  });

  it("tells the operator that a reader is not in install mode, and leaves it as it was", async () => {
    const stand = await Stand.online();
    const outcome = assert.rejects(stand.bus.pair(0, { seconds: 10 }), {
      code: "osdp-pairing-failed",
      params: { reason: "wrong-slot" },
    });
    await stand.time.move(5000);
    assert.equal(stand.state(), "pairing");
    stand.reader.card(26, "ea83e840");
    await stand.time.move(4000);
    stand.reader.reports.length = 0;
    await stand.time.move(2000);
    await outcome;
    assert.deepEqual(stand.of("card"), []);
    await stand.time.move(2000);
    assert.equal(stand.state(), "online");
    assert.equal(hex(stand.reader.key!), hex(keyA));
    assert.ok(!stand.reader.obeyed.some(({ kind }) => kind === "key-set"));
  });

  it("believes nothing that comes in a session under the public key", async () => {
    const stand = fresh();
    stand.reader.card(26, "ea83e840");
    stand.reader.habits.refusesKey = true;
    stand.reader.habits.keyAnswer = stand.reader.reports[0];
    stand.bus.start();
    const outcome = assert.rejects(stand.bus.pair(0, { seconds: 10 }), {
      code: "osdp-pairing-failed",
      params: { reason: "secure-channel-refused" },
    });
    await stand.time.move(11_000);
    await outcome;
    assert.ok(stand.reader.sessions > 1);
    assert.deepEqual(stand.of("card"), []);
    assert.equal(stand.state(), "unpaired");
  });

  it("is not finished before the reader has proved the new key", async () => {
    const stand = fresh();
    stand.reader.habits.forgetsKey = true;
    stand.reader.key = Buffer.from("a5c3d2e1f00f1e2d3c4b5a6978879611", "hex");
    stand.bus.start();
    const outcome = assert.rejects(stand.bus.pair(0, { seconds: 10 }), { code: "osdp-pairing-failed" });
    await stand.time.move(11_000);
    await outcome;
    assert.equal(stand.state(), "unpaired");
  });

  it("finds out by itself when the reader took the key but its answer was lost", async () => {
    const stand = fresh();
    stand.bus.start();
    const paired = stand.bus.pair(0);
    let lost = false;
    stand.line.toPanel = (bytes) => {
      if (stand.reader.obeyed.some(({ kind }) => kind === "key-set") && !lost) {
        lost = true;
        stand.reader.powerCycle();
        return [];
      }
      return [bytes];
    };
    await stand.time.move(8000);
    const { key } = await paired;
    assert.ok(lost);
    assert.equal(hex(key), hex(stand.reader.key!));
    assert.equal(stand.state(), "online");
  });

  it("gives a paired reader a newer key under the one it has", async () => {
    const stand = await Stand.online();
    const paired = stand.bus.pair(0, { under: "own" });
    await stand.time.move(3000);
    const { key } = await paired;
    assert.notEqual(hex(key), hex(keyA));
    assert.equal(hex(stand.reader.key!), hex(key));
    assert.equal(stand.state(), "online");
    assert.ok(!stand.line.said.some(({ hex: bytes }) => asksForPublicKey.test(bytes)));
    assert.deepEqual(stand.alarms(), []);
  });

  it("pairs one reader at a time, and no other than the one named", async () => {
    const stand = new Stand(
      [
        { address: 1, installMode: true },
        { address: 2, installMode: true },
      ],
      [{ address: 1 }, { address: 2 }],
    );
    stand.bus.start();
    const paired = stand.bus.pair(1);
    await assert.rejects(stand.bus.pair(2), { code: "osdp-pairing-busy" });
    await stand.time.move(3000);
    await paired;
    assert.deepEqual([stand.state(1), stand.state(2)], ["online", "unpaired"]);
    assert.equal(stand.line.peripherals[1]!.challenges, 0);
  });

  it("ends when the operator gives up, when the line stops, and when time is over", async () => {
    const stand = new Stand([], [{ address: 0 }]);
    await assert.rejects(stand.bus.pair(0), { code: "osdp-offline" });
    stand.bus.start();
    await assert.rejects(stand.bus.pair(0, { under: "own" }), { code: "osdp-unpaired" });
    const given = new AbortController();
    const one = assert.rejects(stand.bus.pair(0, { signal: given.signal }), {
      params: { reason: "given-up" },
    });
    await stand.time.move(1000);
    given.abort();
    await one;
    await assert.rejects(stand.bus.pair(0, { signal: given.signal }), { params: { reason: "given-up" } });
    const two = assert.rejects(stand.bus.pair(0, { seconds: 10 }), { params: { reason: "silent" } });
    await stand.time.move(10_100);
    await two;
    const three = assert.rejects(stand.bus.pair(0), { params: { reason: "stopped" } });
    await stand.time.move(1000);
    stand.bus.stop();
    await three;
    assert.equal(stand.state(), "unpaired");
    assert.equal(stand.time.pending, 0);
  });

  it("refuses to go on when the key cannot be kept", async () => {
    const stand = fresh();
    stand.bus.start();
    await assert.rejects(
      stand.bus.pair(0, { keep: () => Promise.reject(new Error("disk full")) }),
      /disk full/,
    );
    await stand.time.move(3000);
    assert.equal(stand.reader.challenges, 0);
  });
});
