import type { DoorEvent } from "./supervise.ts";

/** Devices round their time up to whole seconds, and reports lag, ms. */
const graceMs = 2000;
/** A device that moved its relay has said so by then, ms. */
const answerMs = 3000;
/**
 * A device that counts in whole seconds, or hears late, may be told again before it went off and then says nothing of it.
 * One that let so many ends in a row go unsaid does not say anything any more, or does not go off.
 */
const mostUnsaid = 3;

/**
 * A lock's relay, as its own device reports it. Pure but for its memory, like `DoorWatch`: it compares what the lock was
 * told with what it says, and so also sees whoever opens the door from the device's own app or button.
 */
export class RelayWatch {
  /** Undefined until it has reported. */
  #on: boolean | undefined;
  /** It may be on until then, monotonic ms. */
  #until = Number.NEGATIVE_INFINITY;
  /** It must have said that it is off by then, and the grace: crowds at a door put that off only so often. */
  #offBy = Number.NEGATIVE_INFINITY;
  /** Ends of its time that it has not said anything of since it last spoke. */
  #unsaid = 0;
  /** It must have answered by then; undefined: nothing is expected. */
  #answerBy: number | undefined;
  #alarm: "none" | "stuck" | "unasked" | "silent" = "none";

  /** The lock was told to open for `ms`. */
  told(at: number, ms: number): void {
    if (this.#on && at > this.#until) this.#unsaid++;
    this.#until = Math.max(this.#until, at + ms);
    if (this.#unsaid < mostUnsaid) this.#offBy = this.#until;
    if (this.#on !== true) this.#answerBy ??= at + answerMs;
  }

  /** @param on what the device says now @param at monotonic ms @returns what is to be recorded */
  take(on: boolean, at: number): DoorEvent[] {
    const events = this.tick(at);
    const before = this.#on;
    this.#on = on;
    this.#unsaid = 0;
    this.#offBy = this.#until;
    if (on) {
      this.#answerBy = undefined;
      if (before !== true && at > this.#until + graceMs) {
        this.#alarm = "unasked";
        return [...events, { kind: "relay-unasked" }];
      }
    }
    const over = this.#alarm === "silent" ? on : this.#alarm !== "none" && !on;
    if (!over) return events;
    this.#alarm = "none";
    return [...events, { kind: "relay-rests" }];
  }

  /** What time alone brings: a relay that stays on past its time, one that never said that it moved. */
  tick(at: number): DoorEvent[] {
    if (this.#answerBy !== undefined && at >= this.#answerBy) {
      this.#answerBy = undefined;
      if (this.#alarm === "silent") return [];
      this.#alarm = "silent";
      return [{ kind: "relay-silent" }];
    }
    if (this.#on && this.#alarm === "none" && at >= this.#offBy + graceMs) {
      this.#alarm = "stuck";
      return [{ kind: "relay-stuck" }];
    }
    return [];
  }

  /** When `tick` next has something to say, monotonic ms; undefined: never by itself. */
  get due(): number | undefined {
    const moments: number[] = [];
    if (this.#answerBy !== undefined) moments.push(this.#answerBy);
    if (this.#on && this.#alarm === "none") moments.push(this.#offBy + graceMs);
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  /** What is wrong with it. */
  get fault(): "none" | "stuck" | "unasked" | "silent" {
    return this.#alarm;
  }
}
