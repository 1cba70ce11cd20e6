import assert from "node:assert/strict";
import { decodeFrame, encodeFrame } from "../../core/devices/osdp/frame.ts";
import { createOsdpBus, type OsdpDevice } from "../../core/devices/osdp/index.ts";
import { publicKey } from "../../core/devices/osdp/keys.ts";
import { encodeReply, type Reply } from "../../core/devices/osdp/replies.ts";
import { has, until } from "./lines.ts";
import { Peripheral, type PeripheralOptions, spoiled, usualIdentity, withCheck } from "./osdp/peripheral.ts";
import { PtyStand } from "./osdp/pty-stand.ts";

const key = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f1", "hex");
const rest = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A frame a man in the middle makes up: right address, right check, no key. */
const forged = (like: Buffer, reply: Reply, sequence = like[4]! & 3): Buffer =>
  encodeFrame({ address: like[1]! & 0x7f, reply: true, sequence, check: "crc", ...encodeReply(reply) });
const card: Reply = {
  kind: "card",
  reader: 0,
  format: "wiegand",
  bits: 26,
  data: Buffer.from("ea83e840", "hex"),
};

const idAt = (frame: Buffer): number => frame[frame[4]! & 8 ? 5 + frame[5]! : 5]!;
const secured = (frame: Buffer): boolean => (frame[4]! & 8) !== 0 && frame[6]! >= 0x15;
/** CHLNG frames in hex, their slot byte after the block's type. */
const challenges = (stand: PtyStand): string[] =>
  stand.said().filter((frame) => /^53..1300..0311/.test(frame));

