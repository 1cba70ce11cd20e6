import { availableParallelism } from "node:os";
import { type Clock, systemClock } from "../clock.ts";
import { errorCode, LimenError } from "../errors.ts";
import type { Calibration } from "./calibration.ts";
import { identityOf } from "./described.ts";
import { enrolFrames } from "./enrol.ts";
import { Gallery } from "./gallery.ts";
import { oneOnly, runLook, taken } from "./looking.ts";
import type { FoundModels } from "./models.ts";
import type { PipelineFacts } from "./pipeline.ts";
import { Pool } from "./pool.ts";
import { readCalibration, thresholdFor } from "./threshold.ts";
import type {
  AnalyseOptions,
  EmbedderIdentity,
  Enrolment,
  EnrolOptions,
  FaceCounts,
  FaceEngine,
  FrameFacts,
  LookCode,
  LookRequest,
  LookResult,
} from "./types.ts";
import { counters } from "./worker-protocol.ts";

export interface FaceEngineOptions {
  models: FoundModels;
  /** Worker threads; two unless the machine has one core. About 90 MB each. */
  threads?: number;
  clock?: Clock;
  /** Called when readiness, progress or a worker's fate changes. */
  onChange?: () => void;
  /** Error rates of the models; from `models/` unless given. Without any, no look finds anybody: `calibration-missing`. */
  calibration?: Calibration;
}

/** An engine over found models. Nothing is loaded before `start`. */
export const createFaceEngine = (options: FaceEngineOptions): FaceEngine & { killWorker(): void } =>
  new Engine(options);

class Engine implements FaceEngine {
  readonly embedder: EmbedderIdentity | undefined;
  readonly gallery: Gallery;
  readonly missing: readonly string[];
  readonly #options: FaceEngineOptions;
  readonly #clock: Clock;
  readonly #threads: number;
  readonly #counts = new SharedArrayBuffer(16);
  readonly #calibration: Calibration | undefined;
  readonly #looks = new Map<AbortController, string | undefined>();
  #pool: Pool | undefined;
  #rotation: Float32Array | undefined;
  #lookCount = 0;
  #closed = false;

  constructor(options: FaceEngineOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#threads = options.threads ?? Math.min(2, availableParallelism());
    this.missing = options.models.missing.map(({ id }) => id);
    const embedder = [...options.models.found.values()].find((model) => model.job === "embedder");
    if (embedder) {
      const { dimensions } = embedder;
      this.embedder = { ...identityOf(embedder), dimensions };
      this.#calibration = options.calibration ?? readCalibration([...options.models.found.values()]);
    }
    this.gallery = new Gallery(embedder?.dimensions ?? 128);
  }

  get ready(): boolean {
    return this.missing.length === 0 && this.#pool !== undefined && this.#pool.ready > 0;
  }

  get progress(): number | undefined {
    if (this.missing.length > 0 || !this.#pool) return 0;
    return this.#pool.ready === this.#threads ? undefined : this.#pool.ready / this.#threads;
  }

  get counts(): FaceCounts {
    const counts = new Int32Array(this.#counts);
    const at = (place: number) => Atomics.load(counts, place);
    return {
      frames: at(counters.frames),
      embeddings: at(counters.embeddings),
      comparisons: at(counters.comparisons),
      looks: this.#lookCount,
      workersLost: this.#pool?.lost ?? 0,
    };
  }

  async start(): Promise<void> {
    this.#modelsThere();
    this.#pool ??= new Pool({
      threads: this.#threads,
      memory: this.gallery.memory,
      seed: (slot) => ({
        models: [...this.#options.models.found.values()],
        dimensions: this.gallery.dimensions,
        memory: this.gallery.memory,
        slot,
        counts: this.#counts,
        rotation: this.#rotation,
      }),
      ...(this.#options.onChange ? { onChange: this.#options.onChange } : {}),
    });
    await this.#somebodyReady(60_000).catch((error: unknown) => {
      throw this.#pool?.failure ?? error;
    });
  }

  async analyse(frame: Buffer, options: AnalyseOptions = {}): Promise<FrameFacts> {
    const { pixels: _, ...rest } = await this.#analyse(frame, options);
    return rest;
  }

