import type { Candidates, Nearest } from "./search.ts";
import type { SessionSpec } from "./sessions.ts";
import type { AnalyseOptions, FrameFacts } from "./types.ts";

/** What a worker is born with. */
export interface WorkerSeed {
  models: SessionSpec[];
  dimensions: number;
  memory: WebAssembly.Memory;
  slot: number;
  /** Int32: see `counters`. */
  counts: SharedArrayBuffer;
  rotation: Float32Array | undefined;
}

/** Places in the shared counts, added to where the thing is really done. */
export const counters = { frames: 0, embeddings: 1, comparisons: 2 } as const;

export type WorkerJob =
  | { kind: "analyse"; bytes: Uint8Array; options: AnalyseOptions }
  /** Looks, checks that it lives, describes, compares, forgets: the vector never leaves the worker. */
  | { kind: "look"; bytes: Uint8Array; options: AnalyseOptions; candidates: Candidates }
  | { kind: "compare"; vectors: Float32Array[]; candidates: Candidates }
  | { kind: "rotation"; matrix: Float32Array };

export interface WorkerAnswer {
  facts?: FrameFacts & { pixels: string };
  nearest?: Nearest;
}

/** `leave`: end after the job in hand, without answering it. */
export type ToWorker = { id: number; job: WorkerJob } | { leave: true };
export type FromWorker =
  | { ready: true }
  /** It cannot work, and why; it ends. */
  | { failed: { code: string; params: Readonly<Record<string, string | number>> } }
  | { id: number; answer: WorkerAnswer }
  | { id: number; error: { code: string; message: string } };
