import assert from "node:assert/strict";
import { Debounce } from "../../../../core/devices/cards/debounce.ts";
import { Flood } from "../../../../core/devices/cards/flood.ts";
import { bytesOf } from "../../../../core/devices/cards/payload.ts";
import {
  decodeTargets,
  encodePn532,
  Pn532Parser,
  pn532Commands,
} from "../../../../core/devices/cards/pn532.ts";
import { parserFor, type ReaderProfile } from "../../../../core/devices/cards/profiles.ts";
import { decodeRdm6300, encodeRdm6300 } from "../../../../core/devices/cards/rdm6300.ts";
import type { Found } from "../../../../core/devices/cards/reading.ts";
import {
  bitsOf,
  decodeWiegand,
  encodeWiegand,
  wiegandFormats,
} from "../../../../core/devices/cards/wiegand.ts";

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replace(/ /g, ""), "hex");
const text = (line: string): Uint8Array => Buffer.from(line, "latin1");
const show = (found: Found[]): string[] =>
  found.map((one) => {
    if (one.kind === "card") return `${one.card.notation} ${one.card.number}/${one.card.bits}`;
    return one.kind === "key" ? `key ${one.key}` : one.text;
  });

/** Feeds one chunk, then each byte alone: what comes out must not depend on the split. */
function read(profile: ReaderProfile, input: Uint8Array): string[] {
  const whole = show(parserFor(profile).push(input, 0));
  const single = parserFor(profile);
  const split = [...input].flatMap((byte) => show(single.push(Uint8Array.of(byte), 0)));
  assert.deepEqual(split, whole);
  return whole;
}

describe("RDM6300 frames", () => {
  const frames: [string, string][] = [
    ["62E3086CED", "02 36 32 45 33 30 38 36 43 45 44 30 38 03"],
    ["01000734E0", "02 30 31 30 30 30 37 33 34 45 30 44 32 03"],
    ["01026F6C3A", "02 30 31 30 32 36 46 36 43 33 41 33 41 03"],
  ];
  for (const [number, frame] of frames)
    it(`reads and writes ${number}`, () => {
      assert.equal(decodeRdm6300(bytes(frame)), number);
      assert.deepEqual(Buffer.from(encodeRdm6300(number)), Buffer.from(bytes(frame)));
      assert.deepEqual(read({ format: "rdm6300" }, bytes(frame)), [`10H ${number}/40`]);
    });

  it("refuses the widely copied sample whose checksum is wrong", () => {
    const parser = parserFor({ format: "rdm6300" });
    assert.deepEqual(parser.push(text("\x020500ADDF1443\x03"), 0), []);
    assert.equal(parser.rejected, 1);
    assert.deepEqual(read({ format: "rdm6300" }, text("\x020500ADDF1463\x03")), ["10H 0500ADDF14/40"]);
  });

  it("takes lower case, starts over at 02, and needs its 03", () => {
    assert.deepEqual(read({ format: "rdm6300" }, text("\x0201026f6c3a3a\x03")), ["10H 01026F6C3A/40"]);
    assert.deepEqual(read({ format: "rdm6300" }, text("xx\x020102\x0201026F6C3A3A\x03\x03")), [
      "10H 01026F6C3A/40",
    ]);
    assert.deepEqual(read({ format: "rdm6300" }, text("\x0201026F6C3A3A\x04")), []);
    assert.deepEqual(read({ format: "rdm6300" }, text("\x0201026F6C3A3A0\x03")), []);
  });
});

describe("numbers as lines of text", () => {
  it("reads a converter's decimal line in the notation it is said to be", () => {
    const line = bytes("30 30 30 30 31 32 33 34 37 38 0D 0A"); // S4A: 0x1E256 in decimal
    assert.deepEqual(read({ format: "text", notation: "8H10D" }, line), ["8H10D 0001E256/32"]);
    assert.deepEqual(read({ format: "text", notation: "10H" }, line), ["10H 0000123478/40"]);
    assert.deepEqual(read({ format: "text", notation: "6H8D" }, line), []);
  });

  it("reads a Wiegand-26 converter's XXYYZZ", () =>
    assert.deepEqual(read({ format: "text", notation: "6H" }, text("D41B81\r6F6C3A\r")), [
      "6H D41B81/24",
      "6H 6F6C3A/24",
    ]));

  it("never guesses a notation", () => {
    assert.throws(() => parserFor({ format: "text" }), { code: "notation-missing", field: "/notation" });
    assert.throws(() => parserFor({ format: "text", notation: "decimal" }), { code: "notation-missing" });
  });

  it("drops half a line after a silence, and a line that is too long", () => {
    const parser = parserFor({ format: "text", notation: "8H10D", gapMs: 100 });
    assert.deepEqual(parser.push(text("00408"), 0), []);
    assert.equal(parser.waitMs, 100);
    assert.deepEqual(show(parser.push(text("0040856634\r\n"), 100)), ["8H10D 026F6C3A/32"]);
    assert.equal(parser.rejected, 1);
    parser.push(text("9".repeat(100_000)), 200);
    assert.deepEqual(show(parser.push(text("\r0040856634\r"), 201)), ["8H10D 026F6C3A/32"]);
    assert.equal(parser.rejected, 2);
  });

  it("tells a key press from the start of a line by the silence after it", () => {
    const parser = parserFor({ format: "text", notation: "8H10D", keys: true });
    assert.deepEqual(parser.push(text("3"), 0), []);
    assert.equal(parser.waitMs, 25);
    assert.deepEqual(parser.flush(24), []);
    assert.deepEqual(show(parser.flush(25)), ["key 3"]);
    parser.push(text("A"), 100); // a 4-bit A is the star
    assert.deepEqual(show(parser.push(Uint8Array.of(0x87), 200)), ["key *"]);
    assert.deepEqual(show(parser.push(text("0040856634\r"), 300)), ["key 7", "8H10D 026F6C3A/32"]);
    assert.deepEqual(show(parser.push(text("0040856634\r"), 400)), ["8H10D 026F6C3A/32"]);
    parser.push(Uint8Array.of(0x8f), 500); // the misprinted 7: breaks its own rule
    assert.deepEqual(parser.flush(600), []);
    assert.equal(parser.rejected, 1);
  });
});

