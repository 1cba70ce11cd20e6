import type { CropInput, PixelOrder } from "./described.ts";
import type { Picture } from "./picture.ts";
import type { Box } from "./types.ts";

/** Bounces an index off the borders without repeating them: -1 is 1, n is n - 2 (as OpenCV's BORDER_REFLECT_101). */
export function reflected(index: number, n: number): number {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const within = ((index % period) + period) % period;
  return within < n ? within : period - within;
}

/**
 * A part of a picture (it may reach beyond the borders, which are then mirrored) at `side` x `side`, RGB 0 to 255,
 * interleaved. Where it shrinks, the source pixels under each new one are averaged (four by four of them at most: the
 * networks this feeds were trained on coarser shrinking); where it grows, bilinear.
 */
export function cropSquare(picture: Picture, box: Box, width: number, height = width): Float32Array {
  const out = new Float32Array(width * height * 3);
  const xs = taps(box.x, box.width, width, picture.width);
  const ys = taps(box.y, box.height, height, picture.height);
  const { data } = picture;
  for (let v = 0, o = 0; v < height; v++) {
    const rows = ys[v]!;
    for (let u = 0; u < width; u++, o += 3) {
      const columns = xs[u]!;
      let r = 0;
      let g = 0;
      let b = 0;
      for (let j = 0; j < rows.length; j += 2) {
        const line = rows[j]! * picture.width;
        for (let i = 0; i < columns.length; i += 2) {
          const at = (line + columns[i]!) * 3;
          const weight = rows[j + 1]! * columns[i + 1]!;
          r += weight * data[at]!;
          g += weight * data[at + 1]!;
          b += weight * data[at + 2]!;
        }
      }
      out[o] = r;
      out[o + 1] = g;
      out[o + 2] = b;
    }
  }
  return out;
}

const mostTaps = 4;

/** For each output position the source positions and weights that make it, as index, weight, index, weight, … */
function taps(start: number, length: number, n: number, size: number): Float64Array[] {
  const step = length / n;
  const list: Float64Array[] = [];
  for (let i = 0; i < n; i++) {
    const pairs: number[] = [];
    if (step > mostTaps) {
      for (let k = 0; k < mostTaps; k++) {
        const at = Math.floor(start + (i + (k + 0.5) / mostTaps) * step);
        pairs.push(reflected(at, size), 1 / mostTaps);
      }
    } else if (step > 1) {
      const from = start + i * step;
      const to = from + step;
      for (let at = Math.floor(from); at < to; at++) {
        const weight = (Math.min(at + 1, to) - Math.max(at, from)) / step;
        if (weight > 1e-6) pairs.push(reflected(at, size), weight);
      }
    } else {
      const centre = start + (i + 0.5) * step - 0.5;
      const at = Math.floor(centre);
      pairs.push(reflected(at, size), 1 - (centre - at), reflected(at + 1, size), centre - at);
    }
    list.push(Float64Array.from(pairs));
  }
  return list;
}

/** Interleaved RGB to the planes a network takes: `(value * scale - mean) / deviation` a channel, RGB or BGR. */
export function toPlanes(
  pixels: Float32Array,
  options: { bgr?: boolean; mean?: readonly number[]; deviation?: readonly number[]; scale?: number } = {},
): Float32Array {
  const n = pixels.length / 3;
  const out = new Float32Array(pixels.length);
  const { bgr = false, mean = [0, 0, 0], deviation = [1, 1, 1], scale = 1 } = options;
  for (let c = 0; c < 3; c++) {
    const plane = (bgr ? 2 - c : c) * n;
    const factor = scale / deviation[c]!;
    const shift = mean[c]! / deviation[c]!;
    for (let i = 0, at = c; i < n; i++, at += 3) out[plane + i] = pixels[at]! * factor - shift;
  }
  return out;
}

/** The part of a picture a model is shown (see `Crop` of the models' descriptions). It may reach over the borders. */
export function partOf(
  picture: Pick<Picture, "width" | "height">,
  face: Box,
  { of, factor, edge }: CropInput["crop"],
): Box {
  const longer = Math.max(face.width, face.height);
  const base = of === "square" ? { width: longer, height: longer } : face;
  const inside = edge === "inside";
  const scale = inside
    ? Math.min(factor, (picture.width - 1) / base.width, (picture.height - 1) / base.height)
    : factor;
  const width = base.width * scale;
  const height = base.height * scale;
  const x = face.x + face.width / 2 - width / 2;
  const y = face.y + face.height / 2 - height / 2;
  const push = (start: number, length: number, size: number) =>
    inside ? Math.max(0, Math.min(start, size - length)) : start;
  return { x: push(x, width, picture.width), y: push(y, height, picture.height), width, height };
}

/** One square input as its description says. @param pixels interleaved RGB, 0 to 255; the caller overwrites both */
export const inputOf = (
  { name, side, order, scale, mean, deviation }: Pick<CropInput, "name" | "side" | keyof PixelOrder>,
  pixels: Float32Array,
): Record<string, { data: Float32Array; shape: readonly number[] }> => ({
  [name]: {
    data: toPlanes(pixels, { bgr: order === "bgr", scale, mean, deviation }),
    shape: [1, 3, side, side],
  },
});
