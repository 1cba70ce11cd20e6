import { readFileSync } from "node:fs";
import { jpegOf } from "../../../../cli/bench/liveness.ts";
import {
  background,
  dice,
  frameOf,
  type Kind,
  type Pose,
  type Sitter,
  usualScene,
} from "../../../../cli/bench/scenes.ts";
import { decodePicture } from "../../../../core/faces/picture.ts";
import type { FaceEngine } from "../../../../core/faces/types.ts";
import { picturePath } from "../data.ts";

/** Somebody from a picture, to be drawn as a living head or as a picture of one. */
export async function sitterFrom(engine: FaceEngine, file: string): Promise<Sitter> {
  const facts = await engine.analyse(readFileSync(picturePath(file)));
  return { picture: await decodePicture(readFileSync(picturePath(file))), face: facts.faces[facts.chosen!]! };
}

/** JPEG frames of one act before one wall. */
export async function actOf(
  kind: Kind,
  sitter: Sitter,
  poses: readonly Partial<Pose>[],
  seed = 7,
): Promise<Buffer[]> {
  const random = dice(seed);
  const wall = background(usualScene, random);
  const frames: Buffer[] = [];
  for (const pose of poses) {
    const whole = { x: 0, y: 0, scale: 1, turn: 0, ...pose };
    frames.push(await jpegOf(frameOf(kind, sitter, wall, whole, usualScene, random)));
  }
  return frames;
}

/** A head that is still for three frames and then turns; positive to its own left. */
export const turning = (to: number): Partial<Pose>[] =>
  [0, 0, 0, 0.4, 0.6, 0.75, 0.85, 0.95, 1].map((share, i) => ({ x: 0.01 * i, turn: to * share }));
