import assert from "node:assert/strict";
import fc from "fast-check";
import {
  answerLength,
  connectionOf,
  contextOf,
  readersOf,
  transmittedOf,
  versionOf,
} from "../../../../core/devices/cards/pcsc-messages.ts";
import { encodePn532 } from "../../../../core/devices/cards/pn532.ts";
import { type Pn532Frame, Pn532Frames } from "../../../../core/devices/cards/pn532-frames.ts";
import { parserFor, type ReaderProfile } from "../../../../core/devices/cards/profiles.ts";
import { encodeRdm6300 } from "../../../../core/devices/cards/rdm6300.ts";
import type { Found } from "../../../../core/devices/cards/reading.ts";
import { encodeWiegand, wiegandFormats } from "../../../../core/devices/cards/wiegand.ts";

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
interface Kind {
  profile: ReaderProfile;
  /** A good frame for a random card, and the number it must be read as. */
  make(roll: Roll): { frame: Buffer; number: string };
  /** Independent of the parser: may these bytes, somewhere in this text, be read as that number? */
  admits(stream: Buffer, number: string): boolean;
}

const hex = (roll: Roll, digits: number): string =>
  Array.from({ length: digits }, () => "0123456789ABCDEF"[roll(16)]).join("");

const kinds: Record<string, Kind> = {
  rdm6300: {
    profile: { format: "rdm6300" },
    make: (roll) => {
      const number = hex(roll, 10);
      return { frame: Buffer.from(encodeRdm6300(number)), number };
    },
    admits: (stream, number) =>
      stream
        .toString("latin1")
        .toUpperCase()
        .includes(Buffer.from(encodeRdm6300(number)).toString("latin1")),
  },
  "8H10D": {
    profile: { format: "text", notation: "8H10D" },
    make: (roll) => {
      const number = hex(roll, 8);
      return { frame: Buffer.from(`${BigInt(`0x${number}`).toString().padStart(10, "0")}\r\n`), number };
    },
    admits: (stream, number) =>
      stream.toString("latin1").includes(BigInt(`0x${number}`).toString().padStart(10, "0")),
  },
  "6H": {
    profile: { format: "text", notation: "6H" },
    make: (roll) => {
      const number = hex(roll, 6);
      return { frame: Buffer.from(`${number}\r`), number };
    },
    admits: (stream, number) => stream.toString("latin1").toUpperCase().includes(number),
  },
  wiegand: {
    profile: { format: "wiegand" },
    make: (roll) => {
      const number = hex(roll, 6);
      return { frame: Buffer.from(`${encodeWiegand(wiegandFormats[0]!, BigInt(`0x${number}`))}\n`), number };
    },
    admits: (stream, number) =>
      wiegandFormats.some((format) => {
        const width = format.data.reduce((sum, [first, last]) => sum + last - first + 1, 0);
        const value = BigInt(`0x${number}`);
        return (
          number.length === Math.ceil(width / 4) &&
          value >> BigInt(width) === 0n &&
          stream.toString("latin1").includes(encodeWiegand(format, value))
        );
      }),
  },
  signed: {
    profile: { format: "signed" },
    make: (roll) => {
      const number = `https://gate.example/?e=${hex(roll, 32)}&c=${hex(roll, 16)}`;
      return { frame: Buffer.from(`${number}\r\n`), number };
    },
    admits: (stream, number) => stream.toString("latin1").includes(number) && /[?&]e=/i.test(number),
  },
  pn532: {
    profile: { format: "pn532" },
    make: (roll) => {
      const number = `0${1 + roll(7)}${hex(roll, 6)}`;
      const data = Buffer.from(`4B010100040804${number}`, "hex");
      return { frame: Buffer.from(encodePn532(data, "chip")), number };
    },
    admits: (stream, number) => stream.includes(Buffer.from(number, "hex")),
  },
};

/** One to three of the things lines do to bytes. */
function damage(frame: Buffer, roll: Roll): Buffer {
  let bytes = [...frame];
  for (let times = 1 + roll(2); times > 0; times--) {
    const at = roll(bytes.length || 1);
    switch (roll(6)) {
      case 0: // a flipped bit
        if (bytes.length > 0) bytes[at] = bytes[at]! ^ (1 << roll(8));
        break;
      case 1: // a lost byte
        bytes.splice(at, 1);
        break;
      case 2: // a doubled byte
        bytes.splice(at, 0, bytes[at] ?? 0);
        break;
      case 3: // cut short
        bytes = bytes.slice(0, at);
        break;
      case 4: // noise before
        bytes.unshift(...Array.from({ length: roll(6) }, () => roll(256)));
        break;
      default: // a byte made up
        bytes.splice(at, 0, roll(256));
    }
  }
  return Buffer.from(bytes);
}

const numbers = (found: Found[]): string[] =>
  found.flatMap((one) => {
    if (one.kind === "signed") return [one.text];
    return one.kind === "card" ? [one.card.number] : [];
  });

