import type { Picture } from "../picture.ts";
import type { Box } from "../types.ts";
import { spectrum } from "./spectrum.ts";

const side = 128;
/** A narrower face is not sampled finely enough, pixels. */
const leastFace = 96;

/**
 * How far the two strongest peaks of the middle of a face stand out of everything as fine as they, natural logarithm of
 * the amplitude: the grid of a screen's or a print's dots leaves such peaks, skin does not. At the camera's own pixels,
 * because shrinking would wash the grid away.
 * Left out: the axes (edges of the window, cables, blinds) and multiples of an eighth (JPEG's blocks).
 * @returns undefined when the face is too small
 */
export function moireOf(picture: Picture, face: Box): number | undefined {
  if (face.width < leastFace || picture.width < side || picture.height < side) return undefined;
  const x0 = within(face.x + face.width / 2 - side / 2, picture.width);
  const y0 = within(face.y + face.height / 2 - side / 2, picture.height);
  const grey = new Float64Array(side * side);
  for (let y = 0, o = 0; y < side; y++) {
    for (let x = 0, i = ((y0 + y) * picture.width + x0) * 3; x < side; x++, o++, i += 3) {
      grey[o] = 0.299 * picture.data[i]! + 0.587 * picture.data[i + 1]! + 0.114 * picture.data[i + 2]!;
    }
  }
  const amplitude = spectrum(grey, side);
  grey.fill(0);
  const found = standout(amplitude);
  amplitude.fill(0); // with the phase it would be the picture again
  return found;
}

const within = (start: number, size: number): number => Math.max(0, Math.min(size - side, Math.floor(start)));

/** Frequencies looked at, cycles a pixel. */
const band = { from: 0.12, to: 0.48 };

/** Bins by their distance from the middle (half of the plane: the other half mirrors it). */
const rings: Int32Array[] = (() => {
  const lists = new Map<number, number[]>();
  const signed = (k: number) => (k < side / 2 ? k : k - side) / side;
  const nearEighth = (f: number) => Math.abs(f * 8 - Math.round(f * 8)) < 0.13;
  for (let v = 0; v < side; v++) {
    for (let u = 0; u <= side / 2; u++) {
      const fx = u / side;
      const fy = signed(v);
      const radius = Math.hypot(fx, fy);
      const axis = Math.abs(fx) < 2.5 / side || Math.abs(fy) < 2.5 / side;
      const blocks = nearEighth(fx) && nearEighth(fy);
      if (radius <= band.from || radius >= band.to || axis || blocks) continue;
      const ring = Math.round((radius * side) / 2);
      const list = lists.get(ring) ?? [];
      list.push(v * side + u);
      lists.set(ring, list);
    }
  }
  return [...lists.values()].filter((list) => list.length > 8).map((list) => Int32Array.from(list));
})();

function standout(amplitude: Float64Array): number {
  let first = 0;
  let second = 0;
  for (const ring of rings) {
    const values = new Float64Array(ring.length);
    for (let i = 0; i < ring.length; i++) values[i] = amplitude[ring[i]!]!;
    values.sort();
    const middle = values[values.length >> 1]! + 1;
    const tallest = [...values.subarray(-2)];
    values.fill(0);
    for (const value of tallest) {
      const above = Math.log((value + 1) / middle);
      if (above > first) {
        second = first;
        first = above;
      } else if (above > second) second = above;
    }
  }
  return (first + second) / 2;
}
