import type { Picture } from "./picture.ts";

/** x' = a x - b y + tx, y' = b x + a y + ty: turn, scale and shift, never shear or mirror. */
export interface Similarity {
  a: number;
  b: number;
  tx: number;
  ty: number;
}

/** Where the five points of a face belong in a 112 x 112 picture (the usual ArcFace template). */
export const arcFacePoints: readonly number[] = [
  38.2946, 51.6963, 73.5318, 51.5014, 56.0252, 71.7366, 41.5493, 92.3655, 70.7299, 92.2041,
];

/** The five points of Open Model Zoo's re-identification models, in a 128 x 128 picture. */
export const omzPoints: readonly number[] = [
  0.31556875, 0.4615741071, 0.6826229167, 0.4615741071, 0.5002624986, 0.6405053571, 0.349471875, 0.8246919643,
  0.6534364583, 0.8246919643,
].map((fraction) => fraction * 128);

/**
 * The similarity that brings `from` nearest to `to` in the least-squares sense. Closed form: for a similarity the
 * normal equations of the centred points separate (Umeyama 1991 without reflection).
 * @param from, to x,y pairs, at least two different points
 */
export function fitSimilarity(from: readonly number[], to: readonly number[]): Similarity {
  const n = from.length / 2;
  let fx = 0;
  let fy = 0;
  let gx = 0;
  let gy = 0;
  for (let i = 0; i < n; i++) {
    fx += from[2 * i]! / n;
    fy += from[2 * i + 1]! / n;
    gx += to[2 * i]! / n;
    gy += to[2 * i + 1]! / n;
  }
  let dot = 0;
  let cross = 0;
  let size = 0;
  for (let i = 0; i < n; i++) {
    const x = from[2 * i]! - fx;
    const y = from[2 * i + 1]! - fy;
    const u = to[2 * i]! - gx;
    const v = to[2 * i + 1]! - gy;
    dot += x * u + y * v;
    cross += x * v - y * u;
    size += x * x + y * y;
  }
  const a = size === 0 ? 1 : dot / size;
  const b = size === 0 ? 0 : cross / size;
  return { a, b, tx: gx - a * fx + b * fy, ty: gy - b * fx - a * fy };
}

/**
 * The square picture that `map` (source to square) makes, bilinear, zero outside; RGB bytes as 0 to 255 floats,
 * interleaved.
 */
export function warpSquare(picture: Picture, map: Similarity, side: number): Float32Array {
  const { data, width, height } = picture;
  const out = new Float32Array(side * side * 3);
  const scale = map.a * map.a + map.b * map.b;
  const a = map.a / scale;
  const b = map.b / scale;
  let o = 0;
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++, o += 3) {
      const dx = u - map.tx;
      const dy = v - map.ty;
      const x = a * dx + b * dy;
      const y = a * dy - b * dx;
      const x0 = Math.floor(x);
      const y0 = Math.floor(y);
      const fx = x - x0;
      const fy = y - y0;
      if (x0 >= 0 && y0 >= 0 && x0 + 1 < width && y0 + 1 < height) {
        const i = (y0 * width + x0) * 3;
        const j = i + width * 3;
        const w00 = (1 - fx) * (1 - fy);
        const w01 = fx * (1 - fy);
        const w10 = (1 - fx) * fy;
        const w11 = fx * fy;
        out[o] = w00 * data[i]! + w01 * data[i + 3]! + w10 * data[j]! + w11 * data[j + 3]!;
        out[o + 1] = w00 * data[i + 1]! + w01 * data[i + 4]! + w10 * data[j + 1]! + w11 * data[j + 4]!;
        out[o + 2] = w00 * data[i + 2]! + w01 * data[i + 5]! + w10 * data[j + 2]! + w11 * data[j + 5]!;
      } else edgePixel(picture, x0, y0, fx, fy, out, o);
    }
  }
  return out;
}

/** Bilinear where some of the four neighbours lie outside: those count as black. */
function edgePixel(
  { data, width, height }: Picture,
  x0: number,
  y0: number,
  fx: number,
  fy: number,
  out: Float32Array,
  o: number,
): void {
  for (let dy = 0; dy < 2; dy++) {
    for (let dx = 0; dx < 2; dx++) {
      const x = x0 + dx;
      const y = y0 + dy;
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const weight = (dx ? fx : 1 - fx) * (dy ? fy : 1 - fy);
      const i = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) out[o + c] = out[o + c]! + weight * data[i + c]!;
    }
  }
}

/** Half the width and height, each pixel the mean of four. */
export function halve({ data, width, height }: Picture): Picture {
  const w = width >> 1;
  const h = height >> 1;
  const out = new Uint8Array(w * h * 3);
  for (let y = 0, o = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const i = (2 * y * width + 2 * x) * 3;
      const j = i + width * 3;
      for (let c = 0; c < 3; c++, o++) {
        out[o] = (data[i + c]! + data[i + c + 3]! + data[j + c]! + data[j + c + 3]! + 2) >> 2;
      }
    }
  }
  return { data: out, width: w, height: h };
}
