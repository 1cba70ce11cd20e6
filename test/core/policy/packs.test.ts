import assert from "node:assert/strict";
import { packIds } from "../../../core/policy/context.ts";
import { isPackId, loadPack, outside } from "../../../core/policy/packs.ts";

describe("policy packs", () => {
  for (const id of packIds)
    describe(id, () => {
      const pack = loadPack(id);

      it("names itself, and has a source for every bound", () => {
        assert.equal(pack.id, id);
        for (const [name, { article, min, max }] of Object.entries(pack.bounds)) {
          assert.ok(article.length > 5, name);
          assert.ok(min !== undefined || max !== undefined, `${name} bounds nothing`);
        }
      });

      it("finds its own defaults lawful", () => {
        for (const [name, bound] of Object.entries(pack.bounds))
          assert.equal(outside(pack, name, bound.default), undefined, name);
      });

      it("names the article of every parameter that is one step outside", () => {
        for (const [name, { min, max, unit, article }] of Object.entries(pack.bounds)) {
          const step = unit === "score" ? 0.0001 : 1;
          if (min !== undefined) {
            const below = outside(pack, name, min - step);
            assert.deepEqual([below?.side, below?.article], ["below", article], name);
            assert.equal(outside(pack, name, min), undefined, name);
          }
          if (max !== undefined) {
            const above = outside(pack, name, max + step);
            assert.deepEqual([above?.side, above?.article], ["above", article], name);
            assert.equal(outside(pack, name, max), undefined, name);
          }
          assert.ok(outside(pack, name, Number.NaN), `${name}: no number at all`);
        }
      });

      it("asks for one way beside the face", () => {
        assert.ok(outside(pack, "ways.independent", 0));
      });
    });

  it("are held to the strictest where nobody knows the one named", () => {
    assert.equal(loadPack("atlantis").id, "cn");
    assert.equal(isPackId("atlantis"), false);
  });
});
