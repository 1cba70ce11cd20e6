import type { Clock } from "../../clock.ts";
import type { Frame } from "../types.ts";

export type CameraState = "idle" | "live" | "silent" | "frozen";

/** A camera: one frame in memory at most, handed over once and overwritten otherwise. */
export interface FrameSource {
  readonly id: string;
  readonly state: CameraState;
  /** Since the newest frame arrived, ms; undefined when there was none since the start. */
  readonly ageMs: number | undefined;
  /** The code of what last went wrong, for the camera's status line. */
  readonly problem: string | undefined;
  /** Pictures that came since it was made, looked at or not. */
  readonly received: number;
  /** Begins to receive. Cameras that are quick to ask do nothing until a look asks for `frames`. */
  start(): void;
  /** Ends for good what `start` and any look began. */
  stop(): void;
  /** The newest frame if it is fresh enough; the source forgets it. The caller overwrites it after use. */
  latest(maxAgeMs: number): Frame | undefined;
  /** Frames from now on, each once, the newest whenever one is asked for; ends with `signal` or `stop`. */
  frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined>;
}

/** How a kind of camera receives: calls `offer` for every picture until `signal` is aborted. Rejects when it fails. */
export type Receive = (offer: (picture: Buffer) => void, signal: AbortSignal) => Promise<void>;

export interface SourceOptions {
  id: string;
  clock: Clock;
  receive: Receive;
  /** Receives from `start` to `stop`, because beginning takes longer than a look lasts. Else only during a look. */
  always?: boolean;
  /** Without a frame for this long while receiving, the camera is silent and begun anew, ms. */
  silentAfterMs?: number;
  /** The same picture for this long is a stream that stands still, ms. */
  frozenAfterMs?: number;
}

const firstPauseMs = 250;
const longestPauseMs = 30_000;
/** A camera that is only asked during a look and failed then counts as away this long; after that it is worth asking again. */
const awayMs = 30_000;
/** The same bytes for this long are a picture that stands still: a sensor's noise never gives the same JPEG twice. */
const frozenAfterMs = 3000;
/**
 * For a stream of video. Between two whole pictures an encoder of H.264 or H.265 says "as before" where little changes, and
 * noise is little: of an empty lane at night the decoded frames are the same, bit for bit, from one whole picture to the next
 * (measured with x264, whole pictures 5 s apart: 3 to 5 s). Cameras send one every second to every ten or so.
 */
export const videoFrozenAfterMs = 15_000;

export class CameraSource implements FrameSource {
  readonly id: string;
  readonly #options: Required<SourceOptions>;
  #running: AbortController | undefined;
  #looks = 0;
  #frame: Frame | undefined;
  #lastAt: number | undefined;
  #lastBytes: { length: number; sum: number } | undefined;
  #changedAt = 0;
  #waiting: (() => void)[] = [];
  #problem: string | undefined;
  #problemAt = 0;
  #received = 0;

  constructor(options: SourceOptions) {
    this.id = options.id;
    this.#options = { always: false, silentAfterMs: 5000, frozenAfterMs, ...options };
  }

  get state(): CameraState {
    if (!this.#running) return this.#away ? "silent" : "idle";
    const { ageMs } = this;
    if (ageMs === undefined || ageMs > this.#options.silentAfterMs) return "silent";
    return this.#lastAt! - this.#changedAt >= this.#options.frozenAfterMs ? "frozen" : "live";
  }

  get ageMs(): number | undefined {
    return this.#lastAt === undefined ? undefined : this.#options.clock.monotonic() - this.#lastAt;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get received(): number {
    return this.#received;
  }

  get #away(): boolean {
    return this.#problem !== undefined && this.#options.clock.monotonic() - this.#problemAt < awayMs;
  }

  start(): void {
    if (this.#options.always) this.#begin();
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#forget();
    this.#wake();
  }

  latest(maxAgeMs: number): Frame | undefined {
    const frame = this.#frame;
    if (!frame || this.#options.clock.monotonic() - frame.at > maxAgeMs) return undefined;
    this.#frame = undefined;
    return frame;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    this.#forget(); // whoever stood there before the act is not looked at
    this.#looks++;
    this.#begin();
    const running = this.#running!;
    const wake = () => this.#wake();
    signal.addEventListener("abort", wake);
    try {
      while (!signal.aborted && !running.signal.aborted) {
        const frame = this.#frame;
        this.#frame = undefined;
        if (frame) yield frame;
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      signal.removeEventListener("abort", wake);
      this.#looks--;
      if (this.#looks === 0 && !this.#options.always && this.#running === running) this.stop();
    }
  }

  /** Takes a picture a receiver got; the one before it is overwritten. */
  #offer(picture: Buffer): void {
    const now = this.#options.clock.monotonic();
    const bytes = { length: picture.length, sum: sumOf(picture) };
    if (bytes.length !== this.#lastBytes?.length || bytes.sum !== this.#lastBytes.sum) this.#changedAt = now;
    this.#lastBytes = bytes;
    this.#lastAt = now;
    this.#received++;
    this.#problem = undefined;
    this.#frame?.jpeg.fill(0);
    this.#frame = undefined;
    if (this.#looks === 0 && this.#options.always)
      picture.fill(0); // nobody asked: only that it came counts
    else this.#frame = { jpeg: picture, at: now };
    this.#wake();
  }

  #begin(): void {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.#lastAt = undefined;
    void this.#keepReceiving(running.signal);
  }

  async #keepReceiving(stopped: AbortSignal): Promise<void> {
    for (let pause = firstPauseMs; !stopped.aborted; pause = Math.min(longestPauseMs, pause * 2)) {
      const since = this.#lastAt;
      const round = new AbortController();
      const watch = this.#watchAge(round);
      try {
        await this.#options.receive(
          (picture) => {
            if (stopped.aborted) picture.fill(0);
            else this.#offer(picture);
          },
          AbortSignal.any([stopped, round.signal]),
        );
      } catch (error) {
        if (!stopped.aborted) this.#failed((error as { code?: string }).code ?? "camera-unreachable");
      }
      clearInterval(watch);
      if (this.#lastAt !== since) pause = firstPauseMs; // it did work: begin again soon
      await sleep(pause, stopped);
    }
  }

  /** Ends a round that has gone quiet, so that it is begun anew. */
  #watchAge(round: AbortController): NodeJS.Timeout {
    const { clock, silentAfterMs } = this.#options;
    const began = clock.monotonic();
    const watch = setInterval(() => {
      if (clock.monotonic() - Math.max(began, this.#lastAt ?? 0) <= silentAfterMs) return;
      this.#failed("camera-unreachable");
      round.abort();
    }, 250);
    watch.unref();
    return watch;
  }

  #failed(code: string): void {
    this.#problem = code;
    this.#problemAt = this.#options.clock.monotonic();
  }

  #forget(): void {
    this.#frame?.jpeg.fill(0);
    this.#frame = undefined;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Tells two pictures apart without keeping either. */
function sumOf(picture: Buffer): number {
  let sum = 0;
  for (let i = 0; i < picture.length; i += 7) sum = (Math.imul(sum, 31) + picture[i]!) | 0;
  return sum;
}

/** Waits, or until aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
}
