/** What a door tells about itself. Levels are states that are there; `exit` is a press. */
export type DoorInput =
  | { input: "contact"; open: boolean }
  | { input: "exit" }
  /** Somebody was let in, and the lock is released for `ms`; absent: for its usual time. */
  | { input: "granted"; ms?: number }
  | { input: "fire"; alarm: boolean }
  | { input: "fire-lost" }
  | { input: "fire-reset" }
  | { input: "tamper"; alarm: boolean };

/** What happened at the door, in the words of the record. */
export interface DoorEvent {
  kind:
    | "closed"
    | "forced"
    | "held"
    | "held-warning"
    | "not-taken"
    | "exit"
    | "fire"
    | "fire-reset"
    | "tamper"
    | "relay-stuck"
    | "relay-unasked"
    | "relay-silent"
    | "relay-rests";
  detail?: string;
}

export interface DoorSettings {
  /** How long the lock is released for one opening, ms. */
  openMs: number;
  /** How long the door may stand open after that, ms. Vehicle gates need minutes. */
  heldMs: number;
  /** The pre-alarm comes this long before `held`, ms; 0: none. */
  warnMs: number;
  /** `unlock`: the exit button moves the lock. `shunt`: a handle does, and the button only says it was no break-in. */
  exit: "unlock" | "shunt";
  /** A fire input that cannot be read counts as fire: for doors people leave by. */
  lostIsFire: boolean;
}

/** Contacts bounce and messages lag: an opening this long after the lock was released still belongs to it, ms. */
const graceMs = 1000;
/** A button that bounces, or is leaned on, is one press on the record, ms. */
const pressMs = 1000;

type Alarm = "none" | "warned" | "held";

/**
 * One door watched: forced, held, not taken, left by the exit button, released by fire. Pure but for its memory: time
 * comes in with every call, and `due` says when it wants to be called again.
 *
 * Fire outranks all: it latches until a person resets it, survives what survives this object's owner (`restore`), and
 * while it lasts the door is released and nothing it does is an alarm.
 */
export class DoorWatch {
  readonly #settings: DoorSettings;
  /** Undefined until the contact has spoken: a door that was open at the start was not forced. */
  #open: boolean | undefined;
  /** The lock is released until then, monotonic ms; -Infinity: it is not. */
  #released = Number.NEGATIVE_INFINITY;
  /** Someone was let in and has not opened yet. */
  #expected = false;
  #openedAt = 0;
  #pressedAt = Number.NEGATIVE_INFINITY;
  #alarm: Alarm = "none";
  #fireInput = false;
  #fire = false;
  #tamper = false;

  constructor(settings: DoorSettings) {
    this.#settings = settings;
  }

  /** Whether fire holds this door released. */
  get fire(): boolean {
    return this.#fire;
  }

  /** Whether the fire input says fire, or has not spoken since a fire from before a restart: then no reset is heard. */
  get fireStands(): boolean {
    return this.#fireInput;
  }

  get state(): "open" | "closed" | "unknown" {
    if (this.#open === undefined) return "unknown";
    return this.#open ? "open" : "closed";
  }

  /** A latched fire from before a restart: still fire until somebody resets it. */
  restore({ fire }: { fire: boolean }): void {
    this.#fire = fire;
    this.#fireInput = fire;
  }

  /** @param at monotonic ms @returns what happened; it is to be recorded in this order */
  take(input: DoorInput, at: number): DoorEvent[] {
    const events = this.tick(at);
    switch (input.input) {
      case "contact":
        return [...events, ...this.#contact(input.open, at)];
      case "exit": {
        this.#release(at, false);
        const news = at - this.#pressedAt >= pressMs;
        this.#pressedAt = at;
        return news ? [...events, { kind: "exit", detail: this.#settings.exit }] : events;
      }
      case "granted":
        this.#release(at, true, input.ms);
        return events;
      case "fire":
        this.#fireInput = input.alarm;
        return input.alarm ? [...events, ...this.#alarmed("input")] : events;
      case "fire-lost":
        // nobody knows whether it burns: that is a fault in any case, and fire where the door must let people out
        if (!this.#settings.lostIsFire) return [...events, { kind: "tamper", detail: "fire-input-lost" }];
        this.#fireInput = true;
        return [...events, ...this.#alarmed("input-lost")];
      case "fire-reset":
        return [...events, ...this.#reset(at)];
      case "tamper": {
        const news = input.alarm && !this.#tamper;
        this.#tamper = input.alarm;
        return news ? [...events, { kind: "tamper" }] : events;
      }
    }
  }

  /** What time alone brings: held, its warning, an opening nobody used. */
  tick(at: number): DoorEvent[] {
    const events: DoorEvent[] = [];
    if (this.#expected && at >= this.#released + graceMs) {
      this.#expected = false;
      if (this.#open === false && !this.#fire) events.push({ kind: "not-taken" });
    }
    if (!this.#open || this.#fire) return events;
    const held = this.#heldAt();
    if (
      this.#alarm === "none" &&
      this.#settings.warnMs > 0 &&
      at >= held - this.#settings.warnMs &&
      at < held
    ) {
      this.#alarm = "warned";
      events.push({ kind: "held-warning" });
    }
    if (this.#alarm !== "held" && at >= held) {
      this.#alarm = "held";
      events.push({ kind: "held" });
    }
    return events;
  }

  /** When `tick` next has something to say, monotonic ms; undefined: never by itself. */
  get due(): number | undefined {
    const moments: number[] = [];
    if (this.#expected) moments.push(this.#released + graceMs);
    if (this.#open && !this.#fire) {
      const held = this.#heldAt();
      if (this.#alarm === "none" && this.#settings.warnMs > 0) moments.push(held - this.#settings.warnMs);
      if (this.#alarm !== "held") moments.push(held);
    }
    return moments.length > 0 ? Math.min(...moments) : undefined;
  }

  /** Held counts from the end of the release, for a door that stands open from it. */
  #heldAt(): number {
    return Math.max(this.#openedAt, this.#released) + this.#settings.heldMs;
  }

  #release(at: number, expected: boolean, ms = this.#settings.openMs): void {
    this.#released = Math.max(this.#released, at + ms);
    this.#expected = expected && this.#open === false;
    // somebody just walked through: the door may stand open anew
    if (this.#alarm === "warned") this.#alarm = "none";
  }

  #contact(open: boolean, at: number): DoorEvent[] {
    const before = this.#open;
    this.#open = open;
    if (before === open) return [];
    if (!open) {
      this.#alarm = "none";
      return before === undefined ? [] : [{ kind: "closed" }];
    }
    this.#openedAt = at;
    this.#expected = false;
    if (before === undefined || this.#fire || at < this.#released + graceMs) return [];
    return [{ kind: "forced" }];
  }

  #alarmed(detail: string): DoorEvent[] {
    if (this.#fire) return [];
    this.#fire = true;
    this.#expected = false;
    return [{ kind: "fire", detail }];
  }

  /** By a person, and only when the input has gone quiet. */
  #reset(at: number): DoorEvent[] {
    if (!this.#fire || this.#fireInput) return [];
    this.#fire = false;
    this.#alarm = "none";
    if (this.#open) this.#openedAt = at; // whoever stands in it gets the usual time
    return [{ kind: "fire-reset" }];
  }
}
