import { createHash } from "node:crypto";
import { cropSquare, inputOf, partOf } from "./crops.ts";
import type { AlignedInput, DetectorModel, EmbedderModel, LandmarksModel } from "./described.ts";
import { detectorInput, readFaces, sizeFor } from "./detector.ts";
import { arcFacePoints, fitSimilarity, halve, omzPoints, warpSquare } from "./geometry.ts";
import { moireOf } from "./liveness/moire.ts";
import { type Sketch, sketchOf } from "./liveness/sketch.ts";
import { leastLive, livenessOf } from "./liveness.ts";
import type { Loaded, LoadedPack } from "./pack.ts";
import { decodePicture, type Picture, resizePicture } from "./picture.ts";
import { measureQuality, qualityCode } from "./quality.ts";
import { outputOf } from "./sessions.ts";
import type { AnalyseOptions, Box, Face, FrameFacts, Zone } from "./types.ts";

/** Whole picture. */
const everywhere: Zone = { x: 0, y: 0, width: 1, height: 1 };
/** A second face this large, relative to the largest, makes the picture ambiguous. */
const rivalSize = 0.6;
/** Of the upright face whose quality is measured. */
const side = 112;
/** Of the picture `omzPoints` are given in. */
const omzSide = 128;

export interface PipelineFacts extends FrameFacts {
  /** Of the decoded pixels: the same twice is a camera that stands still. */
  pixels: string;
}

/** Everything that is done with one frame, on one thread. */
export interface Pipeline {
  analyse(bytes: Uint8Array, options: AnalyseOptions): Promise<PipelineFacts>;
}

/** Everything that is done with a frame, with the models of a loaded pack. */
export function pipelineOf({ detector, landmarks, embedder, liveness, runs }: LoadedPack): Pipeline {
  const analyse = async (bytes: Uint8Array, options: AnalyseOptions): Promise<PipelineFacts> => {
    const spent: Record<string, number> = {};
    let last = performance.now();
    const lap = (stage: string) => {
      const now = performance.now();
      spent[stage] = now - last;
      last = now;
    };
    const picture = await decodePicture(bytes);
    lap("decode");
    /** What only this frame's work needs: overwritten however it ends. */
    const leftovers: { fill(value: number): unknown }[] = [picture.data];
    let sketch: Sketch | undefined;
    try {
      const { width, height } = picture;
      const found = await findFaces(detector, picture, options.cues === true);
      ({ sketch } = found);
      const { faces, pixels } = found;
      lap("detect");
      const base = { width, height, faces, pixels, spent };
      const choice = options.evenIfPoor
        ? middleFace(faces, width, height)
        : chooseFace(faces, width, height, options.zone ?? everywhere);
      if (typeof choice === "string") return { ...base, code: choice };
      const face = landmarks ? await refined(landmarks, picture, faces[choice]!) : faces[choice]!;
      lap("landmarks");
      const aligned = alignFace(picture, face, arcFacePoints, side);
      leftovers.push(aligned);
      const quality = measureQuality(face, aligned, side);
      const facts: PipelineFacts = {
        ...base,
        faces: faces.with(choice, face),
        chosen: choice,
        quality,
      };
      lap("align");
      const code = qualityCode(quality);
      if (code) facts.code = code;
      if (code && !options.evenIfPoor) return facts;
      if (options.liveness) facts.liveness = await livenessOf(runs, liveness, picture, face);
      lap("liveness");
      const moire = sketch && moireOf(picture, face);
      if (sketch) lap("cues");
      // A face that is not shown to live is not described either.
      if (options.embed && (!options.liveness || (facts.liveness?.score ?? 0) >= leastLive)) {
        facts.embedding = await describe(embedder, picture, face, aligned, options.flip === true);
        lap("embed");
      }
      if (sketch) {
        facts.cues = {
          width,
          height,
          face,
          landmarks: face.landmarks,
          sketch,
          ...(moire === undefined ? {} : { moire }),
        };
        sketch = undefined; // whoever gets the facts has it now, and overwrites it
      }
      return facts;
    } finally {
      for (const bytes of leftovers) bytes.fill(0);
      sketch?.data.fill(0);
    }
  };
  return { analyse };
}

async function findFaces(
  { run, model }: Loaded<DetectorModel>,
  picture: Picture,
  sketched: boolean,
): Promise<{ faces: Face[]; pixels: string; sketch: Sketch | undefined }> {
  const [described] = model.input;
  const { inner, padded } = sizeFor(picture, described!);
  const small = await resizePicture(picture, inner.width, inner.height);
  let input: Float32Array | undefined;
  let sketch: Sketch | undefined;
  let done = false;
  try {
    const pixels = createHash("sha256").update(small.data).digest("base64url").slice(0, 22);
    sketch = sketched ? sketchOf(small) : undefined;
    input = detectorInput(small, padded, described!);
    const shape = [1, 3, padded.height, padded.width];
    const output = await run({ [described!.name]: { data: input, shape } });
    const scale = [picture.width / inner.width, picture.height / inner.height] as const;
    const faces = readFaces(output, padded, scale);
    done = true;
    return { faces, pixels, sketch };
  } finally {
    small.data.fill(0);
    input?.fill(0);
    if (!done) sketch?.data.fill(0);
  }
}

/**
 * The face whose middle is in the zone; the largest of several, unless another is nearly as large.
 * @returns its index, or why there is none
 */
