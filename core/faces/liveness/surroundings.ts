import { fitSimilarity, type Similarity } from "../geometry.ts";
import type { FrameCues, Sketch } from "./sketch.ts";

/** How the picture round a face moved while the face did: patches with texture that went along, and that stayed. */
export interface Surroundings {
  left: Moves;
  right: Moves;
  above: Moves;
  /** All the rest of the picture: did the camera itself stand still? */
  elsewhere: Moves;
}

export interface Moves {
  along: number;
  stayed: number;
}

/** Side of a patch in the sketch. */
const patch = 10;
/** The face has to have moved this far at a patch for it to say anything, sketch pixels. */
const leastMove = 2.5;
/** Mean squared grey of a patch after its mean is taken out, below which it has no texture. */
const leastTexture = 36;
/** One explanation counts when its error is below this share of the other's. */
const clearly = 0.4;
/** And only when it leaves less than this share of the patch's texture unexplained. */
const explained = 0.25;
/** A sensor's noise, grey levels squared. */
const noise = 4;

/**
 * Compares two frames: does what is round the face move with it (a picture or screen that is held up), or does the face
 * move before a background that stands still (a person)? Patches with no texture, or where the face's own movement is too
 * small, say nothing.
 * @returns undefined when the pictures differ in size
 */
export function surroundings(from: FrameCues, to: FrameCues): Surroundings | undefined {
  if (from.sketch.width !== to.sketch.width || from.sketch.height !== to.sketch.height) return undefined;
  const scale = from.sketch.width / from.width;
  const small = (points: readonly number[]) => points.map((value) => value * scale);
  const map = fitSimilarity(small(from.landmarks), small(to.landmarks));
  const face = {
    x: (from.face.x + from.face.width / 2) * scale,
    y: (from.face.y + from.face.height / 2) * scale,
    size: Math.max(from.face.width, from.face.height) * scale,
  };
  const none = (): Moves => ({ along: 0, stayed: 0 });
  const found: Surroundings = { left: none(), right: none(), above: none(), elsewhere: none() };
  const { width, height } = from.sketch;
  for (let y = 0; y + patch <= height; y += patch / 2) {
    for (let x = 0; x + patch <= width; x += patch / 2) {
      const where = placeOf((x + patch / 2 - face.x) / face.size, (y + patch / 2 - face.y) / face.size);
      // far from the face a sample is enough
      if (!where || (where === "elsewhere" && (x % (2 * patch) !== 0 || y % (2 * patch) !== 0))) continue;
      const went = follow(from.sketch, to.sketch, map, x, y);
      if (went) found[where][went]++;
    }
  }
  return found;
}

/**
 * Beside and above the head, farther out than hair or a hat reach, and not below: neck and shoulders go with a head.
 * @param dx, dy from the face's middle, in face heights
 */
function placeOf(dx: number, dy: number): keyof Surroundings | undefined {
  const [w, h] = [Math.abs(dx), Math.abs(dy)];
  if (w > 1.3 || h > 1.5) return "elsewhere";
  if (w > 0.72 && w < 1.05 && dy > -0.8 && dy < 0.3) return dx < 0 ? "left" : "right";
  if (dy < -0.85 && dy > -1.1 && w < 0.7) return "above";
  return w > 0.72 && dy < 0.3 ? "elsewhere" : undefined;
}

function follow(
  from: Sketch,
  to: Sketch,
  map: Similarity,
  x: number,
  y: number,
): "along" | "stayed" | undefined {
  const cx = x + patch / 2;
  const cy = y + patch / 2;
  const dx = map.a * cx - map.b * cy + map.tx - cx;
  const dy = map.b * cx + map.a * cy + map.ty - cy;
  if (Math.hypot(dx, dy) < leastMove) return undefined;
  const detail = texture(from, x, y);
  if (detail < leastTexture) return undefined;
  // half a pixel or so of slack on either side: points are not exact, cameras tremble
  const still = bestError(from, to, x, y, 0, 0);
  const along = bestError(from, to, x, y, dx, dy);
  if (still === undefined || along === undefined) return undefined;
  // or it is there no more: covered, changed, another place
  if (Math.min(still, along) > explained * detail + noise) return undefined;
  if (still + noise < clearly * (along + noise)) return "stayed";
  return along + noise < clearly * (still + noise) ? "along" : undefined;
}

/** Least mean squared difference within a pixel of a displacement, each patch's own mean taken out. */
function bestError(
  from: Sketch,
  to: Sketch,
  x: number,
  y: number,
  dx: number,
  dy: number,
): number | undefined {
  let best: number | undefined;
  for (let j = -1; j <= 1; j++) {
    for (let i = -1; i <= 1; i++) {
      const error = errorAt(from, to, x, y, Math.round(x + dx) + i, Math.round(y + dy) + j);
      if (error !== undefined && (best === undefined || error < best)) best = error;
    }
  }
  return best;
}

function errorAt(from: Sketch, to: Sketch, x: number, y: number, u: number, v: number): number | undefined {
  if (u < 0 || v < 0 || u + patch > to.width || v + patch > to.height) return undefined;
  let sum = 0;
  let squares = 0;
  for (let j = 0; j < patch; j++) {
    let a = (y + j) * from.width + x;
    let b = (v + j) * to.width + u;
    for (let i = 0; i < patch; i++, a++, b++) {
      const difference = from.data[a]! - to.data[b]!;
      sum += difference;
      squares += difference * difference;
    }
  }
  const n = patch * patch;
  return squares / n - (sum / n) ** 2;
}

function texture({ data, width }: Sketch, x: number, y: number): number {
  let sum = 0;
  let squares = 0;
  for (let j = 0; j < patch; j++) {
    for (let i = 0; i < patch; i++) {
      const value = data[(y + j) * width + x + i]!;
      sum += value;
      squares += value * value;
    }
  }
  const n = patch * patch;
  return squares / n - (sum / n) ** 2;
}

/** Patches of one side that have to have gone along with the face. */
const leastAlong = 4;
/** Patches that have to have stayed where they were, for the camera to count as standing still. */
const leastStill = 6;

/**
 * Does what is round the face go with it, on two sides at least, while the camera stands still: a picture or a screen that
 * somebody holds up?
 */
export function heldUp(found: Surroundings | undefined): boolean {
  if (!found) return false;
  const sides = [found.left, found.right, found.above];
  const going = sides.filter(({ along, stayed }) => along >= leastAlong && along >= stayed);
  const still = [...sides, found.elsewhere].reduce((sum, { stayed }) => sum + stayed, 0);
  const moving = found.elsewhere.along;
  return going.length >= 2 && still >= leastStill && still >= moving;
}
