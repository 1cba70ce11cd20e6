import type { Face, FrameCode, Quality } from "./types.ts";

/**
 * What a face must be like to be compared. Chosen on pictures of people not asked about here, so that about one good
 * picture in a hundred is refused: see `limen bench accuracy`, "quality".
 */
export const qualityLimits = {
  /** Source pixels between the eyes; the embedder's own picture has 35. */
  eyeDistance: 24,
  sharpness: 0.004,
  yaw: 40,
  pitch: 35,
  roll: 40,
  light: 35,
  /**
   * Share of the face that is burnt out. Of 201 usable pictures (web, LFW) 99 in 100 have below 0.07 and none above 0.24; made
   * brighter until a fifth to three tenths was burnt out, they kept a cosine of 0.94 (median) to themselves, from six tenths on below 0.6.
   */
  burnt: 0.35,
} as const;

/**
 * Quality of a face from its five points and the aligned 112 x 112 picture (RGB, 0 to 255, interleaved).
 * Angles are estimates from a mean face (nose one third before the eyes' plane), good to about 10 degrees.
 */
export function measureQuality(face: Face, aligned: Float32Array, side: number): Quality {
  const [rx, ry, lx, ly, nx, ny, mrx, mry, mlx, mly] = face.landmarks as number[];
  const ex = (rx! + lx!) / 2;
  const ey = (ry! + ly!) / 2;
  const mx = (mrx! + mlx!) / 2;
  const my = (mry! + mly!) / 2;
  const dx = lx! - rx!;
  const dy = ly! - ry!;
  const eyeDistance = Math.hypot(dx, dy);
  const down = Math.hypot(mx - ex, my - ey) || 1;
  // The nose's place in the face's own axes: across in units of the wider of eye distance and face length.
  const axisX = (my - ey) / down;
  const axisY = -(mx - ex) / down;
  const across = ((nx! - ex) * axisX + (ny! - ey) * axisY) / Math.max(eyeDistance, 0.9 * down);
  const along = ((nx! - ex) * -axisY + (ny! - ey) * axisX) / down;
  const degrees = 180 / Math.PI;
  const quality = {
    eyeDistance,
    yaw: Math.asin(Math.max(-1, Math.min(1, across / 0.5))) * degrees,
    pitch: Math.asin(Math.max(-1, Math.min(1, (along - 0.52) / 0.5))) * degrees,
    roll: Math.atan2(dy, dx) * degrees,
    ...lightAndDetail(aligned, side),
  };
  return { ...quality, score: scoreOf(quality) };
}

/** From this luminance on a pixel has nothing left to show: cameras clip there. */
const clipped = 250;

/** Mean luminance, share of burnt-out pixels, and the mean square of the Laplacian over the variance, in the middle of the aligned face. */
function lightAndDetail(aligned: Float32Array, side: number): Pick<Quality, "light" | "burnt" | "sharpness"> {
  const from = Math.round(side * 0.25);
  const to = Math.round(side * 0.85);
  const grey = new Float32Array(side * side);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = 0.299 * aligned[3 * i]! + 0.587 * aligned[3 * i + 1]! + 0.114 * aligned[3 * i + 2]!;
  }
  let n = 0;
  let sum = 0;
  let squares = 0;
  let detail = 0;
  let burnt = 0;
  for (let y = from; y < to; y++) {
    for (let x = from; x < to; x++) {
      const i = y * side + x;
      const value = grey[i]!;
      const bend = grey[i - 1]! + grey[i + 1]! + grey[i - side]! + grey[i + side]! - 4 * value;
      n++;
      if (value >= clipped) burnt++;
      sum += value;
      squares += value * value;
      detail += bend * bend;
    }
  }
  grey.fill(0);
  const light = sum / n;
  const variance = Math.max(1, squares / n - light * light);
  return { light, burnt: burnt / n, sharpness: detail / n / variance };
}

function scoreOf(q: Omit<Quality, "score">): number {
  const rising = (value: number, limit: number, good: number) => (value - limit) / (good - limit);
  const falling = (value: number, limit: number) => 1 - Math.abs(value) / limit;
  const worst = Math.min(
    rising(q.eyeDistance, qualityLimits.eyeDistance / 2, 2.5 * qualityLimits.eyeDistance),
    rising(
      Math.log(q.sharpness),
      Math.log(qualityLimits.sharpness / 2),
      Math.log(qualityLimits.sharpness * 10),
    ),
    falling(q.yaw, 1.5 * qualityLimits.yaw),
    falling(q.pitch, 1.5 * qualityLimits.pitch),
    rising(q.light, qualityLimits.light / 2, 3 * qualityLimits.light),
    falling(q.burnt, 2 * qualityLimits.burnt),
  );
  return Math.max(0, Math.min(1, worst));
}

/** The first thing wrong with a face, in the order a person at the door can mend it; undefined: usable. */
export function qualityCode(q: Quality): FrameCode | undefined {
  if (q.eyeDistance < qualityLimits.eyeDistance) return "face-too-small";
  if (q.light < qualityLimits.light) return "face-too-dark";
  if (q.burnt > qualityLimits.burnt) return "face-too-bright";
  if (
    Math.abs(q.yaw) > qualityLimits.yaw ||
    Math.abs(q.pitch) > qualityLimits.pitch ||
    Math.abs(q.roll) > qualityLimits.roll
  ) {
    return "face-turned";
  }
  if (q.sharpness < qualityLimits.sharpness) return "face-blurred";
  return undefined;
}