describe("OSDP, with a man in the middle", () => {
  let stand: PtyStand;

  before(function () {
    if (!has("socat")) this.skip();
  });
  afterEach(async () => {
    await stand?.end();
  });

  const start = async (
    reader: Partial<PeripheralOptions> = {},
    device: Partial<OsdpDevice> = {},
  ): Promise<PtyStand> => {
    stand = await PtyStand.start([{ address: 0, key, ...reader }], [{ address: 0, key, ...device }]);
    return stand;
  };
  const online = async (device: Partial<OsdpDevice> = {}): Promise<PtyStand> => {
    await start({}, device);
    await stand.online();
    return stand;
  };
  /** Nothing was let in that was not shown, and nothing was opened. */
  const nothingHappened = (): void => {
    assert.deepEqual(stand.cards(), []);
    assert.ok(!stand.events.some(({ kind }) => kind === "key"));
    assert.ok(!stand.reader.obeyed.some(({ kind }) => kind === "outputs" || kind === "key-set"));
  };
  /** The attack is over; the door serves again. */
  const leave = async (): Promise<void> => {
    stand.hub.toPanel = (frame) => [frame];
    stand.hub.toDevices = (frame) => [frame];
    await stand.online();
    await stand.usable();
    // one that was out of service is back on the record as well
    const lives = stand.records.filter((record) => record.startsWith("reader-"));
    assert.notEqual(lives.at(-1), "reader-silent");
  };
  /** The attacker's device goes, and the door's own reader is there again. */
  const ownReader = async (attacker: Peripheral, own: Peripheral): Promise<void> => {
    await stand.disconnect(attacker);
    await stand.connect(own);
    await stand.online();
    await stand.usable(undefined, own);
  };
  /** Replaces the answer to the next poll, once. */
  const replaceOnce = (make: (frame: Buffer) => Buffer[]): void => {
    let done = false;
    stand.hub.toPanel = (frame) => {
      if (done || !secured(frame)) return [frame];
      done = true;
      return make(frame);
    };
  };

  it("1: cards and keys without a secure channel count for nothing, and the door says that it is out of service", async () => {
    await start();
    stand.hub.toPanel = (frame) => [forged(frame, card)];
    await stand.alarmed("clear-frame");
    await stand.alarmed("out-of-service");
    assert.notEqual(stand.state(), "online");
    await assert.rejects(stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 }), { code: "osdp-offline" });
    nothingHappened();
    await leave();
  });

  it("1: a reader that never had a key is not believed either", async () => {
    stand = await PtyStand.start([{ address: 0 }], [{ address: 0 }]);
    stand.reader.habits.clearCard = card;
    await stand.alarmed("clear-frame");
    await rest(300);
    nothingHappened();
    assert.equal(stand.state(), "unpaired");
  });

  it("2: capabilities rewritten to 'no security' downgrade nothing", async () => {
    await start();
    stand.hub.toPanel = (frame) => {
      if (idAt(frame) !== 0x46 || frame[4]! & 8) return [frame];
      const body = Buffer.from(frame.subarray(0, -2));
      for (let at = 6; at < body.length; at += 3) if (body[at] === 9) body[at + 1] = body[at + 2] = 0;
      return [withCheck(body)];
    };
    await stand.alarmed("downgrade");
    await stand.online();
    await stand.usable();
    assert.ok(challenges(stand).length > 0);
  });

  it("2: a handshake that is refused for the reader leaves it out of service, never in clear", async () => {
    await start();
    stand.hub.toPanel = (frame) =>
      idAt(frame) === 0x76 ? [forged(frame, { kind: "nak", code: 5 })] : [frame];
    await stand.alarmed("secure-channel-refused");
    await stand.alarmed("out-of-service");
    assert.ok(!stand.said().some((frame) => Buffer.from(frame, "hex")[5] === 0x60));
    nothingHappened();
    await leave();
  });

  it("3: a fake reader in install mode gets neither the public key's handshake nor a new key", async () => {
    stand = await PtyStand.start([{ address: 0, installMode: true }], [{ address: 0, key }]);
    await stand.alarmed("secure-channel-refused");
    await until(() => stand.reader.challenges >= 3, "more tries");
    assert.ok(challenges(stand).every((frame) => frame.slice(14, 16) === "01"));
    assert.equal(stand.reader.sessions, 0);
    nothingHappened();
    await ownReader(stand.reader, new Peripheral({ address: 0, key }));
  });

  it("3: a reader that answers with the public key although its own was asked for is refused", async () => {
    await start({ installMode: true });
    stand.hub.toDevices = (frame) => {
      if (!/^53..1300..0311/.test(frame.toString("hex"))) return [frame];
      const body = Buffer.from(frame.subarray(0, -2));
      body[7] = 0;
      return [withCheck(body)];
    };
    await stand.alarmed("wrong-slot");
    assert.equal(stand.reader.sessions, 0);
    nothingHappened();
    await leave();
  });

  it("4: keys that anybody could know are refused", () => {
    const options = {
      port: { write: () => Promise.resolve(), onData: () => () => undefined },
      clock: { now: () => new Date(), monotonic: () => 0 },
      timers: { after: () => () => undefined },
      onEvent: () => undefined,
    };
    for (const [weak, code] of [
      [publicKey, "osdp-key-public"],
      [Buffer.alloc(16, 0x55), "osdp-key-weak"],
      [Buffer.from("000102030405060708090a0b0c0d0e0f", "hex"), "osdp-key-weak"],
    ] as const)
      assert.throws(() => createOsdpBus({ ...options, devices: [{ address: 0, key: weak }] }), { code });
    const twice = [0, 1].map((address) => ({ address, key }));
    assert.throws(() => createOsdpBus({ ...options, devices: twice }), { code: "osdp-key-reused" });
  });

  it("5: a reader that was replaced by another is noticed, and is given no key by itself", async () => {
    await online({ identity: usualIdentity });
    await stand.disconnect(stand.reader);
    await until(() => stand.state() === "offline", "the reader gone");
    const other = new Peripheral({
      address: 0,
      installMode: true,
      identity: { ...usualIdentity, serial: 666 },
    });
    await stand.connect(other);
    await stand.alarmed("identity-changed");
    await stand.alarmed("secure-channel-refused");
    assert.equal(other.sessions, 0);
    assert.ok(!stand.said().some((frame) => frame.slice(14, 16) === "75"));
    nothingHappened();
    await ownReader(other, stand.reader);
  });

  for (const [what, reply] of [
    ["a card", card],
    ["keys", { kind: "keys", reader: 0, keys: Buffer.from("1234#") }],
    ["an ACK", { kind: "ack" }],
    ["a status", { kind: "input-status", inputs: [false, false] }],
  ] as const)
    it(`6: ${what} in clear inside a session ends it, is not believed, and raises an alarm`, async () => {
      await online();
      stand.events.length = 0;
      replaceOnce((frame) => [forged(frame, reply)]);
      await stand.alarmed("clear-frame");
      await until(() => stand.reader.sessions >= 2, "a new handshake");
      assert.ok(challenges(stand).every((frame) => frame.slice(14, 16) === "01"));
      nothingHappened();
      await leave();
    });

  it("6: 'I have no session' in clear ends the session and never leads to one in clear", async () => {
    await online();
    const before = stand.said().length;
    replaceOnce((frame) => [forged(frame, { kind: "nak", code: 6 })]);
    await stand.alarmed("session-lost");
    await stand.online();
    // from there on: who are you, what can you, prove it
    const after = stand
      .said()
      .slice(before)
      .map((text) => decodeFrame(Buffer.from(text, "hex"))!);
    assert.ok(after.filter(({ scb }) => !scb).every(({ id }) => id === 0x61 || id === 0x62));
    await leave();
  });

  it("6: BUSY and 'your check was wrong' are all that may be in clear, and only buy time", async () => {
    await online();
    let forgeries = 0;
    stand.hub.toPanel = (frame) => {
      if (++forgeries % 4 === 1) return [forged(frame, { kind: "busy" }, 0)];
      if (forgeries % 4 === 3) return [forged(frame, { kind: "nak", code: 1 })];
      return [frame];
    };
    await until(() => forgeries > 20, "many forgeries");
    assert.equal(stand.state(), "online");
    assert.equal(stand.reader.sessions, 1);
    assert.deepEqual(stand.alarms(), []);
    // for ever busy is gone
    stand.hub.toPanel = (frame) => [forged(frame, { kind: "busy" }, 0)];
    await until(() => stand.state() === "offline", "the reader taken for gone");
    await stand.alarmed("out-of-service");
    nothingHappened();
    await leave();
  });

  it("7: the first wrong MAC ends the session", async () => {
    await online();
    replaceOnce((frame) => [spoiled(frame)]);
    await stand.alarmed("bad-mac");
    assert.equal(stand.bus.state(0).alarms["bad-mac"], 1);
    nothingHappened();
    await leave();
    assert.ok(stand.reader.sessions >= 2);
  });

  it("7: whoever guesses MACs meets a new nonce each time, and raises an alarm", async () => {
    await online();
    stand.hub.toPanel = (frame) => (secured(frame) ? [spoiled(frame)] : [frame]);
    await stand.alarmed("handshakes-failing");
    await until(() => (stand.bus.state(0).alarms["bad-mac"] ?? 0) >= 5, "five guesses");
    const nonces = challenges(stand).map((frame) => frame.slice(18, 34));
    assert.equal(new Set(nonces).size, nonces.length);
    nothingHappened();
    await leave();
  });

  for (const [what, at, rewrite] of [
    ["the public key's slot in CCRYPT", 0x76, (body: Buffer) => body.fill(0, 7, 8)],
    ["another security block in CCRYPT", 0x76, (body: Buffer) => body.fill(0x14, 6, 7)],
    ["another proof in CCRYPT", 0x76, (body: Buffer) => body.fill(body[39]! ^ 1, 39, 40)],
    ["a failure in RMAC_I", 0x78, (body: Buffer) => body.fill(0, 7, 8)],
    ["another security block in RMAC_I", 0x78, (body: Buffer) => body.fill(0x12, 6, 7)],
    ["another first MAC in RMAC_I", 0x78, (body: Buffer) => body.fill(body[9]! ^ 1, 9, 10)],
    ["a card instead of RMAC_I", 0x78, undefined],
  ] as const)
    it(`8: a handshake with ${what} leads to no session`, async () => {
      await start();
      let changed = 0;
      stand.hub.toPanel = (frame) => {
        if (idAt(frame) !== at || !(frame[4]! & 8)) return [frame];
        changed++;
        if (!rewrite) return [forged(frame, card)];
        return [withCheck(rewrite(Buffer.from(frame.subarray(0, -2))))];
      };
      await until(() => changed >= 2, "two handshakes");
      assert.notEqual(stand.state(), "online");
      const [first] = stand.alarms();
      assert.ok(first);
      await stand.alarmed(first);
      // no command was ever sealed, and no proof given to who had not proved its own key
      assert.ok(!stand.said().some((frame) => secured(Buffer.from(frame, "hex"))));
      if (at === 0x76) assert.ok(!stand.said().some((frame) => frame.slice(12, 14) === "13"));
      nothingHappened();
      await leave();
    });

  it("9: a card that was recorded cannot be shown again", async () => {
    await online();
    let recorded: Buffer | undefined;
    stand.hub.toPanel = (frame) => {
      if (idAt(frame) === 0x50) recorded = Buffer.from(frame);
      return [frame];
    };
    await stand.usable();
    assert.ok(recorded);
    const again = recorded;
    let replays = 0;
    stand.hub.toPanel = (frame) => {
      // wait for its sequence number to come round
      if (!secured(frame) || (frame[4]! & 3) !== (again[4]! & 3) || replays > 0) return [frame];
      replays++;
      return [again];
    };
    await stand.alarmed("bad-mac");
    assert.equal(stand.cards().length, 1);
    await leave();
    // nor in the next session
    replays = 0;
    stand.hub.toPanel = (frame) => {
      if (!secured(frame) || (frame[4]! & 3) !== (again[4]! & 3) || replays > 0) return [frame];
      replays++;
      return [again];
    };
    await until(() => (stand.bus.state(0).alarms["bad-mac"] ?? 0) >= 2, "the replay to be noticed");
    assert.equal(stand.cards().length, 2);
    await leave();
  });

  it("9: answers from another address, with another number, cut short or damaged are no answers", async () => {
    await online();
    let forgeries = 0;
    stand.hub.toPanel = (frame) => {
      const other = Buffer.from(frame.subarray(0, -2));
      switch (forgeries++ % 5) {
        case 0:
          other[1] = 0x81;
          return [withCheck(other), frame];
        case 1:
          other[4] = (other[4]! & 0xfc) | ((frame[4]! + 1) & 3);
          return [withCheck(other), frame];
        case 2:
          return [frame.subarray(0, -1)];
        case 3:
          return [Buffer.concat([other, Buffer.of(1, 2)])];
        default:
          return [frame];
      }
    };
    await until(() => forgeries > 25, "many forgeries");
    assert.equal(stand.state(), "online");
    assert.equal(stand.reader.sessions, 1);
    assert.deepEqual(stand.alarms(), []);
    nothingHappened();
    await leave();
  });

  it("9: what is not answered is said again with the same number and the same bytes", async () => {
    await online();
    let lost = 0;
    const before = stand.said().length;
    stand.hub.toPanel = (frame) => (lost++ < 2 ? [] : [frame]);
    await stand.bus.send(0, { kind: "pulse", output: 0, ms: 1000 });
    // the first answer lost may be to what had been said just before
    const said = stand.said().slice(before - 1, before + 4);
    assert.ok(
      said.some((frame, at) => frame === said[at + 1] && frame === said[at + 2]),
      said.join("\n"),
    );
    assert.equal(stand.reader.sessions, 1);
    assert.equal(stand.reader.obeyed.filter(({ kind }) => kind === "outputs").length, 1);
  });
});
