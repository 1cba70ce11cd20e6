import type { Bus } from "../limen-bus/bus.ts";

/** A relay that ended its pulse has done so by then, ms. */
const graceMs = 1000;

/**
 * Asks a board, where it can be asked, whether its relay went off again: after each pulse, and whenever its line comes.
 * One that is still on is told OFF, but never while fire holds its door released.
 */
export class ReadBack {
  readonly #bus: Bus;
  readonly #unit: number;
  readonly #channel: number;
  readonly #tell: (kind: "relay-stuck" | "relay-rests", settles?: true) => void;
  readonly #burning: () => boolean;
  readonly #stop: () => void;
  #due: NodeJS.Timeout | undefined;
  #released = Number.NEGATIVE_INFINITY;
  /** Found on when it should be off. */
  #on = false;
  #met = false;
  #closed = false;

  /**
   * @param tell called when a relay was found on that should be off, and when it is off again; `settles`: it is off when
   *   it is first asked, and whatever was said before this start is over
   * @param burning whether fire holds the door released now; call `look` when it is over
   */
  constructor(
    bus: Bus,
    unit: number,
    channel: number,
    tell: (kind: "relay-stuck" | "relay-rests", settles?: true) => void,
    burning: () => boolean = () => false,
  ) {
    this.#burning = burning;
    this.#bus = bus;
    this.#unit = unit;
    this.#channel = channel;
    this.#tell = tell;
    this.#stop = bus.onState((up) => void (up && this.look()));
    if (bus.up) this.look();
  }

  /** The relay was told to be on for `ms`. */
  pulsed(ms: number): void {
    this.#released = Math.max(this.#released, performance.now() + ms + graceMs);
    this.#lookAt(this.#released);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#due);
    this.#stop();
  }

  #lookAt(moment: number): void {
    clearTimeout(this.#due);
    this.#due = setTimeout(() => this.look(), Math.max(0, moment - performance.now()));
  }

  /** Asks now, or when the lock's time is over. */
  look(): void {
    if (this.#burning()) return;
    if (performance.now() < this.#released) this.#lookAt(this.#released);
    else void this.#ask();
  }

  async #ask(): Promise<void> {
    const on = await this.#bus.isOn?.(this.#unit, this.#channel).catch(() => undefined);
    // one that was told again meanwhile may be on
    if (this.#closed || this.#burning() || performance.now() < this.#released) return;
    if (on !== undefined && on !== this.#on) {
      this.#on = on; // who does not answer has said nothing
      this.#tell(on ? "relay-stuck" : "relay-rests");
    } else if (on === false && !this.#met) this.#tell("relay-rests", true);
    this.#met ||= on !== undefined;
    if (!this.#on) return;
    await this.#bus.off(this.#unit, this.#channel);
    this.#lookAt(performance.now() + graceMs);
  }
}
