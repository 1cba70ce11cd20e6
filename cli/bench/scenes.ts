import type { Picture } from "../../core/faces/picture.ts";
import type { Box } from "../../core/faces/types.ts";

/** A picture of somebody, and where the face is in it. */
export interface Sitter {
  picture: Picture;
  face: Box;
}

/** How a head or a held-up thing is in one frame. */
export interface Pose {
  /** From the middle of the scene, in face widths. */
  x: number;
  y: number;
  scale: number;
  /** About the vertical axis, degrees. */
  turn: number;
}

/** What is before the camera. `live` has depth; the others are flat things, drawn by a homography. */
export type Kind = "live" | "print" | "screen" | "video-on-screen" | "picture-fills-view";

export interface Scene {
  width: number;
  height: number;
  /** Width of the face, pixels. */
  face: number;
}

export const usualScene: Scene = { width: 640, height: 480, face: 150 };

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A wall with a door, boxes and stains: texture that stands still. */
export function background({ width, height }: Scene, random: () => number): Picture {
  const data = new Uint8Array(width * height * 3);
  const waves = Array.from({ length: 6 }, () => [
    random() * 0.06,
    random() * 0.06,
    random() * 6.28,
    8 + random() * 14,
  ]);
  const boxes = Array.from({ length: 26 }, () => ({
    x: random() * width,
    y: random() * height,
    w: 12 + random() * 90,
    h: 12 + random() * 120,
    shade: (random() - 0.5) * 90,
  }));
  const tint = [120 + random() * 50, 120 + random() * 50, 120 + random() * 50];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      let shade = 0;
      for (const [a, b, c, d] of waves) shade += d! * Math.sin(a! * x + b! * y + c!);
      for (const box of boxes)
        if (x >= box.x && y >= box.y && x < box.x + box.w && y < box.y + box.h) shade += box.shade;
      for (let c = 0; c < 3; c++) data[i + c] = clamp(tint[c]! + shade);
    }
  }
  return { data, width, height };
}

const clamp = (value: number): number => Math.max(0, Math.min(255, value));

/**
 * Depth over the plane of the eyes, in face widths: a head's ellipsoid and a nose on it, a little more than life: shading does
 * not turn with a drawn head, so detectors read its turn as less than it is. `u`, `v` from the face's middle.
 */
function depth(u: number, v: number): number {
  const round = 1 - (u / 0.75) ** 2 - (v / 0.95) ** 2;
  const nose = Math.exp(-((u / 0.15) ** 2) - ((v - 0.12) / 0.18) ** 2);
  return (round > 0 ? 0.42 * Math.sqrt(round) - 0.3 : -0.3) + 0.22 * nose;
}

/** Head, hair, neck and shoulders of a sitter: 1 inside, 0 outside. */
function cutOut(u: number, v: number): number {
  const head = Math.hypot(u / 0.68, (v + 0.06) / 0.88);
  const body = v > 0.55 ? Math.abs(u) / (0.45 + Math.max(0, v - 0.7) * 1.6) : 2;
  const inside = Math.min(head, body);
  return Math.max(0, Math.min(1, (1.04 - inside) / 0.08));
}

