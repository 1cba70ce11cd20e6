import { detectorSize } from "../../../core/faces/detector.ts";
import { arcFacePoints } from "../../../core/faces/geometry.ts";
import { sketchOf } from "../../../core/faces/liveness/sketch.ts";
import { decodePicture, resizePicture } from "../../../core/faces/picture.ts";
import { alignFace } from "../../../core/faces/pipeline.ts";
import type { FaceEngine } from "../../../core/faces/types.ts";

/** Bytes from the middle or soon after it, varied enough to be of this picture and of no other. */
function middle(bytes: Uint8Array): Buffer {
  for (let at = bytes.length >> 1; at + 24 <= bytes.length; at += 12) {
    const part = bytes.subarray(at, at + 24);
    if (new Set(part).size >= 10) return Buffer.from(part);
  }
  throw new Error("a picture too even to be told from others");
}

/**
 * What would tell that something of a frame is still in memory: of its bytes as they came, its pixels, the small grey picture
 * for liveness, and, where there is a face, the face turned upright and its description.
 */
export async function marksOf(
  engine: FaceEngine,
  name: string,
  jpeg: Buffer,
): Promise<Record<string, Buffer>> {
  const picture = await decodePicture(jpeg);
  const { width, height } = picture;
  const { inner } = detectorSize(width, height, Math.max(width, height) >= 900 ? 640 : 320);
  const marks: Record<string, Buffer> = {
    [`scan ${name}`]: middle(jpeg),
    [`pixels ${name}`]: middle(picture.data),
    [`grey ${name}`]: middle(sketchOf(await resizePicture(picture, inner.width, inner.height)).data),
  };
  const options = { embed: true, flip: true, evenIfPoor: true };
  const { faces, chosen, embedding } = await engine.analyse(Buffer.from(jpeg), options);
  if (chosen === undefined || !embedding) return marks;
  const aligned = alignFace(picture, faces[chosen]!, arcFacePoints, 112);
  marks[`aligned ${name}`] = middle(new Uint8Array(aligned.buffer));
  marks[`vector ${name}`] = Buffer.from(embedding.buffer).subarray(64, 88);
  return marks;
}
