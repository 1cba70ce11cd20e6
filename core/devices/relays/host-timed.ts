import type { Clock } from "../../clock.ts";
import { LimenError } from "../../errors.ts";
import { Openings } from "./openings.ts";
import { longestPulseMs } from "./pulse.ts";

/** A line that is open now. `write` resolves when the bytes are out and rejects when the line is gone. */
export interface RelayLine {
  write(bytes: Uint8Array): Promise<void>;
}

/** Waiting, passed in so that a test can move time. */
export interface Timers {
  /** Runs `act` once after `ms`; the answer cancels it. */
  after(ms: number, act: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

export interface HostTimedOptions {
  /** The bytes for one relay of the board. */
  encode(channel: number, on: boolean): Uint8Array;
  channels: readonly number[];
  /** Relays that fire holds released, from before this process: they are told ON where all others are told OFF. */
  held?: readonly number[];
  clock: Clock;
  timers: Timers;
  /** Bytes not out after this have not switched anything on in time: the pulse is called off, ms. */
  patienceMs?: number;
  /** While idle, OFF is said again this often: a byte lost on the line then costs seconds, not a night, ms. */
  refreshMs?: number;
  /** An OFF the line refused is said again after this, ms. */
  retryMs?: number;
}

/**
 * Drives a relay board that times nothing itself. Whatever happens, OFF is what it says: when the line comes up (the
 * board may have been left on by whoever was here before), when a pulse is over, after any write that failed, at close,
 * and again and again while idle. An ON is never queued for a line that is away.
 *
 * A relay that fire holds (`hold`) is the one exception: until `free` it is told ON wherever it would be told OFF, and a
 * close leaves it as it is.
 */
export class HostTimedRelays {
  readonly #options: Required<HostTimedOptions>;
  #line: RelayLine | undefined;
  /** Running pulses, by channel. */
  readonly #openings = new Map<number, Openings>();
  readonly #held: Set<number>;
  #cancel: () => void = () => undefined;
  /** When every idle relay is told OFF again, monotonic ms; no pulse elsewhere puts it off. */
  #refreshAt = 0;
  #writes: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: HostTimedOptions) {
    this.#options = { held: [], patienceMs: 1000, refreshMs: 10_000, retryMs: 250, ...options };
    this.#held = new Set(this.#options.held);
  }

  get up(): boolean {
    return this.#line !== undefined && !this.#closed;
  }

  /** The line has opened. Resolves when every relay was told OFF, those that fire holds ON. */
  async lineUp(line: RelayLine): Promise<void> {
    this.#line = line;
    this.#refreshAt = this.#options.clock.monotonic() + this.#options.refreshMs;
    this.#writes = Promise.resolve(); // what was queued for the old line is not for this one
    const { channels } = this.#options;
    await Promise.all(
      channels.map((channel) => (this.#held.has(channel) ? this.#write(channel, true) : this.off(channel))),
    );
  }

  /** The line is gone. Running pulses are over; the next `lineUp` says OFF. */
  lineDown(): void {
    this.#line = undefined;
    this.#openings.clear();
    this.#cancel();
  }

  /**
   * Switches a relay on for `ms` (at most 60 s) and resolves once the bytes are out; OFF follows by itself. A second
   * pulse while one runs ends at the later of the two ends.
   * @throws LimenError `relay-failed` when there is no line or it did not take the bytes in time; OFF is sent anyway,
   *   unless another pulse still runs
   */
  async pulse(channel: number, ms: number): Promise<void> {
    const { clock, channels } = this.#options;
    const line = this.#line;
    if (!line || this.#closed || !channels.includes(channel) || !(ms > 0)) throw failed();
    const asked = clock.monotonic();
    const openings = this.#openings.get(channel) ?? new Openings();
    this.#openings.set(channel, openings);
    const opening = openings.begin(asked + Math.min(ms, longestPulseMs));
    this.#schedule();
    // the check runs when the write's turn has come: behind a stalled line an old ON must not go out at all
    const wanted = () =>
      this.#line === line &&
      !this.#closed &&
      this.#openings.get(channel)?.has(opening) === true &&
      clock.monotonic() - asked < this.#options.patienceMs;
    const written = await this.#write(channel, true, wanted);
    if (written && this.#line === line && clock.monotonic() - asked < this.#options.patienceMs) return;
    openings.end(opening);
    if (this.#openings.get(channel)?.until(clock.monotonic()) === undefined) await this.off(channel);
    else this.#schedule();
    throw failed();
  }

  /** Ends a pulse at once. Resolves when OFF is out, or cannot be. A relay that fire holds stays as it is. */
  async off(channel: number): Promise<void> {
    this.#openings.delete(channel);
    this.#schedule();
    if (!this.#held.has(channel)) await this.#write(channel, false);
  }

  /**
   * Fire: released until `free`, through every loss of the line and also when this process ends.
   * @throws LimenError `relay-failed` when the line did not take it now; it is told as soon as it can be
   */
  async hold(channel: number): Promise<void> {
    if (!this.#options.channels.includes(channel)) throw failed();
    this.#held.add(channel);
    if (this.#closed || !(await this.#write(channel, true))) throw failed();
  }

  /** Somebody reset the fire. Resolves when OFF is out, or cannot be; a pulse that runs goes on. */
  async free(channel: number): Promise<void> {
    if (!this.#held.delete(channel)) return;
    if (this.#openings.get(channel)?.until(this.#options.clock.monotonic()) === undefined)
      await this.off(channel);
  }

  async allOff(): Promise<void> {
    await Promise.all(this.#options.channels.map((channel) => this.off(channel)));
  }

  /** Says OFF one last time (not into a fire) and takes no more pulses. Waits no longer than the line's patience. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.allOff();
    this.#cancel();
  }

  /** One write after the other; answers whether the bytes went out. */
  #write(channel: number, on: boolean, wanted: () => boolean = () => true): Promise<boolean> {
    const { encode } = this.#options;
    const line = this.#line;
    if (!line) return Promise.resolve(false);
    const turn = this.#writes.then(async () => {
      if (this.#line !== line || !wanted()) return false;
      try {
        await this.#patiently(line.write(encode(channel, on)));
        return true;
      } catch {
        // the caller of an ON says so; an OFF is said again soon, and by the next line
        if (!on || this.#held.has(channel)) this.#owe();
        return false;
      }
    });
    this.#writes = turn.then(() => undefined);
    return turn;
  }

  #patiently(write: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.#options.timers.after(this.#options.patienceMs, () => reject(failed()));
      write.then(resolve, reject).finally(cancel);
    });
  }

  #owe(): void {
    const { clock, retryMs } = this.#options;
    this.#refreshAt = Math.min(this.#refreshAt, clock.monotonic() + retryMs);
    this.#schedule();
  }

  /** One timer for whatever is next: the end of a pulse, an OFF to repeat, or the idle OFF. */
  #schedule(): void {
    this.#cancel();
    if (!this.#line || this.#closed) return;
    const now = this.#options.clock.monotonic();
    const ends = [...this.#openings.values()].flatMap((openings) => openings.last ?? []);
    const next = Math.min(this.#refreshAt, ...ends);
    this.#cancel = this.#options.timers.after(Math.max(0, next - now), () => this.#due());
  }

  #due(): void {
    const now = this.#options.clock.monotonic();
    const refresh = now >= this.#refreshAt;
    if (refresh) this.#refreshAt = now + this.#options.refreshMs;
    for (const channel of this.#options.channels) {
      const openings = this.#openings.get(channel);
      if (openings ? openings.until(now) !== undefined : !refresh) continue;
      this.#openings.delete(channel);
      const held = this.#held.has(channel);
      if (!held || refresh) void this.#write(channel, held);
    }
    this.#schedule();
  }
}

const failed = (): LimenError => new LimenError("relay-failed", { status: 502 });