/** One frame of a scene. `random` makes the sensor's noise, different in every frame. */
export function frameOf(
  kind: Kind,
  sitter: Sitter,
  wall: Picture,
  pose: Pose,
  scene: Scene,
  random: () => number,
  shown: Pose = { x: 0, y: 0, scale: 1, turn: 0 },
): Picture {
  const { width, height } = scene;
  const data = new Uint8Array(width * height * 3);
  const pixel = new Float64Array(3);
  const size = scene.face * pose.scale;
  const cx = width / 2 + pose.x * scene.face;
  const cy = height * 0.45 + pose.y * scene.face;
  const bands = random() * 6.28;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const u = (x - cx) / size;
      const v = (y - cy) / size;
      const alpha = kind === "live" ? livePixel(sitter, u, v, pose.turn, pixel) : flat(kind, u, v);
      for (let c = 0; c < 3; c++) {
        const back = wall.data[i + c]!;
        let value = alpha > 0 ? alpha * pixel[c]! + (1 - alpha) * back : back;
        if (alpha > 0 && (kind === "screen" || kind === "video-on-screen"))
          value = screenLight(value, x, y, c, pose, bands);
        data[i + c] = clamp(value + (random() + random() - 1) * 5);
      }
    }
  }
  return { data, width, height };

  function flat(what: Kind, u: number, v: number): number {
    const angle = (pose.turn * Math.PI) / 180;
    // a flat thing 0.6 m away, a face 0.15 m wide: perspective of a quarter of the depth
    const near = 1 + 0.25 * u * Math.tan(angle);
    const s = u / Math.cos(angle) / Math.max(0.2, 1 - 0.25 * u * Math.sin(angle));
    const t = v * near;
    const fills = what === "picture-fills-view";
    const [w, h] = what === "print" ? [1.65, 1.5] : [1.2, 1.3];
    if (!fills && (Math.abs(s) > w || Math.abs(t) > h)) return 0;
    if (!fills && (Math.abs(s) > w - 0.07 || Math.abs(t) > h - 0.07)) {
      pixel.fill(what === "print" ? 235 : 18); // a print's margin, a telephone's frame
      return 1;
    }
    if (what === "video-on-screen") {
      const au = (s - shown.x) / shown.scale;
      const av = (t - shown.y) / shown.scale;
      const inside = livePixel(sitter, au, av, shown.turn, pixel);
      for (let c = 0; c < 3; c++)
        pixel[c] = inside * pixel[c]! + (1 - inside) * (70 + 40 * Math.sin(9 * s + c));
      return 1;
    }
    sample(sitter, s, t, pixel);
    return 1;
  }
}

/** A head turned by `turn` degrees: each point goes sideways by its depth. @returns how much of it covers the background */
function livePixel(sitter: Sitter, u: number, v: number, turn: number, pixel: Float64Array): number {
  const angle = (turn * Math.PI) / 180;
  let s = u;
  for (let k = 0; k < 4; k++) s = (u - depth(s, v) * Math.sin(angle)) / Math.cos(angle);
  const alpha = cutOut(v > 0.75 ? u : s, v);
  if (alpha > 0) sample(sitter, v > 0.75 ? u : s, v, pixel);
  return alpha;
}

/** The sitter's picture at a place given in face widths from the face's middle; its edge goes on outwards. */
function sample({ picture, face }: Sitter, u: number, v: number, pixel: Float64Array): void {
  const x = Math.max(0, Math.min(picture.width - 1.001, face.x + face.width / 2 + u * face.width));
  const y = Math.max(0, Math.min(picture.height - 1.001, face.y + face.height / 2 + v * face.width));
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const fx = x - x0;
  const fy = y - y0;
  const { data, width } = picture;
  const i = (y0 * width + x0) * 3;
  for (let c = 0; c < 3; c++) {
    pixel[c] =
      (1 - fy) * ((1 - fx) * data[i + c]! + fx * data[i + 3 + c]!) +
      fy * ((1 - fx) * data[i + width * 3 + c]! + fx * data[i + width * 3 + 3 + c]!);
  }
}

/** What a camera sees of a screen's light: its grid against the camera's own, and the bands of its pulses. */
function screenLight(value: number, x: number, y: number, c: number, pose: Pose, bands: number): number {
  const pitch = 3.1 / pose.scale;
  const stripes = 1 + 0.16 * Math.cos((2 * Math.PI * (x * 0.98 + y * 0.2)) / pitch + c * 2.1);
  const rows = 1 + 0.12 * Math.cos((2 * Math.PI * (y * 0.99 - x * 0.15)) / pitch);
  const pulse = 1 + 0.07 * Math.sin(y / 14 + bands);
  return (value * 0.85 + 14) * stripes * rows * pulse;
}
