import assert from "node:assert/strict";
import fc from "fast-check";
import { bandsOnFace } from "../../../../core/faces/liveness/flicker.ts";
import { moireOf } from "../../../../core/faces/liveness/moire.ts";
import { nosePlace, tiltedFlat, turnedBy } from "../../../../core/faces/liveness/relief.ts";
import { PrintMemory, Repeats } from "../../../../core/faces/liveness/repeats.ts";
import { type FrameCues, sketchOf } from "../../../../core/faces/liveness/sketch.ts";
import { spectrum } from "../../../../core/faces/liveness/spectrum.ts";
import { heldUp, surroundings } from "../../../../core/faces/liveness/surroundings.ts";
import { LivenessWatch, moireLimit } from "../../../../core/faces/liveness/watch.ts";
import type { Picture } from "../../../../core/faces/picture.ts";

/** Eyes and mouth of a head in a plane, the nose out of it; seen from far away after a turn about the vertical axis. */
function head(turn: number, { x = 320, y = 200, size = 60, nose = 0.45 } = {}): number[] {
  const angle = (turn * Math.PI) / 180;
  const points: [number, number, number][] = [
    [-0.5, 0, 0],
    [0.5, 0, 0],
    [0, 0.55, nose],
    [-0.4, 1.05, 0],
    [0.4, 1.05, 0],
  ];
  return points.flatMap(([px, py, pz]) => [
    x + size * (px * Math.cos(angle) + pz * Math.sin(angle)),
    y + size * py,
  ]);
}

describe("a face's relief", () => {
  it("shows a turn, and to which side", () => {
    for (const turn of [-35, -20, 20, 35]) {
      assert.ok(Math.abs(turnedBy(head(0), head(turn)) - turn) < 1, `${turn}`);
    }
    assert.ok(Math.abs(turnedBy(head(-15), head(15)) - 30) < 1);
  });

  it("does not change with any affine map, which is all a flat picture can do", () => {
    const angle = fc.double({ min: 0, max: 6.28, noNaN: true });
    const stretch = fc.double({ min: 0.3, max: 3, noNaN: true });
    fc.assert(
      fc.property(angle, angle, stretch, stretch, (p, q, s, t) => {
        // every affine map is a turn, a stretch along two axes and another turn
        const a = s * Math.cos(p) * Math.cos(q) - t * Math.sin(p) * Math.sin(q);
        const b = -s * Math.cos(p) * Math.sin(q) - t * Math.sin(p) * Math.cos(q);
        const c = s * Math.sin(p) * Math.cos(q) + t * Math.cos(p) * Math.sin(q);
        const d = -s * Math.sin(p) * Math.sin(q) + t * Math.cos(p) * Math.cos(q);
        const points = head(12);
        const mapped = points.map((_, i) =>
          i % 2 === 0 ? a * points[i]! + b * points[i + 1]! + 40 : c * points[i - 1]! + d * points[i]! - 70,
        );
        const [before, after] = [nosePlace(points), nosePlace(mapped)];
        assert.ok(Math.abs(before.across - after.across) < 1e-6);
        assert.ok(Math.abs(before.along - after.along) < 1e-6);
      }),
    );
  });

  it("tells a print that is tilted from a head that turns, and says nothing of either at rest", () => {
    assert.equal(tiltedFlat(head(0), head(40, { nose: 0 })), true);
    assert.equal(tiltedFlat(head(0), head(40)), false);
    assert.equal(tiltedFlat(head(0), head(10, { nose: 0 })), false);
    assert.equal(tiltedFlat(head(0), head(0, { x: 250, size: 80 })), false);
    assert.equal(
      tiltedFlat(head(0, { size: 20 }), head(40, { size: 20, nose: 0 })),
      false,
      "too small to say",
    );
  });
});

const width = 640;
const height = 480;
/** Deterministic texture, like nothing in particular. */
const texture = (x: number, y: number): number =>
  128 +
  40 * Math.sin(x * 0.11 + y * 0.03) +
  35 * Math.sin(x * 0.021 - y * 0.09) +
  20 * Math.sin(x * 0.3 + y * 0.27);

function drawn(pixel: (x: number, y: number) => number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) data.fill(pixel(x, y), i, i + 3);
  }
  return { data, width, height };
}

/** What a frame with a face at x tells: `along` of the texture within this distance goes with the face. */
function frame(
  x: number,
  { along = 0, camera = 0, light = (_: number, __: number): number => 1 } = {},
): FrameCues {
  const picture = drawn((px, py) => {
    const onFace = Math.hypot((px - x) / 75, (py - 200) / 95) < 1;
    const carried = onFace || (Math.abs(px - x) < along && Math.abs(py - 200) < along);
    return Math.max(0, Math.min(255, texture(carried ? px - x : px - camera + 1000, py) * light(px - x, py)));
  });
  return {
    width,
    height,
    face: { x: x - 65, y: 115, width: 130, height: 170 },
    landmarks: head(0, { x, y: 180 }),
    sketch: sketchOf(picture),
  };
}

