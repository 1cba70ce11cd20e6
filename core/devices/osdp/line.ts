import type { Clock } from "../../clock.ts";
import type { Timers } from "../relays/host-timed.ts";
import type { Device } from "./device.ts";
import { longestFrame } from "./frame.ts";
import { FrameParser } from "./parser.ts";
import type { Timing } from "./timing.ts";

/** A half-duplex line (8N1). It may go and come back at any time: a write that fails is a device that does not answer. */
export interface OsdpPort {
  /** Resolves when the bytes have left. */
  write(bytes: Uint8Array): Promise<void>;
  /** Calls back with what comes in, at any split. @returns stops that */
  onData(listener: (bytes: Uint8Array) => void): () => void;
}

export interface LineOptions {
  port: OsdpPort;
  /** Bits a second: how long bytes take is added to how long a device may. */
  baud: number;
  clock: Clock;
  timers: Timers;
  timing: Timing;
  devices: readonly Device[];
}

/** The turns of all devices on one line: one exchange at a time, and silence between them. */
export class Line {
  readonly #options: LineOptions;
  readonly #parser = new FrameParser({ wants: "replies" });
  #stopListening: (() => void) | undefined;
  #cancel: () => void = () => undefined;
  /** Whom the line is waiting for. */
  #turn: Device | undefined;
  /** When the wait for its answer ends, whatever trickles in, monotonic ms. */
  #last = 0;
  #resting = false;
  /** Bytes that have not left yet, and when they were given to the port. */
  #writing: { since: number } | undefined;
  #lastDoubtful = false;
  /** Turns in a row that nobody answered, and when anybody last did (at the start: when it began). */
  #silences = 0;
  #heardAt = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  get running(): boolean {
    return this.#stopListening !== undefined;
  }

  start(): void {
    if (this.running) return;
    this.#stopListening = this.#options.port.onData((bytes) => this.#data(bytes));
    this.#heardAt = this.#now();
    this.#next();
  }

  stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#cancel();
    this.#turn = undefined;
    this.#resting = false;
  }

  /** A device has something to say before its next poll. */
  wake(): void {
    if (this.running && !this.#turn && !this.#resting) this.#next();
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  /** How long bytes are on the line: ten bits each, start and stop included. */
  #onLine(bytes: number): number {
    return (bytes * 10_000) / this.#options.baud;
  }

  #after(ms: number, act: () => void): void {
    this.#cancel();
    this.#cancel = this.#options.timers.after(Math.max(0, Math.ceil(ms)), act);
  }

  #next(): void {
    this.#resting = false;
    const now = this.#now();
    const device = this.#pick(now);
    if (device) this.#exchange(device, now);
    else {
      const due = Math.min(...this.#options.devices.map(({ dueAt }) => dueAt));
      if (Number.isFinite(due)) this.#after(due - now, () => this.#next());
    }
  }

  /** Who has waited longest; but a device that may not answer never keeps one that does waiting twice. */
  #pick(now: number): Device | undefined {
    const due = this.#options.devices.filter(({ dueAt }) => dueAt <= now);
    const sure = this.#lastDoubtful ? due.filter(({ doubtful }) => !doubtful) : [];
    const among = sure.length > 0 ? sure : due;
    return among.sort((one, other) => one.turnAt - other.turnAt)[0];
  }

  #exchange(device: Device, now: number): void {
    const { timing, port } = this.#options;
    this.#lastDoubtful = device.doubtful;
    const bytes = device.next(now);
    this.#parser.clear();
    this.#turn = device;
    const patience = timing.reply + 2 * this.#onLine(bytes.length);
    this.#last = now + patience + this.#onLine(longestFrame);
    this.#after(patience, () => this.#quiet());
    // a line that takes nothing: what is queued behind it would come out later. But a port that was pulled out in the
    // middle of a write may never say how that went
    if (this.#writing && now - this.#writing.since < 3 * timing.reply) return;
    const writing = { since: now };
    this.#writing = writing;
    const written = (): void => {
      if (this.#writing === writing) this.#writing = undefined;
    };
    port.write(bytes).then(written, written);
  }

  #data(bytes: Uint8Array): void {
    const device = this.#turn;
    if (!device) return; // nobody was asked
    const now = this.#now();
    if (this.#parser.push(bytes).some((frame) => device.heard(frame, now))) {
      this.#done(device);
      return;
    }
    if (this.#parser.held === 0) return;
    // an answer that has begun may take its time on the line, but not for ever
    const rest = this.#onLine(longestFrame) + this.#options.timing.retry;
    if (now < this.#last) this.#after(Math.min(rest, this.#last - now), () => this.#quiet());
  }

  #quiet(): void {
    const device = this.#turn;
    if (!device) return;
    const now = this.#now();
    // noise may have looked like the start of a frame and swallowed the real one
    if (!this.#parser.flush().some((frame) => device.heard(frame, now))) device.silent(now);
    this.#done(device);
  }

  #done(device: Device): void {
    const now = this.#now();
    this.#cancel();
    this.#turn = undefined;
    if (!this.running) return;
    this.#silences = device.heardAt > this.#heardAt ? 0 : this.#silences + 1;
    this.#heardAt = Math.max(this.#heardAt, device.heardAt);
    if (this.#silences >= 2 && now - this.#heardAt >= this.#options.timing.lost)
      for (const one of this.#options.devices) one.lineDead();
    this.#resting = true;
    this.#after(this.#onLine(2), () => this.#next()); // v2.2, 5.6: two characters of silence before anyone speaks
  }
}
