import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { withoutPRelu } from "../../../core/faces/graph.ts";
import { modelsDir, needs } from "./data.ts";
import { stream } from "./vectors.ts";

const withPRelu = [
  ["liveness_minifas_128.onnx", 128],
  ["minifasnet_v2_2.7_80x80.onnx", 80],
  ["minifasnet_v1se_4.0_80x80.onnx", 80],
] as const;

describe("a model's graph without PRelu", () => {
  for (const [file, side] of withPRelu) {
    it(`${file} says the same to 1e-4`, async function () {
      needs(this, "models");
      const model = readFileSync(join(modelsDir, file));
      const rewritten = withoutPRelu(model);
      assert.ok(rewritten.length > model.length);
      const options = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const;
      const [before, after] = await Promise.all(
        [model, rewritten].map((bytes) => InferenceSession.create(bytes, options)),
      );
      const next = stream(side);
      for (let i = 0; i < 5; i++) {
        const scale = side === 80 ? 255 : 1;
        const data = Float32Array.from({ length: 3 * side * side }, () => next() * scale);
        const feeds = { [before!.inputNames[0]!]: new Tensor("float32", data, [1, 3, side, side]) };
        const [want, got] = [await before!.run(feeds), await after!.run(feeds)].map(
          (answer) => Object.values(answer)[0]!.data as Float32Array,
        );
        for (const [k, value] of want!.entries())
          assert.ok(Math.abs(value - got![k]!) < 1e-4 + 1e-5 * Math.abs(value), `${value} ${got![k]}`);
      }
    });
  }

  it("without any stays byte for byte as it is", function () {
    needs(this, "models");
    const model = readFileSync(join(modelsDir, "yunet_n_dynamic.onnx"));
    assert.equal(withoutPRelu(model), model);
  });

  it("that is none is left to the runtime to refuse", () => {
    const nothing = new Uint8Array();
    assert.equal(withoutPRelu(nothing), nothing);
  });
});