  async #analyse(frame: Buffer, options: AnalyseOptions): Promise<PipelineFacts> {
    const pool = await this.#somebodyReady(10_000);
    const bytes = taken(frame);
    const { facts } = await pool.run(pool.pick(), { kind: "analyse", bytes, options }, [bytes.buffer]);
    return facts!;
  }

  async enrol(
    frames: readonly Buffer[],
    { living = false, scene = false, zone }: EnrolOptions = {},
  ): Promise<Enrolment> {
    const options = { embed: true, flip: true, liveness: living, cues: scene, ...(zone ? { zone } : {}) };
    try {
      return await enrolFrames(frames, (frame) => this.#analyse(frame, options));
    } finally {
      for (const frame of frames) frame.fill(0);
    }
  }

  async look(request: LookRequest): Promise<LookResult> {
    const start = performance.now();
    this.#lookCount++;
    const failed = (code: LookCode): LookResult => ({
      code,
      evidence: {},
      spent: { total: performance.now() - start },
    });
    const own = new AbortController();
    this.#makeRoom(request.key);
    this.#looks.set(own, request.key);
    try {
      const pool = await this.#somebodyReady(1000 * request.settings.seconds);
      const { rows } = this.gallery.candidates(request.allowed, oneOnly(request));
      if (rows.length === 0) return failed("nobody-enrolled");
      if (!this.#calibration) return failed("calibration-missing"); // no threshold, no answer
      const threshold = thresholdFor(this.#calibration, {
        comparisons: rows.length,
        risk: request.settings.risk,
      });
      return await runLook(
        { pool, gallery: this.gallery, clock: this.#clock, threshold: threshold.score },
        request,
        AbortSignal.any([own.signal, ...(request.signal ? [request.signal] : [])]),
      );
    } catch (error) {
      const code = errorCode(error);
      return failed(code === "models-missing" || code === "face-busy" ? code : "worker-lost");
    } finally {
      this.#looks.delete(own);
    }
  }

  async nearest(
    vectors: readonly Float32Array[],
    except: string,
  ): Promise<{ score: number; template: string } | undefined> {
    const pool = await this.#somebodyReady(10_000);
    const { rows, people } = this.gallery.candidates((person) => person !== except);
    if (rows.length === 0) return undefined;
    const copies = vectors.map((vector) => Float32Array.from(vector)); // handed over, and overwritten there
    const job = { kind: "compare" as const, vectors: copies, candidates: { rows, people } };
    const { nearest } = await pool.run(
      pool.pick(),
      job,
      copies.map(({ buffer }) => buffer),
    );
    const owner = nearest && this.gallery.ownerOf(nearest.row);
    return nearest && owner && { score: nearest.score, template: owner.template };
  }

  useRotation(matrix: Float32Array): void {
    this.#rotation = matrix;
    void this.#pool?.everyone({ kind: "rotation", matrix });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const look of this.#looks.keys()) look.abort();
    this.gallery.clear();
    this.#rotation?.fill(0);
    await this.#pool?.close();
  }

  /** Lets a worker end as if it had failed; for tests. */
  killWorker(): void {
    const [thread] = this.#pool?.threads ?? [];
    if (thread !== undefined) this.#pool!.kill(thread);
  }

  /** The newest act wins: an older look at the same place ends, and the oldest of all when there are too many. */
  #makeRoom(key: string | undefined): void {
    for (const [look, other] of this.#looks) if (key !== undefined && other === key) look.abort();
    const running = [...this.#looks.keys()].filter((look) => !look.signal.aborted);
    if (running.length >= 4 * this.#threads) running[0]!.abort();
  }

  #modelsThere(): void {
    if (this.missing.length > 0) {
      throw new LimenError("models-missing", { status: 503, params: { models: this.missing.join(", ") } });
    }
  }

  /** Waits for a worker while they load. */
  async #somebodyReady(ms: number): Promise<Pool> {
    this.#modelsThere();
    if (!this.#pool) throw new LimenError("worker-lost", { status: 503 });
    for (const until = performance.now() + ms; !this.#pool.ready; ) {
      if (this.#closed || this.#pool.failure || performance.now() > until) {
        throw new LimenError("worker-lost", { status: 503 });
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.#pool;
  }
}
