/** Where the nose is between eyes and mouth. A tilt of a flat picture does not change it; a turn of a head does. */
export interface NosePlace {
  /** Along the line of the eyes, in eye distances from the middle; positive towards the person's own left eye. */
  across: number;
  /** From the eyes' middle towards the mouth's, 0 to 1. */
  along: number;
}

/**
 * The nose's coordinates in the basis that eyes and mouth span: invariant under every affine map, which is what a flat
 * picture undergoes when it is moved, turned or tilted at some distance from the camera.
 * @param landmarks five points as in `Face`
 */
export function nosePlace(landmarks: readonly number[]): NosePlace {
  const [ex, ey, mx, my, dx, dy] = basis(landmarks);
  const nx = landmarks[4]! - ex;
  const ny = landmarks[5]! - ey;
  const det = dx * (my - ey) - dy * (mx - ex) || 1;
  return {
    across: (nx * (my - ey) - ny * (mx - ex)) / det,
    along: (dx * ny - dy * nx) / det,
  };
}

/** The nose stands out of the plane of eyes and mouth by about this many eye distances (28 mm of 62 mm). */
const noseStandsOut = 0.45;

/** Degrees a head turned from one frame to the next, by its relief alone; positive towards the person's own left. */
export function turnedBy(from: readonly number[], to: readonly number[]): number {
  const angle = ({ across }: NosePlace) => (Math.atan(across / noseStandsOut) * 180) / Math.PI;
  return angle(nosePlace(to)) - angle(nosePlace(from));
}

/** Eyes and mouth became this much narrower or shorter against each other: some 33 degrees of tilt. */
const foreshortened = 0.84;
/** And the nose kept its place among them to this, */
const nosePlaceNoise = 0.05;
/** or went less than this share of the way that a head's would have: perspective, and points that a detector draws inwards. */
const ofHead = 0.3;
/** Below this the detector's points are not steady enough, pixels between the eyes. */
const leastEyeDistance = 40;

/**
 * Did what looks like a face tilt as a flat thing does: foreshortened, and the nose still where it was among eyes and
 * mouth? Says nothing (false) about frames that hardly differ.
 */
export function tiltedFlat(from: readonly number[], to: readonly number[]): boolean {
  if (Math.min(eyeDistance(from), eyeDistance(to)) < leastEyeDistance) return false;
  const before = nosePlace(from);
  const after = nosePlace(to);
  const moved = Math.hypot(after.across - before.across, after.along - before.along);
  const narrower = squeeze(from, to);
  if (narrower > foreshortened) return false;
  return moved <= Math.max(nosePlaceNoise, ofHead * noseStandsOut * Math.tan(Math.acos(narrower)));
}

export const eyeDistance = (points: readonly number[]): number =>
  Math.hypot(points[2]! - points[0]!, points[3]! - points[1]!);

/** Smaller over larger stretch of the affine map that takes one frame's eyes and mouth to the other's. */
function squeeze(from: readonly number[], to: readonly number[]): number {
  const [ex, ey, mx, my, dx, dy] = basis(from);
  const [fx, fy, nx, ny, gx, gy] = basis(to);
  const det = dx * (my - ey) - dy * (mx - ex) || 1;
  const a = (gx * (my - ey) - (nx - fx) * dy) / det;
  const b = ((nx - fx) * dx - gx * (mx - ex)) / det;
  const c = (gy * (my - ey) - (ny - fy) * dy) / det;
  const d = ((ny - fy) * dx - gy * (mx - ex)) / det;
  const sum = Math.hypot(a + d, c - b);
  const difference = Math.hypot(a - d, c + b);
  return sum === 0 ? 0 : Math.abs(sum - difference) / (sum + difference);
}

/** Middle of the eyes, middle of the mouth, and the vector from the right to the left eye. */
function basis(p: readonly number[]): [number, number, number, number, number, number] {
  return [
    (p[0]! + p[2]!) / 2,
    (p[1]! + p[3]!) / 2,
    (p[6]! + p[8]!) / 2,
    (p[7]! + p[9]!) / 2,
    p[2]! - p[0]!,
    p[3]! - p[1]!,
  ];
}
