import assert from "node:assert/strict";
import { livenessOf } from "../../../../core/faces/liveness.ts";
import { openPipeline } from "../../../../core/faces/pipeline.ts";
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

describe("the liveness models' opinions", () => {
  it("are no proof of life when there is none of them", async () => {
    assert.deepEqual(await livenessOf(new Map(), [], picture, face), { score: 0, live: false, each: [] });
  });

  it("count by the least sure one; the two MiniFASNets are one opinion", async () => {
    const open = opinions(0.9, 0.2, 0.9);
    const { score, live } = await livenessOf(open, [...open.keys()], picture, face);
    assert.ok(Math.abs(score - 0.55) < 1e-6 && live);
    const alone = await livenessOf(open, ["minifas-128"], picture, face);
    assert.ok(Math.abs(alone.score - 0.9) < 1e-6 && alone.live);
    assert.equal((await livenessOf(open, ["minifasnet-v2"], picture, face)).live, false);
  });

  it("are needed for a pipeline to be opened at all", async () => {
    const model = (job: string) => ({ id: job, job, path: "/nowhere", sha256: "" });
    await assert.rejects(openPipeline([model("detector"), model("embedder")], 128), {
      code: "pack-incomplete",
    });
  });
});
