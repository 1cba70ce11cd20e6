import type { AttemptCode } from "../entry/codes.ts";
import type { ModelIdentity } from "./described.ts";
import type { PrintMemory } from "./liveness/repeats.ts";
import type { FrameCues } from "./liveness/sketch.ts";
import type { Cue } from "./liveness/watch.ts";

/** Codes a look can end with; `granted` here only says "this person, live": the rules and consents come after. */
export type LookCode = Extract<
  AttemptCode,
  | "granted"
  | "no-face"
  | "two-faces"
  | "face-too-small"
  | "face-blurred"
  | "face-turned"
  | "face-too-dark"
  | "face-too-bright"
  | "not-live"
  | "challenge-failed"
  | "no-match"
  | "no-clear-match"
  | "nobody-enrolled"
  | "camera-silent"
  | "camera-frozen"
  | "camera-bad-picture"
  | "face-busy"
  | "models-missing"
  | "calibration-missing"
  | "worker-lost"
>;

/** What one frame can fail with before a face in it is looked at any closer. */
export type FrameCode = Extract<
  LookCode,
  | "no-face"
  | "two-faces"
  | "face-too-small"
  | "face-blurred"
  | "face-turned"
  | "face-too-dark"
  | "face-too-bright"
  | "camera-bad-picture"
>;

/** What whoever is being looked at can mend while they stand there; nothing of who they are. */
export const lookHints = [
  "no-face",
  "two-faces",
  "face-too-small",
  "face-blurred",
  "face-turned",
  "face-too-dark",
  "face-too-bright",
] as const satisfies readonly FrameCode[];
export type LookHint = (typeof lookHints)[number];
/** What a picture's code says that can be mended; undefined where it says nothing of that kind. */
export const mendable = (code: string | undefined): LookHint | undefined =>
  lookHints.find((hint) => hint === code);

/** One picture of a camera: JPEG or PNG bytes, and when the last of them arrived (`Clock.monotonic()`, ms). */
export interface Frame {
  jpeg: Buffer;
  at: number;
}

