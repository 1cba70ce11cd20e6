import { cropSquare, toPlanes } from "./crops.ts";
import type { Picture } from "./picture.ts";
import type { Run } from "./sessions.ts";
import type { Box, Face, Liveness } from "./types.ts";

/** A face below this is not shown to live. */
export const leastLive = 0.5;

/**
 * Is a living face before the camera: every opinion there is must say so (the minimum decides). The two MiniFASNets
 * are one opinion, their mean, as their makers use them. Without any opinion nothing is shown to live.
 * @param models ids of the liveness models of the pack that are there
 */
export async function livenessOf(
  open: ReadonlyMap<string, Run>,
  models: readonly string[],
  picture: Picture,
  face: Face,
): Promise<Liveness> {
  const each: number[] = [];
  const pair: number[] = [];
  for (const id of models) {
    const probability = await opinions[id]!(open.get(id)!, picture, face);
    each.push(probability);
    if (id.startsWith("minifasnet")) pair.push(probability);
  }
  const alone = models.flatMap((id, i) => (id.startsWith("minifasnet") ? [] : [each[i]!]));
  const mean = pair.length > 0 ? [pair.reduce((sum, value) => sum + value, 0) / pair.length] : [];
  const heard = [...alone, ...mean];
  const score = heard.length > 0 ? Math.min(...heard) : 0; // the least of nothing would be infinity: a living face
  return { score, live: score >= leastLive, each };
}

type Opinion = (run: Run, picture: Picture, face: Face) => Promise<number>;

const opinions: Readonly<Record<string, Opinion>> = {
  "minifas-128": (run, picture, face) => {
    const pixels = cropSquare(picture, squareAround(face, 1.5), 128);
    return ask(run, toPlanes(pixels, { scale: 1 / 255 }), pixels, 128, 0);
  },
  "minifasnet-v2": (run, picture, face) => {
    const pixels = cropSquare(picture, within(picture, face, 2.7), 80);
    return ask(run, toPlanes(pixels, { bgr: true }), pixels, 80, 1);
  },
  "minifasnet-v1se": (run, picture, face) => {
    const pixels = cropSquare(picture, within(picture, face, 4), 80);
    return ask(run, toPlanes(pixels, { bgr: true }), pixels, 80, 1);
  },
};

async function ask(
  run: Run,
  input: Float32Array,
  pixels: Float32Array,
  side: number,
  live: number,
): Promise<number> {
  const answer = await run({ input: { data: input, shape: [1, 3, side, side] } }).finally(() => {
    pixels.fill(0);
    input.fill(0);
  });
  const output = Object.values(answer)[0]!;
  const top = Math.max(...output);
  const parts = Array.from(output, (logit) => Math.exp(logit - top));
  return parts[live]! / parts.reduce((sum, part) => sum + part, 0);
}

/** A square about the middle of the face, `factor` times its longer side. It may reach over the borders. */
function squareAround(face: Box, factor: number): Box {
  const side = Math.max(face.width, face.height) * factor;
  return {
    x: face.x + face.width / 2 - side / 2,
    y: face.y + face.height / 2 - side / 2,
    width: side,
    height: side,
  };
}

/** `factor` times the face's box, less where the picture is too small, pushed inside the borders. */
function within(picture: Picture, face: Box, factor: number): Box {
  const scale = Math.min(factor, (picture.width - 1) / face.width, (picture.height - 1) / face.height);
  const width = face.width * scale;
  const height = face.height * scale;
  const push = (start: number, length: number, size: number) => Math.max(0, Math.min(start, size - length));
  return {
    x: push(face.x + face.width / 2 - width / 2, width, picture.width),
    y: push(face.y + face.height / 2 - height / 2, height, picture.height),
    width,
    height,
  };
}
