import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import { LimenError } from "../errors.ts";
import { Closed, faultOf, OneOf, type Static, type TObject, Type } from "../schema.ts";
import { mostDimensions } from "./search.ts";

/** A number a colour channel, in the order red, green, blue whatever order the model takes them in. */
const Channels = (value: number, options: Record<string, unknown> = {}) =>
  Type.Array(Type.Number(options), {
    minItems: 3,
    maxItems: 3,
    default: [value, value, value],
  });

/** What every input says: its name in the file, and what becomes of a pixel of 0 to 255: `(pixel * scale - mean) / deviation`. */
const pixels = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  order: OneOf(["rgb", "bgr"]),
  scale: Type.Number({ exclusiveMinimum: 0, default: 1 }),
  mean: Channels(0),
  deviation: Channels(1, { exclusiveMinimum: 0 }),
};

/** Pixels on each side of a square the model takes. */
const Side = Type.Integer({ minimum: 16, maximum: 1024 });

/** Which part of the picture a model is shown: the face's box, or a square about its middle, so many times as large. */
const Crop = Closed({
  of: OneOf(["box", "square"]),
  factor: Type.Number({ minimum: 0.5, maximum: 8 }),
  /** What reaches over the picture's borders: mirrored, or the part is pushed inside and shrunk where it has to be. */
  edge: OneOf(["mirror", "inside"], { default: "mirror" }),
});

/** Which of a model's outputs is meant; a model with one output need not say. */
const outputName = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));

const DetectorInput = Closed({
  ...pixels,
  /** Multiples of 32: what the longer side of a picture is brought to. */
  side: Type.Integer({ minimum: 64, maximum: 2048, multipleOf: 32 }),
  /** The same for pictures of 900 pixels or more; as `side` unless given. */
  largeSide: Type.Optional(Type.Integer({ minimum: 64, maximum: 2048, multipleOf: 32 })),
  /** The model takes nothing but squares of that side. */
  square: Type.Boolean({ default: false }),
});
const CropInput = Closed({ ...pixels, side: Side, crop: Crop });
const AlignedInput = Closed({
  ...pixels,
  side: Side,
  /** Where the five points belong: a usual template, or x and y of each as fractions of the side. */
  points: Type.Union([
    OneOf(["arcface", "omz"]),
    Type.Array(Type.Number({ minimum: 0, maximum: 1 }), { minItems: 10, maxItems: 10 }),
  ]),
});

const one = <I extends TObject>(input: I) => Type.Array(input, { minItems: 1, maxItems: 1 });

const facts = {
  id: Type.String({ pattern: "^[a-z0-9][a-z0-9._-]{0,63}$" }),
  /** A name in a folder of models, never a path. */
  file: Type.String({ pattern: "^[^/\\\\]+$" }),
  bytes: Type.Integer({ minimum: 1 }),
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  source: Type.String({ minLength: 1 }),
  /** Where the single file can be fetched; absent where no public single file exists. */
  url: Type.Optional(Type.String({ pattern: "^https?://" })),
  licence: Type.String({ minLength: 1 }),
  training: Type.String({ minLength: 1 }),
  /** Files beside `models.json` with what was measured: one for each combination of models that was. */
  calibration: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])),
  /** When it was last looked whether this is still a model to enrol with, `YYYY-MM-DD`. */
  reviewed: Type.Optional(Type.String({ format: "date" })),
  /** Nobody is to be enrolled with it any more: found too weak, or its licence taken back. */
  withdrawn: Type.Optional(Type.Boolean()),
};