/** Pixels of the decoded, upright picture. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The part of the picture a face has to be in, as fractions of its width and height. */
export interface Zone {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Face extends Box {
  /** Detector's confidence, 0 to 1. */
  score: number;
  /** x,y of right eye, left eye, nose, right and left corner of the mouth (the person's own right), pixels. */
  landmarks: readonly number[];
}

export interface Quality {
  /** 0 to 1: how far the worst of those below is from its limit. */
  score: number;
  /** Between the eyes, source pixels. */
  eyeDistance: number;
  /** Energy of fine detail in the aligned face, relative to its contrast. */
  sharpness: number;
  /** Degrees, estimated from five points. */
  yaw: number;
  pitch: number;
  roll: number;
  /** Mean luminance of the aligned face, 0 to 255. */
  light: number;
  /** Share of its middle that is burnt out: so bright that nothing is left to see. */
  burnt: number;
}

export interface Liveness {
  /** The least sure model's probability that a living face is before the camera, 0 to 1. */
  score: number;
  live: boolean;
  /** Each model's own probability, in the order of models.json. */
  each: readonly number[];
}

/** What was found in one frame. `code` says why nothing further was done; absent: a usable face. */
export interface FrameFacts {
  code?: FrameCode;
  /** Of the upright picture as decoded. */
  width: number;
  height: number;
  faces: readonly Face[];
  /** Index into `faces` of the one looked at. */
  chosen?: number;
  quality?: Quality;
  liveness?: Liveness;
  /** For liveness over several frames. Only with `cues: true`, and only for a usable face. */
  cues?: FrameCues;
  /** Unit length. Only with `embed: true`, and only for a usable face. */
  embedding?: Float32Array;
  /** Milliseconds each stage took. */
  spent: Readonly<Record<string, number>>;
}

export interface AnalyseOptions {
  zone?: Zone;
  liveness?: boolean;
  cues?: boolean;
  embed?: boolean;
  /** Also mirror the face and average the two embeddings: better by up to 1.6 points for one embedding's time. */
  flip?: boolean;
  /** Describe a face of poor quality too, instead of stopping there. For measurements only. */
  evenIfPoor?: boolean;
}

export interface EnrolOptions {
  /** The pictures have to be of somebody living. */
  living?: boolean;
  /** They are one camera's, one after another: what moves with what is looked at as well. */
  scene?: boolean;
  zone?: Zone;
}

export interface Enrolment {
  /** One to three unit vectors, already rotated with the site's secret matrix. */
  vectors: Float32Array[];
  /** Mean quality of the frames used, 0 to 1. */
  quality: number;
  frames: number;
  used: number;
}

/** Settings of a look; what is absent takes the defaults of `look.ts`. */
export interface LookOptions {
  /** Wrong openings per look of a stranger at most: the threshold follows from it and the gallery's size. */
  risk: number;
  /** Frames with a usable face looked at, at most. */
  frames: number;
  /** How many of them have to agree on one person. */
  agreeing: number;
  /** Seconds the look lasts at most. */
  seconds: number;
  /** A frame older than this is not looked at, ms. */
  maxAgeMs?: number;
  zone?: Zone;
}

export interface LookRequest {
  frames: AsyncIterable<Frame>;
  /** Who may be compared now. Asked again for every frame and once more before the answer. */
  allowed: ReadonlySet<string> | ((person: string) => boolean);
  mode: "1:N" | "1:1";
  /** What somebody recognised has to do before the answer; chosen anew for every look, so that no recording can know it. */
  challenge?: Challenge;
  /** Called when the challenge is to be shown to whoever stands at the door. */
  onChallenge?: () => void;
  /** Called when what is wrong with the newest frame changes, until a challenge is shown; undefined: nothing now. */
  onHint?: (hint: LookHint | undefined) => void;
  /** Pictures of earlier looks at this camera, which may not come back; absent where they do for a good reason. */
  earlier?: PrintMemory;
  /** The person to compare with in 1:1. */
  person?: string;
  settings: LookOptions;
  /** Where the act was (a camera's or door's id): a newer look with the same key ends this one with `face-busy`. */
  key?: string;
  signal?: AbortSignal;
}

/** The person's own left and right. */
export type Challenge = "turn-left" | "turn-right";

/** Numbers and a word of a closed list (fits `Evidence` of the attempt). */
export interface LookEvidence {
  score?: number;
  threshold?: number;
  margin?: number;
  liveness?: number;
  quality?: number;
  frames?: number;
  agreeing?: number;
  /** What gave an attack away. */
  cue?: Cue;
  /** Degrees the head was seen to turn, where that was asked. */
  turned?: number;
}

export interface LookResult {
  code: LookCode;
  /** Only with `granted`. */
  person?: string;
  template?: string;
  evidence: LookEvidence;
  /** Milliseconds from the first usable frame's arrival to the answer, and in total. */
  spent: { decision?: number; total: number };
}

/** Which embedder made a vector; vectors of two models are never compared. */
export interface EmbedderIdentity extends ModelIdentity {
  dimensions: number;
}

/** Counted since the start, without who or when. */
export interface FaceCounts {
  frames: number;
  embeddings: number;
  comparisons: number;
  looks: number;
  workersLost: number;
}

/** Templates in memory, for comparing. One copy for all workers; dropped rows are overwritten at once. */
export interface FaceGallery {
  /** Templates / vectors in it. */
  readonly templates: number;
  readonly rows: number;
  /** @throws LimenError `template-mismatch` when a vector is not unit length or has other dimensions */
  put(template: string, person: string, vectors: readonly Float32Array[]): void;
  /** Overwrites and forgets; from the return on it cannot match. @returns whether it was there */
  drop(template: string): boolean;
  /** Every vector times an orthogonal matrix (D x D, row-major): a new epoch without re-enrolment. */
  rotate(matrix: Float32Array): void;
  /** People with at least one template. */
  people(): ReadonlySet<string>;
  /** How near these vectors come to each other person's templates: the highest cosine, by template. */
  nearness(vectors: readonly Float32Array[], except: string): Promise<Map<string, number>>;
  clear(): void;
}

/** Looks at faces in worker threads. */
export interface FaceEngine {
  /** Workers are loaded and every model of the pack is there. */
  readonly ready: boolean;
  /** Models of the pack that are not there, by id. */
  readonly missing: readonly string[];
  /** Share of the workers that have loaded their models, 0 to 1; undefined once ready. */
  readonly progress: number | undefined;
  readonly embedder: EmbedderIdentity | undefined;
  readonly gallery: FaceGallery;
  readonly counts: Readonly<FaceCounts>;
  /**
   * Resolves when ready.
   * @throws LimenError `models-missing`, `worker-lost`; what is wrong with the models: `model-damaged`, `model-unloadable`, `model-unlike`
   */
  start(): Promise<void>;
  /** One frame's facts. The buffer is overwritten. @throws LimenError `worker-lost`, `models-missing`, `face-busy` */
  analyse(frame: Buffer, options?: AnalyseOptions): Promise<FrameFacts>;
  /**
   * Vectors from 1 to 10 pictures of one person; the same picture twice counts once. Every buffer is overwritten, also on
   * failure.
   * @throws LimenError with the quality code of the best picture, `faces-differ`, `not-live`, `too-few-frames`, `worker-lost`, …
   */
  enrol(frames: readonly Buffer[], options?: EnrolOptions): Promise<Enrolment>;
  /** One look after one deliberate act. Never throws: every failure is a code, and no code but `granted` opens. */
  look(request: LookRequest): Promise<LookResult>;
  /** Nearest other person's template to these vectors, compared by a worker. */
  nearest(
    vectors: readonly Float32Array[],
    except: string,
  ): Promise<{ score: number; template: string } | undefined>;
  /** Rotation applied to every vector from now on (D x D, row-major, orthogonal). Set before the gallery is filled. */
  useRotation(matrix: Float32Array): void;
  close(): Promise<void>;
}