describe("Wiegand bursts", () => {
  const vectors: [string, string, string, number][] = [
    ["WG26", "D41B81", "11101010000011011100000010", 26],
    ["WG26", "6F6C3A", "00110111101101100001110101", 26],
    ["WG26", "D507D0", "11101010100000111110100001", 26],
    ["WG34", "499602D2", "1010010011001011000000010110100100", 34],
    ["WG34", "89D41B81", "1100010011101010000011011100000011", 34],
    ["WG34", "026F6C3A", "1000000100110111101101100001110101", 34],
    ["WG37", "18F0F2090", "0001100000011100100111100010010000001", 37],
  ];
  vectors[6]![1] = ((12345n << 19n) | 123456n).toString(16).toUpperCase().padStart(9, "0");
  const raw = ["EA0DC080", "37B61D40", "EA83E840", "A4CB016900", "C4EA0DC0C0", "8137B61D40", "181C9E2408"];

  for (const [index, [name, number, bits, length]] of vectors.entries())
    it(`reads ${name} ${number}`, () => {
      assert.deepEqual(decodeWiegand(bits), {
        format: "wiegand",
        notation: name,
        number,
        bits: name === "WG37" ? 35 : length - 2,
      });
      assert.equal(bitsOf(bytes(raw[index]!), length), bits);
      const format = wiegandFormats.find((one) => one.name === name)!;
      assert.equal(encodeWiegand(format, BigInt(`0x${number}`)), bits);
      assert.deepEqual(read({ format: "wiegand" }, text(`${bits}\r\n`)).length, 1);
    });

  it("refuses a burst whose parity fails, any single flipped bit, and lengths of no format", () => {
    assert.equal(decodeWiegand(bitsOf(bytes("1A2B3C40"), 26)!), undefined);
    for (const [, , bits] of vectors)
      for (let at = 0; at < bits.length; at++) {
        const flipped = `${bits.slice(0, at)}${bits[at] === "1" ? "0" : "1"}${bits.slice(at + 1)}`;
        // bit 19 of a 37-bit burst is under both sums, so it too shows
        assert.equal(decodeWiegand(flipped), undefined, `${bits.length} bits, bit ${at + 1}`);
      }
    assert.equal(decodeWiegand("0".repeat(25)), undefined);
    assert.equal(decodeWiegand(""), undefined);
    assert.equal(bitsOf(bytes("EA0DC0"), 26), undefined);
  });

  it("takes another maker's masks as data", () => {
    const own = {
      name: "own",
      length: 8,
      parity: [{ kind: "odd", mask: "10101011" }],
      data: [[1, 7]],
    } as const;
    assert.equal(decodeWiegand("10000000", [own])?.number, "40");
    assert.equal(decodeWiegand("10000001", [own]), undefined);
    assert.throws(() => encodeWiegand(wiegandFormats[0]!, 1n << 24n), RangeError);
  });
});

