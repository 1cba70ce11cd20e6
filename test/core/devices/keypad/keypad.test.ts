import assert from "node:assert/strict";
import fc from "fast-check";
import type { Key } from "../../../../core/devices/cards/reading.ts";
import { keyOf4bit, keyOf8bit, keyOfOsdp } from "../../../../core/devices/keypad/bursts.ts";
import { CodeEntry } from "../../../../core/devices/keypad/entry.ts";
import { keypadFormats, keySourceFor } from "../../../../core/devices/keypad/presses.ts";

const keys = "0123456789*#";

describe("keypad bursts", () => {
  it("of 4 bits are the key's number", () => {
    assert.equal(Array.from({ length: 12 }, (_, burst) => keyOf4bit(burst)).join(""), keys);
    for (const noise of [12, 13, 14, 15, 16, 255]) assert.equal(keyOf4bit(noise), undefined);
  });

  it("of 8 bits carry their complement", () => {
    const bursts = [0xf0, 0xe1, 0xd2, 0xc3, 0xb4, 0xa5, 0x96, 0x87, 0x78, 0x69, 0x5a, 0x4b];
    assert.equal(bursts.map(keyOf8bit).join(""), keys);
    for (let byte = 0; byte < 256; byte++)
      if (!bursts.includes(byte)) assert.equal(keyOf8bit(byte), undefined);
    assert.equal(keyOf8bit(0x8f), undefined); // the misprinted 7
  });

  it("of OSDP are ASCII with their own star and hash", () => {
    assert.equal([...Buffer.from("0123456789"), 0x7f, 0x0d].map(keyOfOsdp).join(""), keys);
    assert.equal(keyOfOsdp(0x41), undefined);
  });
});

describe("key presses from a wire", () => {
  const read = (format: (typeof keypadFormats)[number], bytes: Uint8Array) =>
    keySourceFor(format).push(bytes, 0).join("");

  it("are read in each format", () => {
    assert.equal(read("keys", Buffer.from("12A3*4B5#\r")), "12*3*4#5##");
    assert.equal(read("wiegand4", Uint8Array.of(1, 2, 10, 11, 12)), "12*#");
    assert.equal(read("wiegand8", Uint8Array.of(0xe1, 0x87, 0x8f, 0x4b)), "17#");
    assert.equal(read("osdp", Uint8Array.of(0x31, 0x7f, 0x0d)), "1*#");
    assert.equal(read("code", Buffer.from(" 482913# ")), "*482913#");
    assert.equal(read("code", Buffer.from("482913; drop")), "");
  });

  it("are a whole code in the bits of a card, where the keypad sends it so: six digits, or a number under its own code", () => {
    assert.equal(read("w26-bcd", Buffer.from("048291\r\n")), "*048291#");
    assert.equal(read("w26-bcd", Buffer.from("D41B81\r")), "", "a card");
    assert.equal(read("w26-bcd", Buffer.from("48291\r")), "");
    const number = (line: string, facility = 7) =>
      keySourceFor("w26-number", facility).push(Buffer.from(line), 0).join("");
    assert.equal(number("07FFFF\r"), "*65535#");
    assert.equal(number("0704d2\r07002A\r"), "*1234#*42#");
    assert.equal(number("6F6C3A\r"), "", "a card of facility 111");
    assert.equal(number("07FFFF\r", 111), "");
    const halfway = keySourceFor("w26-number", 7);
    assert.deepEqual(halfway.push(Buffer.from("0704"), 0), []);
    assert.deepEqual(halfway.push(Buffer.from("d2\r"), 5000), [], "half a line is given up");
  });

  it("share a wire with card numbers, which are never taken for typing", () => {
    const shared = keySourceFor("shared");
    assert.deepEqual(shared.push(Buffer.from("0040856634\r\n"), 0), []);
    assert.deepEqual(shared.push(Buffer.from("7"), 100), []);
    assert.equal(shared.waitMs, 25);
    assert.deepEqual(shared.flush(125), ["7"]);
    assert.deepEqual(shared.push(Uint8Array.of(0xb4), 300), []);
    assert.deepEqual(shared.push(Buffer.from("0040856634\r\n"), 400), ["4"]);
    assert.deepEqual(shared.flush(10_000), []);
  });

  it("are only ever keys, whatever the bytes", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...keypadFormats),
        fc.array(fc.uint8Array({ maxLength: 50 })),
        (format, chunks) => {
          const source = keySourceFor(format);
          chunks.forEach((bytes, at) => {
            for (const key of source.push(bytes, at * 30)) assert.ok(keys.includes(key));
          });
          for (const key of source.flush(1e9)) assert.ok(keys.includes(key));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe("a code being typed", () => {
  const type = (entry: CodeEntry, text: string, at = 0) =>
    [...text].map((key) => entry.press(key as Key, at)).at(-1);

  it("is entered by #, started over by *", () => {
    const entry = new CodeEntry();
    assert.deepEqual(type(entry, "4829#"), { kind: "code", digits: "4829" });
    assert.deepEqual(type(entry, "11*4829#"), { kind: "code", digits: "4829" });
    assert.deepEqual(type(entry, "#"), { kind: "cleared" });
    assert.deepEqual(type(entry, "12#"), { kind: "refused" });
    assert.ok(entry.empty);
  });

  it("is entered by itself at its length, where it has one", () => {
    const entry = new CodeEntry({ length: 6 });
    assert.deepEqual(type(entry, "48291"), { kind: "typing" });
    assert.deepEqual(type(entry, "3"), { kind: "code", digits: "482913" });
  });

  it("is forgotten after a silence, so that the next person starts anew", () => {
    const entry = new CodeEntry({ gapMs: 5000 });
    type(entry, "48", 0);
    assert.equal(entry.forget(4999), false);
    assert.deepEqual(type(entry, "2913#", 5000), { kind: "code", digits: "2913" });
    type(entry, "48", 6000);
    assert.equal(entry.forget(11_000), true);
    assert.equal(entry.forget(11_000), false);
  });

  it("is never made from keys held down", () => {
    const entry = new CodeEntry();
    assert.deepEqual(type(entry, `${"1".repeat(500)}#`), { kind: "refused" });
    assert.deepEqual(type(entry, `${"1".repeat(13)}4829#`), { kind: "refused" });
    assert.deepEqual(type(entry, "4829#"), { kind: "code", digits: "4829" });
  });

  it("fits the vault's field or is refused", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...keys)), fc.integer({ min: 0, max: 12 }), (pressed, length) => {
        const entry = new CodeEntry({ length });
        for (const key of pressed) {
          const typed = entry.press(key as Key, 0);
          if (typed.kind === "code") assert.match(typed.digits, /^[0-9]{3,12}$/);
        }
      }),
    );
  });
});
