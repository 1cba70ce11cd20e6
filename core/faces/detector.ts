import type { DetectorInput, PixelOrder } from "./described.ts";
import type { Picture } from "./picture.ts";
import type { Face } from "./types.ts";

/** YuNet's output at strides 8, 16 and 32, by name (`cls_8`, …): one number, one, four and ten a cell. */
export type YuNetOutput = Readonly<Record<string, Float32Array>>;

export const leastScore = 0.6;
const overlapLimit = 0.3;

/** The size the picture is shrunk to, and the padded size of the network's input (multiples of 32). */
export function detectorSize(width: number, height: number, longSide: number) {
  const scale = longSide / Math.max(width, height);
  const inner = {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
  const up = (n: number) => Math.ceil(n / 32) * 32;
  return { inner, padded: { width: up(inner.width), height: up(inner.height) } };
}

/** Pictures with a longer side of this many pixels are looked at in their large size. */
const largeFrom = 900;

/** Those sizes for a picture, as the detector is described: squares where it takes nothing else. */
export function sizeFor(
  { width, height }: { width: number; height: number },
  { side, largeSide = side, square }: DetectorInput,
): ReturnType<typeof detectorSize> {
  const long = Math.max(width, height) >= largeFrom ? largeSide : side;
  const { inner, padded } = detectorSize(width, height, long);
  return { inner, padded: square ? { width: long, height: long } : padded };
}

/** Planes as the network takes them, zeros right and below. */
export function detectorInput(
  picture: Picture,
  padded: { width: number; height: number },
  { order, scale, mean, deviation }: PixelOrder,
): Float32Array {
  const plane = padded.width * padded.height;
  const out = new Float32Array(plane * 3);
  const { data, width, height } = picture;
  for (let c = 0; c < 3; c++) {
    const factor = scale / deviation[c]!;
    const shift = mean[c]! / deviation[c]!;
    const start = (order === "bgr" ? 2 - c : c) * plane;
    for (let y = 0, i = c; y < height; y++) {
      const end = start + y * padded.width + width;
      for (let o = end - width; o < end; o++, i += 3) out[o] = data[i]! * factor - shift;
    }
  }
  return out;
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

/**
 * Faces from YuNet's output, best first, overlapping ones dropped (IoU above 0.3), in input pixels.
 * @param scale x and y factors to the coordinates wanted.
 */
export function readFaces(
  output: YuNetOutput,
  padded: { width: number; height: number },
  scale: readonly [number, number],
  least = leastScore,
): Face[] {
  const faces: Face[] = [];
  for (const stride of [8, 16, 32]) {
    const cls = output[`cls_${stride}`]!;
    const obj = output[`obj_${stride}`]!;
    const bbox = output[`bbox_${stride}`]!;
    const kps = output[`kps_${stride}`]!;
    const columns = padded.width / stride;
    const cells = columns * (padded.height / stride);
    for (let i = 0; i < cells; i++) {
      const score = Math.sqrt(clamp(cls[i]!) * clamp(obj[i]!));
      if (score < least) continue;
      const column = i % columns;
      const row = (i - column) / columns;
      const width = Math.exp(bbox[4 * i + 2]!) * stride;
      const height = Math.exp(bbox[4 * i + 3]!) * stride;
      const x = (column + bbox[4 * i]!) * stride - width / 2;
      const y = (row + bbox[4 * i + 1]!) * stride - height / 2;
      const landmarks: number[] = [];
      for (let k = 0; k < 5; k++) {
        landmarks.push(
          (column + kps[10 * i + 2 * k]!) * stride * scale[0],
          (row + kps[10 * i + 2 * k + 1]!) * stride * scale[1],
        );
      }
      faces.push({
        x: x * scale[0],
        y: y * scale[1],
        width: width * scale[0],
        height: height * scale[1],
        score,
        landmarks,
      });
    }
  }
  return withoutOverlaps(faces.sort((p, q) => q.score - p.score));
}

/** Keeps a face only if it overlaps no better one. @param faces best first */
function withoutOverlaps(faces: readonly Face[]): Face[] {
  const kept: Face[] = [];
  for (const face of faces) if (!kept.some((better) => overlap(better, face) > overlapLimit)) kept.push(face);
  return kept;
}

function overlap(p: Face, q: Face): number {
  const width = Math.min(p.x + p.width, q.x + q.width) - Math.max(p.x, q.x);
  const height = Math.min(p.y + p.height, q.y + q.height) - Math.max(p.y, q.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (p.width * p.height + q.width * q.height - shared);
}
