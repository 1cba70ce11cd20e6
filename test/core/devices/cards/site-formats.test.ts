import assert from "node:assert/strict";
import { parserFor } from "../../../../core/devices/cards/profiles.ts";
import { formatsFor, SiteFormat } from "../../../../core/devices/cards/site-formats.ts";
import { decodeWiegand, encodeWiegand } from "../../../../core/devices/cards/wiegand.ts";
import { readingOf } from "../../../../core/devices/osdp/index.ts";
import { parse } from "../../../../core/schema.ts";

const row = (more: Partial<SiteFormat>): SiteFormat =>
  parse(SiteFormat, { name: "own", bits: 40, number: "2-39", ...more });

/** The 35- and 48-bit layouts of HID Corporate 1000, by their published masks: the last sum covers everything. */
const corporate35 = row({
  name: "Corporate35",
  bits: 35,
  number: "3-14 15-34",
  parity:
    "even 2 3-4 6-7 9-10 12-13 15-16 18-19 21-22 24-25 27-28 30-31 33-34; " +
    "odd 2-3 5-6 8-9 11-12 14-15 17-18 20-21 23-24 26-27 29-30 32-33 35; odd 1-35",
});
const corporate48 = row({
  name: "Corporate48",
  bits: 48,
  number: "3-47",
  parity:
    "even 2 4-5 7-8 10-11 13-14 16-17 19-20 22-23 25-26 28-29 31-32 34-35 37-38 40-41 43-44 46-47; " +
    "odd 3-4 6-7 9-10 12-13 15-16 18-19 21-22 24-25 27-28 30-31 33-34 36-37 39-40 42-43 45-46 48; odd 1-48",
});

/** Bursts computed apart from this code, with the masks as numbers. */
const bursts: [SiteFormat, bits: string, number: string][] = [
  [corporate35, "10000001111011011011111000010101011", "07B6F855"], // facility 123, card 456789
  [corporate35, "11111111111111000000000000000000010", "FFF00001"],
  [corporate35, "11100000000000111111111111111111110", "800FFFFF"],
  [corporate48, "010000011110001001000000111010011001011101100011", "00F12074CBB1"], // 123456, 7654321
  [corporate48, "011111111111111111111111000000000000000000000101", "1FFFFF800002"],
];

const both = formatsFor([corporate35, corporate48], { raw: false });
const refused = (rows: SiteFormat[], raw = false): { code: string; field: string } => {
  try {
    formatsFor(rows, { raw });
  } catch (error) {
    const { code, field } = error as { code: string; field: string };
    return { code, field };
  }
  return { code: "", field: "" };
};

describe("Wiegand formats of a site", () => {
  it("read what the published layouts make, and no burst with a wrong bit", () => {
    for (const [format, bits, number] of bursts) {
      const card = { format: "wiegand", notation: format.name, number, bits: format.bits === 35 ? 32 : 45 };
      assert.deepEqual(decodeWiegand(bits, both), card);
      assert.equal(
        encodeWiegand(both.find(({ name }) => name === format.name)!, BigInt(`0x${number}`)),
        bits,
      );
      for (let at = 0; at < bits.length; at++)
        assert.equal(
          decodeWiegand(`${bits.slice(0, at)}${bits[at] === "1" ? "0" : "1"}${bits.slice(at + 1)}`, both),
          undefined,
          `${format.name} bit ${at + 1}`,
        );
    }
  });

  it("leave the known ones as they are", () => {
    assert.equal(decodeWiegand("11101010000011011100000010", both)?.number, "D41B81");
    const parser = parserFor({ format: "wiegand", formats: both });
    const found = parser.push(Buffer.from(`11101010000011011100000010\n${bursts[0]![1]}\n`), 0);
    assert.deepEqual(
      found.map((one) => one.kind === "card" && one.card.notation),
      ["WG26", "Corporate35"],
    );
  });

  it("put fields together in the order they are named", () => {
    const [, , , swapped] = formatsFor([row({ number: "21-36 5-20" })], { raw: false });
    const bits = `0000${"1010101010101010"}${"0000000011111111"}0000`;
    assert.equal(decodeWiegand(bits, [swapped!])?.number, "00FFAAAA");
  });

  it("stand in for a known one of their length only by name, and then alone", () => {
    const plain = row({ name: "no-parity", bits: 26, number: "2-25" });
    assert.deepEqual(refused([plain]), { code: "wiegand-instead", field: "/formats/0/instead" });
    assert.deepEqual(refused([{ ...plain, instead: "WG34" }]), {
      code: "wiegand-instead",
      field: "/formats/0/instead",
    });
    const formats = formatsFor([{ ...plain, instead: "WG26" }], { raw: false });
    assert.equal(decodeWiegand("01101010000011011100000010", formats)?.notation, "no-parity"); // WG26 would refuse it
    assert.deepEqual(refused([row({ instead: "WG26" })]), {
      code: "wiegand-instead-none",
      field: "/formats/0/instead",
    });
  });

  it("take the place of a UID over OSDP only by name", () => {
    const flat = row({ name: "flat32", bits: 32, number: "1-32" });
    assert.deepEqual(refused([flat], true), { code: "wiegand-instead", field: "/formats/0/instead" });
    assert.equal(refused([flat]).code, "", "no UIDs come as bits on a line of text");
    const formats = formatsFor([{ ...flat, instead: "UID" }], { raw: true });
    const card = { kind: "card", address: 0, reader: 0, format: "raw", bits: 32, hex: "04A1B2C3" } as const;
    assert.equal(readingOf(card)?.notation, "UID");
    assert.equal(readingOf(card, formats)?.notation, "flat32");
    assert.equal(readingOf({ ...card, bits: 56, hex: "04DE5F1EACC040" }, formats)?.notation, "UID");
  });

  it("come over OSDP left-aligned like the others", () => {
    const formats = formatsFor([corporate35], { raw: true });
    const card = {
      kind: "card",
      address: 0,
      reader: 0,
      format: "wiegand",
      bits: 35,
      hex: "81EDBE1560",
    } as const;
    assert.equal(readingOf(card), undefined);
    assert.equal(readingOf(card, formats)?.number, "07B6F855");
  });

  it("are refused by the field at fault", () => {
    const at = (part: string, index = 0): string => `/formats/${index}/${part}`;
    for (const [rows, code, field] of [
      [[row({ number: "2-41" })], "wiegand-span", at("number")],
      [[row({ number: "39-2" })], "wiegand-span", at("number")],
      [[row({ parity: "even 1-20; odd 21-41" })], "wiegand-span", at("parity")],
      [[row({ number: "2-16" })], "wiegand-number", at("number")],
      [[row({ number: "2-20 20-39" })], "wiegand-number", at("number")],
      [[row({ name: "wg26" })], "wiegand-name", at("name")],
      [[row({}), row({ bits: 41 })], "wiegand-name", at("name", 1)],
      [[row({}), row({ name: "other" })], "wiegand-length", at("bits", 1)],
    ] as const)
      assert.deepEqual(refused([...rows]), { code, field });
    for (const [more, field] of [
      [{ number: "" }, "/number"],
      [{ number: "2-x" }, "/number"],
      [{ parity: "both 1-20" }, "/parity"],
      [{ parity: "even 1-20;" }, "/parity"],
      [{ parity: "even 1-20; " }, "/parity"],
      [{ bits: 65 }, "/bits"],
      [{ name: "17 and one more letters" }, "/name"],
      [{ instead: "WG99" as "UID" }, "/instead"],
    ] as const)
      assert.throws(() => row(more as Partial<SiteFormat>), { field }, JSON.stringify(more));
  });
});
