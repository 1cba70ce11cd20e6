import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import fc from "fast-check";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { dot } from "../../../core/faces/calibration.ts";
import { cropSquare, reflected } from "../../../core/faces/crops.ts";
import { readFaces } from "../../../core/faces/detector.ts";
import { arcFacePoints, fitSimilarity } from "../../../core/faces/geometry.ts";
import { toUnit } from "../../../core/faces/pipeline.ts";
import { modelsDir, needs, newEngine, picture, picturePath, setOf } from "./data.ts";

describe("alignment and embedding, against another implementation", () => {
  it("agree with NumPy and OpenCV to 1e-3 on 50 pictures", async function () {
    needs(this, "models", "faces");
    const python = "/usr/bin/python3";
    if (spawnSync(python, ["-c", "import cv2, numpy"]).status !== 0) this.skip();
    const engine = await newEngine();
    try {
      const files = [
        ...setOf("asian").slice(0, 30),
        ...setOf("deepface").slice(0, 20),
        ...setOf("lfw-residents").slice(0, 10),
      ];
      const ours: { path: string; landmarks: readonly number[]; vector: Float32Array }[] = [];
      for (const { file } of files) {
        const facts = await engine.analyse(picture(file), { embed: true });
        if (!facts.embedding) continue;
        const { landmarks } = facts.faces[facts.chosen!]!;
        ours.push({ path: picturePath(file), landmarks, vector: facts.embedding });
      }
      assert.ok(ours.length >= 50);
      const answer = spawnSync(python, [join(import.meta.dirname, "reference.py")], {
        input: JSON.stringify(ours.map(({ path, landmarks }) => ({ path, landmarks }))),
        maxBuffer: 1 << 26,
      });
      assert.equal(answer.status, 0, String(answer.stderr));
      const tensors = new Float32Array(Uint8Array.from(answer.stdout).buffer);
      assert.equal(tensors.length, ours.length * 3 * 112 * 112);
      const session = await InferenceSession.create(join(modelsDir, "mobilefacenet_foamliu.onnx"));
      for (const [i, { vector, path }] of ours.entries()) {
        const data = tensors.subarray(i * 3 * 112 * 112, (i + 1) * 3 * 112 * 112);
        const { output0 } = await session.run({ input0: new Tensor("float32", data, [1, 3, 112, 112]) });
        const nearness = dot(vector, toUnit(output0!.data as Float32Array));
        assert.ok(nearness > 1 - 1e-3, `${path}: ${nearness}`);
      }
    } finally {
      await engine.close();
    }
  });
});

describe("the least-squares similarity", () => {
  it("undoes any turn, scale and shift", () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        number(-3, 3),
        number(0.1, 8),
        number(-500, 500),
        number(-500, 500),
        (turn, scale, tx, ty) => {
          const [a, b] = [scale * Math.cos(turn), scale * Math.sin(turn)];
          const moved: number[] = [];
          for (let i = 0; i < 5; i++) {
            const [x, y] = [arcFacePoints[2 * i]!, arcFacePoints[2 * i + 1]!];
            moved.push(a * x - b * y + tx, b * x + a * y + ty);
          }
          const back = fitSimilarity(moved, arcFacePoints);
          for (let i = 0; i < 5; i++) {
            const [x, y] = [moved[2 * i]!, moved[2 * i + 1]!];
            assert.ok(Math.abs(back.a * x - back.b * y + back.tx - arcFacePoints[2 * i]!) < 1e-6);
            assert.ok(Math.abs(back.b * x + back.a * y + back.ty - arcFacePoints[2 * i + 1]!) < 1e-6);
          }
        },
      ),
    );
  });

  it("is the best there is: any nudge makes the squares larger", () => {
    const from = arcFacePoints.map((value, i) => value * 2.3 + ((i * 37) % 11));
    const squares = ({ a, b, tx, ty }: ReturnType<typeof fitSimilarity>) => {
      let sum = 0;
      for (let i = 0; i < 5; i++) {
        const [x, y] = [from[2 * i]!, from[2 * i + 1]!];
        sum +=
          (a * x - b * y + tx - arcFacePoints[2 * i]!) ** 2 +
          (b * x + a * y + ty - arcFacePoints[2 * i + 1]!) ** 2;
      }
      return sum;
    };
    const best = fitSimilarity(from, arcFacePoints);
    for (const key of ["a", "b", "tx", "ty"] as const) {
      for (const nudge of [-1e-3, 1e-3])
        assert.ok(squares({ ...best, [key]: best[key] + nudge }) > squares(best));
    }
  });
});

describe("crops and the detector's output", () => {
  it("mirror at the borders and average what they shrink", () => {
    assert.deepEqual(
      [-2, -1, 0, 4, 5, 6].map((i) => reflected(i, 5)),
      [2, 1, 0, 4, 3, 2],
    );
    const data = Uint8Array.from({ length: 4 * 4 * 3 }, (_, i) => Math.floor(i / 3) * 10);
    const half = cropSquare({ data, width: 4, height: 4 }, { x: 0, y: 0, width: 4, height: 4 }, 2);
    assert.deepEqual([half[0], half[3], half[6], half[9]], [25, 45, 105, 125]);
    const same = cropSquare({ data, width: 4, height: 4 }, { x: 0, y: 0, width: 4, height: 4 }, 4);
    assert.deepEqual([...same], [...data]);
  });

  it("are decoded as YuNet's are, and overlapping faces dropped", () => {
    const padded = { width: 64, height: 32 };
    const output: Record<string, Float32Array> = {};
    for (const stride of [8, 16, 32]) {
      const cells = (padded.width / stride) * (padded.height / stride);
      for (const [name, n] of [
        ["cls", 1],
        ["obj", 1],
        ["bbox", 4],
        ["kps", 10],
      ] as const) {
        output[`${name}_${stride}`] = new Float32Array(cells * n);
      }
    }
    const put = (stride: number, cell: number, score: number, box: number[]) => {
      output[`cls_${stride}`]![cell] = score;
      output[`obj_${stride}`]![cell] = score;
      output[`bbox_${stride}`]!.set(box, 4 * cell);
      output[`kps_${stride}`]!.fill(0.5, 10 * cell, 10 * cell + 10);
    };
    put(8, 9, 0.9, [0.5, 0.5, Math.log(2), Math.log(2)]); // row 1, column 1
    put(8, 10, 0.8, [-0.5, 0.5, Math.log(2), Math.log(2)]); // the same place again, less sure
    put(16, 3, 0.7, [0, 0, 0, 0]);
    put(32, 0, 0.5, [0, 0, 0, 0]); // too unsure
    const faces = readFaces(output, padded, [2, 3]);
    assert.equal(faces.length, 2);
    const [first, second] = faces;
    const round = (value: number) => Math.round(value * 1e4) / 1e4;
    assert.deepEqual([first!.x, first!.y, first!.width, first!.height].map(round), [8, 12, 32, 48]);
    assert.equal(round(first!.score), 0.9);
    assert.deepEqual(first!.landmarks.slice(0, 2).map(round), [24, 36]);
    assert.deepEqual([second!.x, second!.y, second!.width, second!.height].map(round), [80, -24, 32, 48]);
  });
});