/** What `models/models.json` says of a model, by its job. How it is fed and read stands there and nowhere in code. */
const entries = {
  detector: Closed({
    ...facts,
    job: OneOf(["detector"]),
    input: one(DetectorInput),
    /** `yunet`: outputs `cls_8`, `obj_8`, `bbox_8`, `kps_8` and the same of 16 and 32; score = sqrt(cls * obj). */
    output: Closed({ kind: OneOf(["yunet"]) }),
  }),
  landmarks: Closed({
    ...facts,
    job: OneOf(["landmarks"]),
    input: one(CropInput),
    /** `five-points`: x and y of each as fractions of the part it was shown, the person's right eye first. */
    output: Closed({ kind: OneOf(["five-points"]), name: outputName }),
  }),
  embedder: Closed({
    ...facts,
    job: OneOf(["embedder"]),
    /** Numbers in a vector. */
    dimensions: Type.Integer({ minimum: 2, maximum: mostDimensions }),
    input: Type.Array(AlignedInput, { minItems: 1, maxItems: 4 }),
    /** `vector`: scaled to unit length by us. */
    output: Closed({ kind: OneOf(["vector"]), name: outputName }),
  }),
  liveness: Closed({
    ...facts,
    job: OneOf(["liveness"]),
    input: one(CropInput),
    /**
     * `logits`: softmax over them; `probabilities`: as they are; `logit`: one number, its sigmoid; `probability`: one number.
     * From half on it is a living face.
     */
    output: Closed({
      kind: OneOf(["logits", "probabilities", "logit", "probability"]),
      name: outputName,
      /** Place of the living class, from 0, where there are several numbers; of one number: 0 if it rises for attacks, 1 if for living faces. */
      live: Type.Integer({ minimum: 0, maximum: 1000 }),
    }),
    /** Models of one word are one opinion, their mean; a model without counts by itself. */
    opinion: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
  }),
};

export type DetectorModel = Static<typeof entries.detector>;
export type LandmarksModel = Static<typeof entries.landmarks>;
export type EmbedderModel = Static<typeof entries.embedder>;
export type LivenessModel = Static<typeof entries.liveness>;
/** One model as `models/models.json` describes it. */
export type ModelEntry = DetectorModel | LandmarksModel | EmbedderModel | LivenessModel;
export type ModelJob = ModelEntry["job"];
export type DetectorInput = Static<typeof DetectorInput>;
export type CropInput = Static<typeof CropInput>;
export type AlignedInput = Static<typeof AlignedInput>;
export type PixelOrder = Pick<DetectorInput, "order" | "scale" | "mean" | "deviation">;

/**
 * One entry of the catalogue, its defaults filled in.
 * @throws LimenError `model-field-missing`, `model-field-unknown`, `model-field-wrong` (params model, field, rule)
 */
export function parseEntry(value: unknown): ModelEntry {
  const { id, job } = (value ?? {}) as { id?: unknown; job?: unknown };
  const model = typeof id === "string" ? id : "?";
  const schema = Object.hasOwn(entries, String(job)) ? entries[job as ModelJob] : undefined;
  if (!schema) throw wrong(model, "/job", Object.keys(entries).join(" | "));
  const fault = faultOf(schema, value);
  if (fault) {
    const params = { model, field: fault.field };
    if (fault.keyword === "required") throw new LimenError("model-field-missing", { params });
    if (fault.keyword === "additionalProperties") throw new LimenError("model-field-unknown", { params });
    throw wrong(model, fault.field, fault.allowed);
  }
  const entry = value as ModelEntry;
  const single = entry.job === "liveness" && /^(logit|probability)$/.test(entry.output.kind);
  if (single && (entry as LivenessModel).output.live > 1) throw wrong(model, "/output/live", "0 | 1");
  return entry;
}

const wrong = (model: string, field: string, rule: string): LimenError =>
  new LimenError("model-field-wrong", { field, params: { model, field, rule } });

/** What a model is, to whatever was made or measured with it: its weights, and how they were fed and read. */
export interface ModelIdentity {
  id: string;
  sha256: string;
  /** SHA-256 of the canonical JSON (RFC 8785) of its input and output: the same weights fed otherwise are another model. */
  fed: string;
}

/** The identity of a model of the catalogue. */
export const identityOf = ({
  id,
  sha256,
  input,
  output,
}: Pick<ModelEntry, "id" | "sha256" | "input" | "output">): ModelIdentity => ({
  id,
  sha256,
  fed: createHash("sha256").update(canonicalize({ input, output })!).digest("hex"),
});

/** Are these the same weights, fed and read the same way, by whatever name? */
export const sameModel = (p: Partial<ModelIdentity>, q: ModelIdentity): boolean =>
  p.sha256 === q.sha256 && p.fed === q.fed;
