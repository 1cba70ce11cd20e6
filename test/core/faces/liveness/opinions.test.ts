import assert from "node:assert/strict";
import type { LivenessModel } from "../../../../core/faces/described.ts";
import { livenessOf, livingIn } from "../../../../core/faces/liveness.ts";
import { packEntries, readCatalogue } from "../../../../core/faces/models.ts";
import { loadPack } from "../../../../core/faces/pack.ts";
import type { Run } from "../../../../core/faces/sessions.ts";
import type { Face } from "../../../../core/faces/types.ts";

const picture = { data: new Uint8Array(200 * 200 * 3), width: 200, height: 200 };
const face: Face = { x: 60, y: 60, width: 80, height: 80, score: 1, landmarks: [] };
/** A model that finds this probability, with its logits in the order its makers chose. */
const says = (probability: number, living: number, of: number): Run => {
  const logits = Float32Array.from({ length: of }, (_, i) =>
    Math.log(i === living ? probability : (1 - probability) / (of - 1)),
  );
  return () => Promise.resolve({ logits });
};
const opinions = (one: number, v2: number, v1se: number) =>
  new Map([
    ["minifas-128", says(one, 0, 2)],
    ["minifasnet-v2", says(v2, 1, 3)],
    ["minifasnet-v1se", says(v1se, 1, 3)],
  ]);

const models = packEntries(readCatalogue(), "core")
  .map(({ entry }) => entry)
  .filter((entry) => entry.job === "liveness");

describe("the liveness models' opinions", () => {
  it("are no proof of life when there is none of them", async () => {
    assert.deepEqual(await livenessOf(new Map(), [], picture, face), { score: 0, live: false, each: [] });
  });

  it("count by the least sure one; the two MiniFASNets are one opinion", async () => {
    const open = opinions(0.9, 0.2, 0.9);
    const { score, live } = await livenessOf(open, models, picture, face);
    assert.ok(Math.abs(score - 0.55) < 1e-6 && live);
    const alone = await livenessOf(open, models.slice(0, 1), picture, face);
    assert.ok(Math.abs(alone.score - 0.9) < 1e-6 && alone.live);
    assert.equal((await livenessOf(open, models.slice(1, 2), picture, face)).live, false);
  });

  it("are needed for a pipeline to be opened at all", async () => {
    const [detector, embedder] = packEntries(readCatalogue(), "core").map(({ entry }) => ({
      ...entry,
      path: "/nowhere",
    }));
    await assert.rejects(loadPack([detector!, embedder!]), { code: "pack-incomplete" });
  });

  it("are read as they are described, and what is no probability is no proof of life", () => {
    const read = (output: number[], kind: LivenessModel["output"]["kind"], live: number) =>
      Math.round(1e4 * livingIn(output, { kind, live })) / 1e4;
    const e = Math.E;
    assert.equal(read([1, 0], "logits", 0), Math.round((1e4 * e) / (e + 1)) / 1e4);
    assert.equal(read([0, 1, -30], "logits", 1), Math.round((1e4 * e) / (e + 1)) / 1e4);
    assert.deepEqual(
      [read([0.2, 0.8], "probabilities", 1), read([0.2, 0.8], "probabilities", 0)],
      [0.8, 0.2],
    );
    assert.deepEqual([read([0], "logit", 1), read([40], "logit", 1), read([40], "logit", 0)], [0.5, 1, 0]);
    assert.deepEqual([read([0.9], "probability", 1), read([0.9], "probability", 0)], [0.9, 0.1]);
    for (const wrong of [3.7, -0.2, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.equal(read([0, wrong], "probabilities", 1), 0, "logits taken for probabilities");
      assert.equal(read([wrong], "probability", 1), 0);
    }
    assert.equal(read([Number.NaN, 1], "logits", 1), 0);
  });
});
