import { fitSimilarity } from "../geometry.ts";
import type { FrameCues, Sketch } from "./sketch.ts";

/** Change of brightness that counts as a band, natural logarithm (some 4 %). */
const leastBand = 0.02;
const leastAgreement = 0.85;

/**
 * Do bright and dark bands run over the face and what is beside it, and not over the rest of the picture? A screen that is
 * lit in pulses shows such bands to a camera that reads line by line; a lamp that flickers shows them everywhere.
 * Compares how each line's brightness changed from one frame to the next: left of the face, on it, and right of it.
 */
export function bandsOnFace(from: FrameCues, to: FrameCues): boolean {
  if (from.sketch.width !== to.sketch.width || from.sketch.height !== to.sketch.height) return false;
  const scale = from.sketch.width / from.width;
  const { face } = from;
  const map = fitSimilarity(from.landmarks, to.landmarks);
  const moved = Math.hypot(
    map.a * face.x - map.b * face.y + map.tx - face.x,
    map.b * face.x + map.a * face.y + map.ty - face.y,
  );
  // where the face itself moved, its own features change the lines
  if (moved * scale > 1 || face.width * scale < 40) return false;
  const x = (at: number) => Math.round((face.x + face.width * at) * scale);
  const top = Math.max(0, Math.round((face.y - face.height * 0.25) * scale));
  const bottom = Math.min(from.sketch.height, Math.round((face.y + face.height * 1.1) * scale));
  const strip = (left: number, right: number) => change(from.sketch, to.sketch, left, right, top, bottom);
  const on = [strip(x(-0.45), x(-0.1)), strip(x(0.1), x(0.9)), strip(x(1.1), x(1.45))];
  if (on.some((line) => line === undefined)) return false;
  const [left, middle, right] = on as Float64Array[];
  if (Math.min(size(left!), size(middle!), size(right!)) < leastBand) return false;
  const agree = Math.min(agreement(left!, middle!), agreement(middle!, right!), agreement(left!, right!));
  if (agree < leastAgreement) return false;
  const far = [strip(0, x(-1.2)), strip(x(2.2), from.sketch.width)].filter((line) => line !== undefined);
  return far.length > 0 && far.every((line) => agreement(line, middle!) * size(line) < 0.3 * size(middle!));
}

/** Of each line the logarithm of how much brighter it became, without the steady part; undefined: too narrow or dark. */
function change(
  from: Sketch,
  to: Sketch,
  left: number,
  right: number,
  top: number,
  bottom: number,
): Float64Array | undefined {
  const x0 = Math.max(0, left);
  const x1 = Math.min(from.width, right);
  const n = bottom - top;
  if (x1 - x0 < 6 || n < 24) return undefined;
  const lines = new Float64Array(n);
  for (let y = 0; y < n; y++) {
    let before = 0;
    let after = 0;
    for (let x = x0, i = (top + y) * from.width + x0; x < x1; x++, i++) {
      before += from.data[i]!;
      after += to.data[i]!;
    }
    if (Math.min(before, after) < 12 * (x1 - x0)) return undefined;
    lines[y] = Math.log(after / before);
  }
  return withoutTrend(lines);
}

function withoutTrend(lines: Float64Array): Float64Array {
  const n = lines.length;
  const middle = (n - 1) / 2;
  let mean = 0;
  let slope = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    mean += lines[i]! / n;
    slope += (i - middle) * lines[i]!;
    squares += (i - middle) ** 2;
  }
  return lines.map((value, i) => value - mean - (slope / squares) * (i - middle));
}

const size = (line: Float64Array): number =>
  Math.sqrt(line.reduce((sum, value) => sum + value * value, 0) / line.length);

/** Correlation of two lines, -1 to 1. */
function agreement(p: Float64Array, q: Float64Array): number {
  let cross = 0;
  for (let i = 0; i < p.length; i++) cross += p[i]! * q[i]!;
  return cross / (size(p) * size(q) * p.length || 1);
}
