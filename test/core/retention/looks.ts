import assert from "node:assert/strict";
import type { Clock } from "../../../core/clock.ts";
import type { Gallery } from "../../../core/faces/gallery.ts";
import { runLook } from "../../../core/faces/looking.ts";
import type { Pool } from "../../../core/faces/pool.ts";
import { type Candidates, searcher } from "../../../core/faces/search.ts";
import type { Frame, LookResult } from "../../../core/faces/types.ts";
import type { WorkerAnswer, WorkerJob } from "../../../core/faces/worker-protocol.ts";

const threshold = 0.9;
const settings = { risk: 1e-4, frames: 5, agreeing: 2, seconds: 600 };

interface LookDeps {
  gallery: Gallery;
  clock: Clock;
  /** Asked per frame, and once more before the answer. */
  allowed(person: string): boolean;
  /** Told whose rows a worker was given. */
  compared(people: ReadonlySet<string>): void;
}

/**
 * A look in flight, moved on by hand: `frame` lets the camera give a picture, `answer` lets the worker finish the one it
 * has. No models: whose face it is, is said; the search, the votes and the checks on the way are the product's.
 */
export class HandLook {
  readonly person: string;
  readonly door: string;
  readonly result: Promise<LookResult>;
  /** Was the one who stands there among those compared, at some frame? */
  began = false;
  over: LookResult | "ended" | undefined;
  readonly #deps: LookDeps;
  readonly #end = new AbortController();
  #picture = Promise.withResolvers<Frame>();
  #answer: (() => void) | undefined;
  #pictures = 0;

  constructor(person: string, door: string, face: Float32Array, deps: LookDeps) {
    this.person = person;
    this.door = door;
    this.#deps = deps;
    const { gallery, clock, allowed } = deps;
    const search = searcher(gallery.memory, 0, gallery.dimensions);
    const run = (_thread: number, job: WorkerJob) => this.#work(job, (rows) => search(face, rows));
    const pool = { pick: () => 0, run } as unknown as Pool;
    this.result = runLook(
      { pool, gallery, clock, threshold },
      { frames: this.#frames(), allowed, mode: "1:N", settings },
      this.#end.signal,
    );
    this.result.then(
      (result) => {
        this.over = result;
      },
      () => {
        this.over = "ended";
      },
    );
  }

  get working(): boolean {
    return this.#answer !== undefined;
  }

  /** The camera's next picture. */
  frame(): void {
    this.#picture.resolve({ jpeg: Buffer.from([++this.#pictures]), at: this.#deps.clock.monotonic() });
  }

  /** The worker is done with the picture it has: compares what is in memory now with the rows it was given then. */
  answer(): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.();
  }

  /** A restart, or a newer act. */
  async end(): Promise<void> {
    this.#end.abort();
    await assert.rejects(this.result, { code: "face-busy" });
  }

  async *#frames(): AsyncGenerator<Frame> {
    for (;;) {
      const frame = await this.#picture.promise;
      this.#picture = Promise.withResolvers();
      yield frame;
    }
  }

  #work(
    job: WorkerJob,
    search: (rows: Candidates) => WorkerAnswer["nearest"],
  ): Promise<Pick<WorkerAnswer, "nearest"> & { facts: unknown }> {
    assert.equal(job.kind, "look");
    const { candidates } = job as Extract<WorkerJob, { kind: "look" }>;
    const owners = [...candidates.rows].map((row) => this.#deps.gallery.ownerOf(row)!.person);
    const people = new Set(owners);
    this.began ||= people.has(this.person);
    this.#deps.compared(people);
    const { promise, resolve } = Promise.withResolvers<{
      facts: unknown;
      nearest?: WorkerAnswer["nearest"];
    }>();
    const pixels = String(this.#pictures);
    this.#answer = () => {
      const nearest = search(candidates);
      const facts = {
        pixels,
        quality: { score: 1 },
        liveness: { live: true, score: 1 },
        faces: [{ landmarks: [] }],
        chosen: 0,
      };
      resolve({ facts, ...(nearest && { nearest }) });
    };
    return promise as Promise<Pick<WorkerAnswer, "nearest"> & { facts: unknown }>;
  }
}
