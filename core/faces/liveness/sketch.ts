import type { Picture } from "../picture.ts";
import type { Box } from "../types.ts";

/** A small grey picture, a byte a pixel: enough to see what moves with what, and overwritten when the look ends. */
export interface Sketch {
  data: Uint8Array;
  width: number;
  height: number;
}

/** What liveness over several frames needs of one frame. Boxes and points are in pixels of the decoded picture. */
export interface FrameCues {
  width: number;
  height: number;
  face: Box;
  /** As in `Face`. */
  landmarks: readonly number[];
  sketch: Sketch;
  /** How far the strongest repeated pattern stands out of the face's fine detail (`moire.ts`); absent: too small a face. */
  moire?: number;
}

const longSide = 320;

/** The luminance of a picture at 320 pixels on its long side or a little less, by averaging whole pixels. */
export function sketchOf({ data, width, height }: Picture): Sketch {
  const step = Math.max(1, Math.ceil(Math.max(width, height) / longSide));
  const w = Math.floor(width / step);
  const h = Math.floor(height / step);
  const out = new Uint8Array(w * h);
  for (let y = 0, o = 0; y < h; y++) {
    for (let x = 0; x < w; x++, o++) {
      let sum = 0;
      for (let dy = 0; dy < step; dy++) {
        let i = ((y * step + dy) * width + x * step) * 3;
        for (let dx = 0; dx < step; dx++, i += 3)
          sum += 0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
      }
      out[o] = sum / (step * step);
    }
  }
  return { data: out, width: w, height: h };
}