describe("what is round a face", () => {
  it("stays where it was behind a person, goes along with a picture that is held up", () => {
    assert.equal(heldUp(surroundings(frame(300), frame(330))), false);
    assert.equal(heldUp(surroundings(frame(300, { along: 190 }), frame(330, { along: 190 }))), true);
  });

  it("says nothing when nothing moved, nor when the camera itself did", () => {
    const held = { along: 190 };
    assert.equal(heldUp(surroundings(frame(300, held), frame(300, held))), false);
    assert.equal(heldUp(surroundings(frame(300), frame(330, { camera: 30 }))), false);
  });
});

describe("a screen", () => {
  const face = { x: 220, y: 100, width: 200, height: 250 };

  it("is seen by its grid, and skin, blocks of JPEG and edges are not", () => {
    const skin = moireOf(drawn(texture), face)!;
    const grid = moireOf(
      drawn((x, y) => texture(x, y) * (1 + 0.15 * Math.cos(2 * Math.PI * (0.31 * x + 0.07 * y)))),
      face,
    )!;
    const blocks = moireOf(
      drawn((x, y) => texture(x, y) + (x % 8 === 0 ? 12 : 0) + (y % 8 === 0 ? 12 : 0)),
      face,
    )!;
    assert.ok(grid >= moireLimit, `${grid}`);
    assert.ok(skin < moireLimit && blocks < moireLimit, `${skin} ${blocks}`);
    assert.equal(moireOf(drawn(texture), { ...face, width: 60 }), undefined);
  });

  it("is seen by bands over it alone; a lamp's are everywhere", () => {
    const bands = (phase: number, edge: number) => (dx: number, y: number) =>
      Math.abs(dx) < edge ? 1 + 0.08 * Math.sin(y / 14 + phase) : 1;
    const seen = (edge: number) =>
      bandsOnFace(frame(300, { light: bands(0, edge) }), frame(300, { light: bands(2.1, edge) }));
    assert.equal(seen(130), true);
    assert.equal(seen(10_000), false);
    assert.equal(bandsOnFace(frame(300), frame(300)), false);
  });

  it("has its spectrum right: a wave gives one peak, where its frequency is", () => {
    const side = 64;
    const wave = Float64Array.from({ length: side * side }, (_, i) => {
      const [x, y] = [i % side, Math.floor(i / side)];
      return 100 + 10 * Math.cos((2 * Math.PI * (9 * x + 5 * y)) / side);
    });
    const amplitude = spectrum(wave, side);
    const top = amplitude.indexOf(Math.max(...amplitude));
    const [u, v] = [top % side, Math.floor(top / side)];
    assert.ok((u === 9 && v === 5) || (u === side - 9 && v === side - 5), `${u},${v}`);
  });
});

describe("pictures that come back", () => {
  const take = (repeats: Repeats, prints: string) => [...prints].map((print) => repeats.take(print, true));

  it("are the same while a slow camera is read twice, a loop when another was between", () => {
    assert.deepEqual(take(new Repeats(new PrintMemory()), "aab"), ["new", "same", "new"]);
    assert.deepEqual(take(new Repeats(new PrintMemory()), "aba"), ["new", "new", "repeat"]);
    assert.deepEqual(take(new Repeats(), "aba"), ["new", "new", "same"], "at a simulated door they may");
  });

  it("are a recording when an earlier look had them, but not of a scene without a face", () => {
    const memory = new PrintMemory();
    const first = new Repeats(memory);
    take(first, "ab");
    first.take("z", false);
    first.close();
    assert.deepEqual(take(new Repeats(memory), "cb"), ["new", "repeat"]);
    assert.equal(new Repeats(memory).take("z", false), "new");
    assert.equal(memory.seen("z"), false);
  });

  it("are remembered for a bounded number", () => {
    const memory = new PrintMemory();
    memory.keep(Array.from({ length: 5000 }, (_, i) => `${i}`));
    assert.equal(memory.seen("4999"), true);
    assert.equal(memory.seen("0"), false);
  });
});

describe("the watch over a look", () => {
  it("needs a grid twice, and overwrites every sketch it was given", () => {
    const watch = new LivenessWatch();
    const frames = [0, 1, 2, 3].map((i) => ({ ...frame(300 + i), moire: i < 2 ? 0.5 : 3 }));
    assert.deepEqual(
      frames.map((one) => watch.take(one)),
      [undefined, undefined, undefined, "screen"],
    );
    watch.close();
    for (const { sketch } of frames) assert.ok(sketch.data.every((value) => value === 0));
  });

  it("ends with a picture that is held up and moved, not with a person who walks", () => {
    const walk = new LivenessWatch();
    for (const x of [260, 300, 340, 380]) assert.equal(walk.take(frame(x)), undefined);
    const held = new LivenessWatch();
    held.take(frame(280, { along: 190 }));
    assert.equal(held.take(frame(310, { along: 190 })), "held");
  });
});
