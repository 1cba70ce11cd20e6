import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseNotation } from "../../core/devices/cards/notation.ts";
import { cardNotations } from "../../pages/shared/cards.ts";

const typed: Readonly<Record<(typeof cardNotations)[number], string>> = {
  "8H10D": "0040856634",
  "6H8D": "07302202",
  WG26: "111,27706",
  WG37: "12345,123456",
  "10H": "01026F6C3A",
  SITE: "12+20:3456,123456",
};

describe("cards as they are typed", () => {
  it("are read by the vault in every notation the pages offer", () => {
    for (const notation of cardNotations) assert.ok(parseNotation(notation, typed[notation]).hex, notation);
  });

  for (const language of ["en-US", "zh-CN", "zh-TW"])
    it(`have words for each at the desk and on one's own page, ${language}`, () => {
      const words = (page: string) =>
        JSON.parse(readFileSync(`pages/${page}/words/${language}.json`, "utf8")) as Record<string, string>;
      const [me, desk] = [words("me"), words("simulator")];
      for (const notation of cardNotations) {
        assert.ok(me[`me.written-${notation}`], `me.written-${notation}`);
        assert.ok(desk[`desk.notation-${notation}`], `desk.notation-${notation}`);
      }
    });
});