export function chooseFace(
  faces: readonly Face[],
  width: number,
  height: number,
  zone: Zone,
): number | "no-face" | "two-faces" {
  const inside = faces
    .map((face, index) => ({
      index,
      size: face.width,
      x: face.x + face.width / 2,
      y: face.y + face.height / 2,
    }))
    .filter(
      ({ x, y }) =>
        x >= zone.x * width &&
        x <= (zone.x + zone.width) * width &&
        y >= zone.y * height &&
        y <= (zone.y + zone.height) * height,
    )
    .sort((p, q) => q.size - p.size);
  const [first, second] = inside;
  if (!first) return "no-face";
  if (second && second.size >= rivalSize * first.size) return "two-faces";
  return first.index;
}

/** Large and near the middle: whom a test picture with several people is of. */
function middleFace(faces: readonly Face[], width: number, height: number): number | "no-face" {
  const far = (face: Face) =>
    Math.hypot(face.x + (face.width - width) / 2, face.y + (face.height - height) / 2) - face.width;
  const order = faces.map((face, index) => ({ index, far: far(face) })).sort((p, q) => p.far - q.far);
  return order[0]?.index ?? "no-face";
}

/** Five points as the mean of the detector's and the landmark model's: worth 2 points of TAR at FAR 1e-5. */
async function refined({ run, model }: Loaded<LandmarksModel>, picture: Picture, face: Face): Promise<Face> {
  const [input] = model.input;
  const part = partOf(picture, face, input!.crop);
  const pixels = cropSquare(picture, part, input!.side);
  const feeds = inputOf(input!, pixels);
  const output = await run(feeds).finally(() => {
    pixels.fill(0);
    for (const { data } of Object.values(feeds)) data.fill(0);
  });
  const found = outputOf(model, output);
  const landmarks = face.landmarks.map((value, i) => {
    const other = i % 2 === 0 ? part.x + found[i]! * part.width : part.y + found[i]! * part.height;
    return (value + other) / 2;
  });
  return { ...face, landmarks };
}

/** The face turned upright and scaled to a model's template. A much larger face is halved first, or it would alias. */
export function alignFace(
  picture: Picture,
  face: Face,
  points: readonly number[],
  size: number,
): Float32Array {
  const map = fitSimilarity(face.landmarks, points);
  const scale = Math.hypot(map.a, map.b);
  if (scale >= 0.5) return warpSquare(picture, map, size);
  const { part, x, y } = cutOut(picture, face);
  let source = part;
  let shrunk = 1;
  for (let s = scale; s < 0.5; s *= 2) {
    const half = halve(source);
    source.data.fill(0);
    source = half;
    shrunk *= 2;
  }
  // A halved pixel's middle lies between two: position p of the original is (p + 0.5) / shrunk - 0.5.
  const landmarks = face.landmarks.map((value, i) => (value - (i % 2 ? y : x) + 0.5) / shrunk - 0.5);
  try {
    return warpSquare(source, fitSimilarity(landmarks, points), size);
  } finally {
    source.data.fill(0);
  }
}

/**
 * The face with half as much around it on each side, so that halving need not touch the whole picture. Begins at a multiple of 16,
 * so that the same pixels are averaged as if it did.
 */
function cutOut(picture: Picture, face: Box): { part: Picture; x: number; y: number } {
  const x = Math.max(0, Math.floor(face.x - face.width * 0.5)) & ~15;
  const y = Math.max(0, Math.floor(face.y - face.height * 0.5)) & ~15;
  const width = Math.min(picture.width, Math.ceil(face.x + face.width * 1.5)) - x;
  const height = Math.min(picture.height, Math.ceil(face.y + face.height * 1.5)) - y;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * picture.width + x) * 3;
    data.set(picture.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { part: { data, width, height }, x, y };
}

/** Where an input wants the five points, in its own pixels. */
function pointsOf({ points, side: size }: AlignedInput): readonly number[] {
  if (points === "omz") return omzPoints.map((value) => (value / omzSide) * size);
  if (points === "arcface") return arcFacePoints.map((value) => (value / side) * size);
  return (points as number[]).map((fraction) => fraction * size);
}

/** The unit vector of a face, mirrored and averaged where asked. @param upright the face as the usual template has it, which many take */
async function describe(
  embedder: Loaded<EmbedderModel>,
  picture: Picture,
  face: Face,
  upright: Float32Array,
  flip: boolean,
): Promise<Float32Array> {
  const copies: Float32Array[] = [];
  const kept = (pixels: Float32Array): Float32Array => {
    copies.push(pixels);
    return pixels;
  };
  try {
    const { input } = embedder.model;
    const faces = input.map((one) =>
      one.points === "arcface" && one.side === side
        ? upright
        : kept(alignFace(picture, face, pointsOf(one), one.side)),
    );
    const sum = await once(embedder, faces);
    if (flip) {
      const others = faces.map((pixels, i) => kept(mirror(pixels, input[i]!.side)));
      const mirrored = kept(await once(embedder, others));
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + mirrored[i]!;
    }
    return toUnit(sum);
  } finally {
    for (const pixels of copies) pixels.fill(0);
  }
}

/** @param faces one for each input */
async function once(
  { model, run }: Loaded<EmbedderModel>,
  faces: readonly Float32Array[],
): Promise<Float32Array> {
  const feeds = Object.assign({}, ...model.input.map((input, i) => inputOf(input, faces[i]!))) as ReturnType<
    typeof inputOf
  >;
  try {
    return toUnit(outputOf(model, await run(feeds)));
  } finally {
    for (const { data } of Object.values(feeds)) data.fill(0);
  }
}

/** Scales to length 1, in place. */
export function toUnit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares) || 1;
  for (let i = 0; i < vector.length; i++) vector[i] = vector[i]! / length;
  return vector;
}

function mirror(pixels: Float32Array, size: number): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = (y * size + x) * 3;
      out.set(pixels.subarray(from, from + 3), (y * size + size - 1 - x) * 3);
    }
  }
  return out;
}
