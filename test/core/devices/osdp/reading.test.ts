import assert from "node:assert/strict";
import { readingOf } from "../../../../core/devices/osdp/index.ts";
import { keysOf } from "../../../../nodes/limen-bus/osdp.ts";

const card = (format: "raw" | "wiegand", bits: number, hex: string) =>
  readingOf({ kind: "card", address: 0, reader: 0, format, bits, hex });

describe("cards of an OSDP reader", () => {
  it("are Wiegand bursts by length and parity, whatever the reader calls them", () => {
    for (const format of ["raw", "wiegand"] as const) {
      assert.deepEqual(card(format, 26, "EA0DC080"), {
        format: "wiegand",
        notation: "WG26",
        number: "D41B81",
        bits: 24,
      });
      assert.equal(card(format, 26, "EA83E840")?.number, "D507D0");
      assert.equal(card(format, 26, "37B61D40")?.number, "6F6C3A");
      assert.equal(card(format, 34, "A4CB016900")?.number, "499602D2");
      assert.equal(card(format, 34, "C4EA0DC0C0")?.number, "89D41B81");
      assert.equal(card(format, 34, "8137B61D40")?.number, "026F6C3A");
      assert.equal(card(format, 37, "181C9E2408")?.notation, "WG37");
    }
  });

  it("are nothing when a parity fails, or when nobody named the length", () => {
    assert.equal(card("wiegand", 26, "1A2B3C40"), undefined);
    assert.equal(card("wiegand", 27, "EA83E840"), undefined);
    assert.equal(card("wiegand", 32, "EA83E840"), undefined);
    assert.equal(card("raw", 40, "EA83E84000"), undefined);
  });

  it("are UIDs when the reader hands those through, but not made-up ones", () => {
    assert.deepEqual(card("raw", 56, "04DE5F1EACC040"), {
      format: "uid",
      notation: "UID",
      number: "04DE5F1EACC040",
      bits: 56,
    });
    assert.equal(card("raw", 32, "DEADBEEF")?.number, "DEADBEEF");
    assert.equal(card("raw", 32, "08ADBEEF"), undefined);
  });
});

describe("keys of a line's OSDP readers", () => {
  const one = "0f1e2d3c4b5a69788796a5b4c3d2e1f1";

  it("are read one entry a reader, however they are set apart", () => {
    for (const text of [
      `0=${one} 12=${one}`,
      `0:${one},\n12:${one}\n`,
      ` 0=${one.toUpperCase()};12=${one}`,
    ]) {
      const keys = keysOf(text);
      assert.deepEqual([...keys.keys()], [0, 12]);
      assert.equal(keys.get(12)?.toString("hex"), one);
    }
    assert.equal(keysOf("  \n").size, 0);
  });

  it("are refused when malformed or given twice, and not repeated in the error", () => {
    for (const text of [one, `0=${one}0`, `0=${one.slice(1)}`, `x=${one}`, `0=${one} 0=${one}`])
      assert.throws(
        () => keysOf(text),
        (error: Error & { code?: string }) =>
          error.code === "osdp-keys-form" && !`${error.stack}${JSON.stringify(error)}`.includes(one.slice(1)),
      );
  });
});
