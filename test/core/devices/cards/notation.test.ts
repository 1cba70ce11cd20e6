import assert from "node:assert/strict";
import fc from "fast-check";
import { forms, notationNames, parseNotation } from "../../../../core/devices/cards/notation.ts";

/** Published numbers of one card in every notation (reader vendors' tables, checked by calculation). */
const vectors: [string, string, string, number][] = [
  ["10H", "01026F6C3A", "01026F6C3A", 40],
  ["10H", "01026f6c3a", "01026F6C3A", 40],
  ["10H13D", "0004335823930", "01026F6C3A", 40],
  ["10H13D", "004335823930", "01026F6C3A", 40],
  ["8H10D", "0040856634", "026F6C3A", 32],
  ["6H8D", "07302202", "6F6C3A", 24],
  ["WG26", "111,27706", "6F6C3A", 24],
  ["WG26", "11127706", "6F6C3A", 24],
  ["4H4H", "00623,27706", "026F6C3A", 32],
  ["6H8D", "01596507", "185C5B", 24],
  ["8H10D", "0270031963", "10185C5B", 32],
  ["4H4H", "04120.23643", "10185C5B", 32],
  ["WG26", "024.23643", "185C5B", 24],
  ["10H13D", "00004564999259", "0110185C5B", 40],
  ["8H10D", "0013961168", "00D507D0", 32],
  ["WG26", "213 02000", "D507D0", 24],
  ["4H4H", "00012:62363", "000CF39B", 32],
  ["8H10D", "0000848795", "000CF39B", 32],
  ["10H13D", "0004329479323", "01020E9C9B", 40],
  ["WG26", "014,40091", "0E9C9B", 24],
  ["6H", "D41B81", "D41B81", 24],
  ["WG26", "212,7041", "D41B81", 24],
  ["WG37", "12345,123456", "181C9E240", 35],
  ["UID", "DEADBEEF", "DEADBEEF", 32],
  ["UID-LSB", "EF:BE:AD:DE", "DEADBEEF", 32],
  ["UID-10D", "3735928559", "DEADBEEF", 32],
  ["UID-10D-LSB", "4022250974", "DEADBEEF", 32],
  ["UID", "04 DE 5F 1E AC C0 40", "04DE5F1EACC040", 56],
  ["8H10D", "3808980205", "E3086CED", 32],
  ["SITE", "12+20:3456,123456", "D801E240", 32],
  ["SITE", "16+19: 12345-123456", "181C9E240", 35],
  ["SITE", "35:6472458816", "181C9E240", 35],
  ["SITE", "64:18446744073709551615", "FFFFFFFFFFFFFFFF", 64],
];

const code = (notation: string, number: string): string => {
  try {
    parseNotation(notation, number);
  } catch (error) {
    const { code, field } = error as { code: string; field: string };
    return `${code} ${field}`;
  }
  return "read";
};

describe("card-number notations", () => {
  for (const [notation, number, hex, bits] of vectors)
    it(`reads ${number} as ${notation}`, () =>
      assert.deepEqual(parseNotation(notation, number), { hex, bits }));

  it("says which field is wrong, and how", () => {
    assert.equal(code("26", "07302202"), "notation-unknown /notation");
    assert.equal(code("constructor", "07302202"), "notation-unknown /notation");
    assert.equal(code("8H10D", "7302202"), "card-number-form /number");
    assert.equal(code("8H10D", "60717296877"), "card-number-form /number"); // Seeed's misprinted decimal
    assert.equal(code("8H10D", "4294967296"), "card-number-range /number");
    assert.equal(code("6H8D", "16777216"), "card-number-range /number");
    assert.equal(code("WG26", "256,00001"), "card-number-range /number");
    assert.equal(code("WG26", "001,65536"), "card-number-range /number");
    assert.equal(code("4H4H", "65536,00001"), "card-number-range /number");
    assert.equal(code("10H13D", "1099511627776"), "card-number-range /number");
    assert.equal(code("SITE", "3456,123456"), "card-number-form /number"); // of how many bits?
    assert.equal(code("SITE", "12+20:4096,1"), "card-number-range /number");
    assert.equal(code("SITE", "12+20:1,1048576"), "card-number-range /number");
    assert.equal(code("SITE", "15:1"), "card-number-range /number");
    assert.equal(code("SITE", "40+25:1,1"), "card-number-range /number");
    assert.equal(code("SITE", "64:18446744073709551616"), "card-number-range /number");
    assert.equal(code("UID", "DEADBE"), "card-number-form /number");
    assert.equal(code("UID", "08ADBEEF"), "card-uid-random /number");
    assert.equal(code("UID-LSB", "EFBEAD08"), "card-uid-random /number");
    assert.equal(code("UID", "08DE5F1EACC040"), "read"); // only a single-size UID is ever random
  });

  it("never reads the same eight digits as two things: the name decides", () => {
    assert.notEqual(parseNotation("6H8D", "11127706").hex, parseNotation("WG26", "11127706").hex);
  });

  it("takes a number that leaves bytes out for another card's, and never for the one it is printed on", () => {
    // 0110185C5B as DEZ 3.5A (its first byte) and 3.5B (its second): only 3.5C is Wiegand's
    const { hex } = parseNotation("10H", "0110185C5B");
    const short = forms({ hex, bits: 40 }).map((form) => form.hex);
    assert.ok(short.includes(parseNotation("WG26", "024.23643").hex));
    for (const printed of ["001.23643", "016.23643"])
      assert.ok(!short.includes(parseNotation("WG26", printed).hex), printed);
    // the same id bit-reversed is another card, too
    assert.notEqual(parseNotation("10H", "8008183ADA").hex, hex);
  });

  it("gives a number's shorter forms, whole one first", () => {
    assert.deepEqual(forms({ hex: "01026F6C3A", bits: 40 }), [
      { hex: "01026F6C3A", bits: 40 },
      { hex: "026F6C3A", bits: 32 },
      { hex: "6F6C3A", bits: 24 },
    ]);
    assert.equal(forms({ hex: "6F6C3A", bits: 24 }).length, 1);
    assert.equal(forms({ hex: "04DE5F1EACC040", bits: 56 }).length, 1);
    assert.equal(forms({ hex: "18F0120C0", bits: 35 }).length, 1);
  });

  it("makes the same forms from every notation of one card", () => {
    const whole = forms(parseNotation("10H", "01026F6C3A")).map(({ hex, bits }) => `${bits}:${hex}`);
    for (const [notation, number] of vectors.slice(0, 9))
      for (const { hex, bits } of forms(parseNotation(notation, number)))
        assert.ok(whole.includes(`${bits}:${hex}`));
  });

  it("fits the vault's field or is refused, whatever is typed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...notationNames),
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-fA-F,:]{0,24}$/)),
        (notation, number) => {
          try {
            const { hex, bits } = parseNotation(notation, number);
            assert.match(hex, /^[0-9A-F]{4,32}$/);
            assert.equal(hex.length, Math.ceil(bits / 4));
          } catch (error) {
            assert.match((error as { code: string }).code, /^card-/);
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