/** How many damaged frames each parser is fed; `LIMEN_FUZZ=1000000` for the long run. */
const rounds = Number(process.env.LIMEN_FUZZ ?? 175_000);

describe("a million damaged frames", () => {
  for (const [name, kind] of Object.entries(kinds))
    it(`${name}: none is read as a card it does not hold, every sound one still is`, function () {
      this.timeout(600_000);
      const roll = dice(20261124);
      const parser = parserFor(kind.profile);
      let at = 0;
      let damaged = Buffer.alloc(0);
      let sound = 0;
      for (let round = 0; round < rounds; round++) {
        const bad = damage(kind.make(roll).frame, roll);
        damaged = Buffer.concat([damaged, bad]);
        assert.ok(parser.held <= 1024);
        at += 1;
        for (const number of numbers(parser.push(bad, at)))
          assert.ok(kind.admits(damaged, number), `round ${round}: read ${number}`);
        if (round % 8 !== 7) continue;
        // the line falls silent, then a good card comes in two pieces: it must be read, once, whatever came before
        at += 2000;
        for (const number of numbers(parser.flush(at))) assert.ok(kind.admits(damaged, number));
        const { frame, number } = kind.make(roll);
        const cut = roll(frame.length + 1);
        const pieces = [frame.subarray(0, cut), frame.subarray(cut)];
        const read = pieces.flatMap((piece) => numbers(parser.push(piece, at)));
        assert.deepEqual(read, [number], `round ${round}`);
        sound++;
        at += 2000;
        parser.flush(at);
        damaged = Buffer.alloc(0);
      }
      assert.equal(sound, Math.floor(rounds / 8));
      assert.ok(parser.rejected > 0);
    });
});

describe("a PN532's line", () => {
  it("gives back no frame that was not said whole, and every one that was, whatever lies between", function () {
    this.timeout(600_000);
    const roll = dice(532);
    const frames = new Pn532Frames();
    let at = 0;
    let said = 0;
    let found = 0;
    for (let round = 0; round < rounds; round += 8) {
      const parts: Buffer[] = [];
      const good: string[] = [];
      for (let count = 0; count < 8; count++) {
        const body = Buffer.from(Array.from({ length: 1 + roll(60) }, () => roll(256)));
        const frame = Buffer.from(encodePn532(body, "chip"));
        if (roll(3) === 0) {
          parts.push(frame);
          good.push(Buffer.concat([Buffer.of(0xd5), body]).toString("hex"));
        } else parts.push(damage(frame, roll));
      }
      const stream = Buffer.concat(parts);
      at += 1000;
      const step = 1 + roll(40);
      const read: string[] = [];
      const take = (heard: Pn532Frame[]): void => {
        for (const one of heard) if (one.kind === "data") read.push(Buffer.from(one.data).toString("hex"));
      };
      for (let from = 0; from < stream.length; from += step) {
        take(frames.push(stream.subarray(from, from + step), at));
        assert.ok(frames.held < 270);
      }
      take(frames.flush(at + 1000));
      for (const body of read) {
        const whole = Buffer.from(body, "hex");
        const length = Buffer.of(whole.length, -whole.length & 0xff);
        const check = Buffer.of(-whole.reduce((sum, byte) => sum + byte, 0) & 0xff);
        assert.ok(stream.includes(Buffer.concat([Buffer.of(0, 0xff), length, whole, check])), body);
      }
      said += good.length;
      found += good.filter((body) => read.includes(body)).length;
    }
    assert.ok(found > said * 0.97, `found ${found} of ${said}`); // a false length may swallow a neighbour
  });

  it("and pcscd's answers throw nothing, whatever they hold", () => {
    const roll = dice(44);
    for (let round = 0; round < rounds / 8; round++) {
      const bytes = (length: number): Buffer => {
        const random = Buffer.from(Array.from({ length }, () => roll(256)));
        if (roll(2) === 0) random.subarray(-4).fill(0); // went well
        return random;
      };
      versionOf(bytes(answerLength.version));
      contextOf(bytes(answerLength.establish));
      connectionOf(bytes(answerLength.connect));
      const length = transmittedOf(bytes(answerLength.transmit));
      assert.ok(length === undefined || length <= 258);
      if (round % 64 === 0)
        for (const { name } of readersOf(bytes(answerLength.readers))) assert.ok(name.length <= 128);
    }
  });
});

describe("any bytes at all", () => {
  for (const [name, { profile, admits }] of Object.entries(kinds))
    it(`${name}: reads the same however the stream is cut`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 }),
          fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
          (chunks, cuts) => {
            const stream = Buffer.concat(chunks);
            const whole = numbers(parserFor(profile).push(stream, 0));
            for (const number of whole) assert.ok(admits(stream, number));
            const parser = parserFor(profile);
            const split: string[] = [];
            for (let at = 0; at < stream.length; ) {
              const size = cuts.next().value as number;
              split.push(...numbers(parser.push(stream.subarray(at, at + size), 0)));
              at += size;
            }
            assert.deepEqual(split, whole);
          },
        ),
        { numRuns: 2000 },
      );
    });
});
