import assert from "node:assert/strict";
import { encodeFrame, type Frame, longestFrame } from "../../../../core/devices/osdp/frame.ts";
import { FrameParser } from "../../../../core/devices/osdp/parser.ts";
import { spoiled, withCheck } from "../../../device/osdp/peripheral.ts";
import { Stand } from "./stand.ts";

/** A small repeatable generator (mulberry32): a failure can be run again from its seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
type Roll = ReturnType<typeof dice>;

const randomBytes = (roll: Roll, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => roll(256)));

function randomFrame(roll: Roll): Buffer {
  const type = roll(3) === 0 ? undefined : 0x11 + roll(8);
  const frame: Frame = {
    address: roll(128),
    reply: roll(8) > 0,
    sequence: roll(4),
    check: roll(4) === 0 ? "sum" : "crc",
    ...(type ? { scb: { type, data: randomBytes(roll, type < 0x15 ? 1 : 0) } } : {}),
    id: roll(256),
    data: randomBytes(roll, roll(12)),
    ...(type && type >= 0x15 ? { mac: randomBytes(roll, 4) } : {}),
  };
  return encodeFrame(frame);
}

/** Damage as a line does it: bits turned, bytes lost, doubled, cut off. */
function damaged(roll: Roll, frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  const at = roll(copy.length);
  switch (roll(5)) {
    case 0:
      copy[at]! ^= 1 << roll(8);
      return copy;
    case 1:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + 1)]);
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at, at + 1), copy.subarray(at)]);
    case 3:
      return copy.subarray(0, at);
    default:
      copy[at] = roll(256);
      copy[roll(copy.length)] = 0x53;
      return copy;
  }
}

/** Told independently of the parser, bit by bit: is this one whole frame whose check is right? */
function sound(raw: Buffer): boolean {
  if (raw[0] !== 0x53 || raw.readUInt16LE(2) !== raw.length) return false;
  if (raw[4]! & 4) return withCheck(raw.subarray(0, -2)).equals(raw);
  return (raw.reduce((sum, byte) => sum + byte, 0) & 0xff) === 0;
}

describe("an OSDP parser among noise", () => {
  it("takes a million frames, good, damaged, cut and mixed with noise, without a bad one, a throw or growth", () => {
    const roll = dice(0x05d9);
    const good = Array.from({ length: 4096 }, () => randomFrame(roll));
    const parser = new FrameParser({ wants: "replies" });
    const own = new FrameParser({ wants: "commands" });
    let fed = 0;
    let said = 0;
    let found = 0;
    let most = 0;
    while (fed < 1_000_000) {
      const parts: Buffer[] = [];
      for (let count = 0; count < 250; count++, fed++) {
        const frame = good[roll(good.length)]!;
        const kind = roll(4);
        if (kind < 2) said++;
        parts.push(kind < 2 ? frame : kind === 2 ? damaged(roll, frame) : randomBytes(roll, roll(10)));
      }
      const stream = Buffer.concat(parts);
      const step = 1 + roll(97);
      for (let at = 0; at < stream.length; at += step) {
        for (const which of [parser, own])
          for (const frame of which.push(stream.subarray(at, at + step))) {
            found++;
            const raw = encodeFrame(frame);
            // the very bytes, check included, were on the line
            if (!stream.includes(raw) || (found % 16 === 0 && !sound(raw))) assert.fail(raw.toString("hex"));
          }
        most = Math.max(most, parser.held, own.held);
      }
      parser.flush();
      own.flush();
      assert.equal(parser.held, 0);
    }
    assert.ok(most < longestFrame, `held ${most} bytes`);
    assert.ok(found > said * 0.9, `found ${found} of ${said}`);
  });

  it("finds every good frame again after a burst of noise and a moment of silence", () => {
    const roll = dice(77);
    const parser = new FrameParser({ wants: "replies" });
    for (let round = 0; round < 5000; round++) {
      const frame = randomFrame(roll);
      parser.push(randomBytes(roll, roll(60)));
      parser.flush();
      const found = parser.push(frame);
      assert.equal(found.length, frame[1]! & 0x80 ? 1 : 0);
    }
  });

  it("lets a panel believe nothing it was not told under its keys, however well-formed", async () => {
    const roll = dice(4711);
    const stand = await Stand.online();
    stand.events.length = 0;
    let genuine = 0;
    stand.line.toPanel = (bytes) => {
      switch (roll(50)) {
        case 0: {
          // its own answer, in other words
          const other = Buffer.from(bytes.subarray(0, -2));
          other[5 + roll(other.length - 5)]! ^= 1 << roll(8);
          return [withCheck(other), bytes];
        }
        case 1:
          return [spoiled(bytes)];
        case 2: {
          const frame = Buffer.from(randomFrame(roll));
          frame[1] = 0x80;
          frame[4] = (frame[4]! & 0xfc) | (bytes[4]! & 3);
          return [frame[4]! & 4 ? withCheck(frame.subarray(0, -2)) : frame];
        }
        default:
          return [bytes];
      }
    };
    for (let round = 0; round < 300; round++) {
      if (stand.state() === "online" && roll(3) === 0) {
        stand.reader.card(26, "ea83e840");
        genuine++;
      }
      await stand.time.move(1000);
    }
    const cards = stand.of("card");
    assert.ok(cards.length > 0 && cards.length <= genuine, `${cards.length} cards of ${genuine}`);
    assert.ok(cards.every(({ bits, hex }) => bits === 26 && hex === "EA83E840"));
    assert.deepEqual(stand.of("key"), []);
    assert.ok(stand.of("inputs").every(({ inputs }) => inputs.join() === "true,false"));
    assert.deepEqual(stand.of("outputs"), []);
    assert.ok(stand.of("tamper").every(({ on }) => !on));
    assert.ok(stand.alarms().includes("bad-mac"));
  });
});
