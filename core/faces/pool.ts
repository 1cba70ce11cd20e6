import { Worker } from "node:worker_threads";
import { LimenError } from "../errors.ts";
import { clearSlot, mostSlots } from "./search.ts";
import type { FromWorker, WorkerAnswer, WorkerJob, WorkerSeed } from "./worker-protocol.ts";

/** A frame that takes longer has met something that hangs: its worker is given up. */
const longestJobMs = 10_000;
/** Jobs waiting at one worker; a look has one at a time. */
const mostWaiting = 32;

const file = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);

// onnxruntime is built with telemetry: left alone it keeps an id of the device and a database in the user's cache folder.
// It looks for this word when it is loaded; a worker's own copy of the environment would be too late and out of its sight.
process.env.ORT_DISABLE_TELEMETRY = "1";

/** Overwrites what came back for nobody: the look was given up, or its worker was. */
function forgotten(message: FromWorker): void {
  if (!("answer" in message)) return;
  const { cues, embedding } = message.answer.facts ?? {};
  cues?.sketch.data.fill(0);
  embedding?.fill(0);
}

interface Waiting {
  resolve(answer: WorkerAnswer): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

interface Seat {
  worker: Worker | undefined;
  ready: boolean;
  waiting: Map<number, Waiting>;
  /** Failures in a row before it became ready. */
  failures: number;
  /** What its worker said it cannot work for. */
  reason: LimenError | undefined;
}

export interface PoolOptions {
  threads: number;
  seed: (slot: number) => WorkerSeed;
  memory: WebAssembly.Memory;
  onChange?: () => void;
}

/**
 * Worker threads, each with its own models. One that ends, for whatever reason, fails what it was doing with
 * `worker-lost`, has its scratch memory overwritten, and is replaced.
 *
 * A thread is never terminated from outside: stopping one inside onnxruntime ends the whole process (its C++ throws
 * when it finds the engine stopping). It is asked to leave and does so between two jobs; one that hangs is left behind.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #seats: Seat[];
  readonly #slots = Array.from({ length: mostSlots }, (_, slot) => slot);
  #next = 1;
  #closed = false;
  #failure: LimenError | undefined;
  lost = 0;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#seats = Array.from({ length: options.threads }, () => ({
      worker: undefined,
      ready: false,
      waiting: new Map(),
      failures: 0,
      reason: undefined,
    }));
    for (const seat of this.#seats) this.#start(seat);
  }

  /** How many workers have loaded their models. */
  get ready(): number {
    return this.#seats.filter((seat) => seat.ready).length;
  }

  /** Why no worker can be had: what one said, or `worker-lost` once three tries in a row have failed without a word. */
  get failure(): LimenError | undefined {
    return this.#failure;
  }

  /** The thread ids of the living workers (a look stays with one). */
  get threads(): number[] {
    return this.#seats.flatMap((seat) => (seat.worker && seat.ready ? [seat.worker.threadId] : []));
  }

  /** The ready worker with the least to do. @throws LimenError `worker-lost` when there is none */
  pick(): number {
    const seats = this.#seats.filter((seat) => seat.ready);
    if (seats.length === 0) throw new LimenError("worker-lost", { status: 503 });
    return seats.reduce((least, seat) => (seat.waiting.size < least.waiting.size ? seat : least)).worker!
      .threadId;
  }

  /**
   * Does a job on one worker. @param transfer buffers handed over rather than copied
   * @throws LimenError `worker-lost`, `face-busy`, or what the job failed with
   */
  run(thread: number, job: WorkerJob, transfer: ArrayBuffer[] = []): Promise<WorkerAnswer> {
    const seat = this.#seats.find(({ worker }) => worker?.threadId === thread);
    if (!seat?.ready) return Promise.reject(new LimenError("worker-lost", { status: 503 }));
    if (seat.waiting.size >= mostWaiting) return Promise.reject(new LimenError("face-busy", { status: 503 }));
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(seat), longestJobMs);
      timer.unref();
      seat.waiting.set(id, { resolve, reject, timer });
      seat.worker!.postMessage({ id, job }, transfer);
    });
  }

  /** Tells every worker something. */
  async everyone(job: WorkerJob): Promise<void> {
    await Promise.all(this.threads.map((thread) => this.run(thread, job).catch(() => undefined)));
  }

  /** Lets one worker end as if it had failed: what it is doing gets no answer. */
  kill(thread: number): void {
    this.#seats.find(({ worker }) => worker?.threadId === thread)?.worker?.postMessage({ leave: true });
  }

  /** Resolves when every worker has left; one that hangs is waited for no longer than a job may last. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      this.#seats.map(({ worker }) => {
        if (!worker) return undefined;
        const left = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
        worker.ref(); // or the process could end before the thread has
        worker.postMessage({ leave: true });
        return Promise.race([left, new Promise((resolve) => setTimeout(resolve, longestJobMs).unref())]);
      }),
    );
  }

  #start(seat: Seat): void {
    if (this.#closed) return;
    const slot = this.#slots.pop();
    if (slot === undefined) {
      this.#failure = new LimenError("worker-lost", { status: 503, message: "too many workers hang" });
      return;
    }
    const worker = new Worker(file, { workerData: this.#options.seed(slot) });
    seat.worker = worker;
    worker.unref();
    worker.on("message", (message: FromWorker) => {
      if (seat.worker === worker) this.#take(seat, message);
      else forgotten(message);
    });
    worker.on("error", () => undefined); // the exit that follows says it
    worker.once("exit", () => {
      clearSlot(this.#options.memory, slot);
      this.#slots.push(slot);
      if (seat.worker === worker) this.#gone(seat);
    });
  }

  /** Leaves a worker that hangs behind; should it ever come back, it finds that it may leave. */
  #giveUp(seat: Seat): void {
    seat.worker?.postMessage({ leave: true });
    this.#gone(seat);
  }

  #take(seat: Seat, message: FromWorker): void {
    if ("ready" in message) {
      seat.ready = true;
      seat.failures = 0;
      seat.reason = undefined;
      this.#failure = undefined;
      this.#options.onChange?.();
      return;
    }
    if ("failed" in message) {
      const { code, params } = message.failed;
      seat.reason = code === "internal" ? undefined : new LimenError(code, { status: 503, params });
      return;
    }
    const waiting = seat.waiting.get(message.id);
    if (!waiting) {
      forgotten(message);
      return;
    }
    seat.waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if ("error" in message) {
      waiting.reject(new LimenError(message.error.code, { status: 422, message: message.error.message }));
    } else waiting.resolve(message.answer);
  }

  #gone(seat: Seat): void {
    const wasReady = seat.ready;
    seat.worker = undefined;
    seat.ready = false;
    const lost = new LimenError("worker-lost", { status: 503 });
    for (const { reject, timer } of seat.waiting.values()) {
      clearTimeout(timer);
      reject(lost);
    }
    seat.waiting.clear();
    if (this.#closed) return;
    this.lost++;
    // what one of them says of the models is true of every try; nothing said may have been a moment's want of memory
    if (!wasReady && (++seat.failures >= 3 || seat.reason)) this.#failure = seat.reason ?? lost;
    this.#options.onChange?.();
    const pause = wasReady ? 0 : Math.min(30_000, 200 * 2 ** seat.failures);
    setTimeout(() => this.#start(seat), pause).unref();
  }
}