describe("PN532 frames", () => {
  const four = "00 00 FF 0C F4 D5 4B 01 01 00 04 08 04 01 02 03 04 C4 00";
  const seven = "00 00 FF 0F F1 D5 4B 01 01 00 44 00 07 04 DE 5F 1E AC C0 40 88 00";

  it("writes the published commands", () => {
    const hex = (frame: Uint8Array) => Buffer.from(frame).toString("hex").toUpperCase();
    assert.equal(hex(pn532Commands.firmware), "0000FF02FED4022A00");
    assert.equal(hex(pn532Commands.samConfiguration), "0000FF05FBD4140114010200");
    assert.equal(hex(pn532Commands.list), "0000FF04FCD44A0100E100");
    assert.equal(hex(pn532Commands.wake), "55550000000000FF05FBD414010001" + "1600");
    assert.equal(
      hex(encodePn532(bytes("40 01 90 71 00 00 02 00 00 00"))),
      "0000FF0BF5D440019071000002000000E800",
    );
    assert.equal(hex(encodePn532(bytes("03 32 01 06 07"), "chip")), "0000FF06FAD50332010607E800");
    assert.equal(hex(encodePn532(bytes("15"), "chip")), "0000FF02FED5151600"); // SAMConfiguration's answer
  });

  it("reads four and seven byte UIDs, and silence", () => {
    assert.deepEqual(read({ format: "pn532" }, bytes(four)), ["UID 01020304/32"]);
    assert.deepEqual(read({ format: "pn532" }, bytes(seven)), ["UID 04DE5F1EACC040/56"]);
    assert.deepEqual(read({ format: "pn532" }, bytes("00 00 FF 03 FD D5 4B 00 E0 00")), []);
    assert.deepEqual(
      read({ format: "pn532" }, bytes(`00 00 FF 00 FF 00 ${four} 00 00 FF FF 00 00 ${seven}`)),
      ["UID 01020304/32", "UID 04DE5F1EACC040/56"],
    );
  });

  it("reads a published answer with an ATS", () => {
    const data = bytes("D5 4B 01 01 00 08 28 04 85 82 2F A0 07 77 F7 80 02 47 65");
    const [target] = decodeTargets(data)!;
    assert.equal(Buffer.from(target!.uid).toString("hex"), "85822fa0");
    assert.equal(Buffer.from(target!.ats!).toString("hex"), "77f780024765");
    assert.deepEqual([target!.sak, target!.atqa], [0x28, 0x0008]);
  });

  it("refuses a UID made up for this tap, the cascade tag, odd sizes and wrong sums", () => {
    const answer = (uid: string) =>
      encodePn532(
        bytes(`4B 01 01 00 04 08 ${(uid.length / 2).toString(16).padStart(2, "0")} ${uid}`),
        "chip",
      );
    for (const uid of ["08A1B2C3", "88010203", "0102030405"]) {
      const parser = parserFor({ format: "pn532" });
      assert.deepEqual(parser.push(answer(uid), 0), []);
      assert.equal(parser.rejected, 1);
    }
    assert.deepEqual(read({ format: "pn532" }, bytes(four.replace("C4", "C5"))), []);
    assert.deepEqual(read({ format: "pn532" }, bytes(four.replace("0C F4", "0C F5"))), []);
  });

  it("gives a card behind a damaged length in its own time, not with the next card", () => {
    const parser = new Pn532Parser();
    assert.deepEqual(parser.push(bytes(`00 FF FE 02 ${four}`), 0), []);
    assert.equal(parser.waitMs, 250);
    assert.deepEqual(show(parser.flush(250)), ["UID 01020304/32"]);
    assert.equal(parser.waitMs, undefined);
    assert.equal(parser.rejected, 1);
  });
});

describe("a reader's messages", () => {
  it("takes bytes and text, and nothing a digit could hide in", () => {
    assert.deepEqual(bytesOf("\x02A"), Uint8Array.of(2, 0x41));
    assert.deepEqual(bytesOf("\u0130"), Uint8Array.of(0xff));
    assert.equal(bytesOf({ type: "Buffer", data: [1] }), undefined);
    assert.equal(bytesOf(12), undefined);
    assert.equal(bytesOf("0".repeat(5000)), undefined);
    assert.equal(bytesOf(new Uint8Array(5000)), undefined);
  });

  it("hears as many cards as people tap, and not as many as somebody tries", () => {
    const flood = new Flood({ perSecond: 8, burst: 16 });
    let heard = 0;
    for (let at = 0; at < 10_000; at += 10) if (flood.admits(at)) heard++;
    assert.ok(heard >= 8 * 9 && heard <= 8 * 10 + 16);
    for (let at = 60_000; at < 70_000; at += 200) assert.ok(flood.admits(at));
  });

  it("counts a card again only after its silence, and keeps no more than a wallet", () => {
    const debounce = new Debounce(2000);
    assert.equal(debounce.fresh("A", 0), true);
    for (let at = 100; at < 10_000; at += 100) assert.equal(debounce.fresh("A", at), false);
    assert.equal(debounce.fresh("B", 9_950), true);
    assert.equal(debounce.fresh("A", 11_899), false);
    assert.equal(debounce.fresh("A", 13_899), true);
    for (let card = 0; card < 1000; card++) assert.equal(debounce.fresh(`c${card}`, 14_000), true);
    assert.equal(debounce.fresh("c999", 14_000), false);
    assert.equal(debounce.fresh("c0", 14_000), true);
  });
});

describe("signed URLs as lines", () => {
  const url = "https://card.invalid/?e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086";
  const signed = { format: "signed" } as const;

  it("are found whatever ends the line, and nothing else is", () => {
    for (const end of ["\r", "\n", "\r\n"]) assert.deepEqual(read(signed, text(`${url}${end}`)), [url]);
    const parser = parserFor(signed);
    for (const other of [
      "0040856634\r",
      `${url.slice(0, -1)}\r`,
      `${url}0\r`,
      `${"x".repeat(5000)}\r`,
      "\x80\r",
    ])
      assert.deepEqual(parser.push(text(other), 0), []);
    assert.equal(parser.rejected, 5);
    assert.ok(parser.held <= 1024);
  });
});
