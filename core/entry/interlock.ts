import type { Clock } from "../clock.ts";
import { ticketMs } from "./tickets.ts";

/** A leaf moves, and its contact reports, up to this long after the lock was released, ms. */
const graceMs = 1000;
/** Longest that a release alone counts for a door whose contact is known by its events only and has not said that it shut, ms. */
const longestMs = 5 * 60_000;
/** A new flow tells the level of its contacts at once; what was open before counts until then, at most so long, ms. */
const anewMs = 10_000;

interface Leaf {
  /** The contact says that it stands open. */
  open: boolean;
  /** Something was heard of the contact since the start: only then can a release wait for its word. */
  contact: boolean;
  /** The contact tells its level whenever it changes, so that nothing about it has to be guessed. */
  level: boolean;
  /** A lock that is, or may be, released until then: monotonic ms. */
  until: number;
  fire: boolean;
}

/**
 * Which doors may be standing open, for interlocks (two doors of a lock, of which one is open at a time). It knows what
 * it is told: the level of each contact, and openings, exits and events where a door has none. A door that nothing was heard
 * of since the start counts as shut, or two doors would wait for each other for ever; one under fire holds nobody up.
 */
export class Leaves {
  readonly #leaves = new Map<string, Leaf>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Somebody is about to get a ticket for this door: until it has died, no other door of the interlock gives one. */
  promised(door: string): void {
    this.#extend(this.#leaf(door), ticketMs);
  }

  /** What a door's contact says, on every change and after every start. */
  stands(door: string, open: boolean): void {
    const leaf = this.#leaf(door);
    // only a leaf that was open has shut: one that is told of again may be about to open
    if (leaf.open && !open) leaf.until = Number.NEGATIVE_INFINITY;
    leaf.contact = leaf.level = true;
    leaf.open = open;
  }

  /** Another flow runs: its contacts tell anew, and one that is gone must not hold a door for ever. */
  anew(): void {
    for (const leaf of this.#leaves.values()) {
      if (leaf.open) this.#extend(leaf, anewMs);
      leaf.open = leaf.contact = leaf.level = false;
    }
  }

  /**
   * What a door did.
   * @param kind as the record names it; others than those of a leaf change nothing
   * @param openSeconds the door's opening time
   */
  heard(door: string, kind: string, openSeconds: number): void {
    const leaf = this.#leaf(door);
    const openMs = openSeconds * 1000 + graceMs;
    switch (kind) {
      case "opened":
        this.#extend(leaf, leaf.contact && !leaf.level ? longestMs : openMs);
        return;
      case "exit":
        this.#extend(leaf, openMs);
        return;
      case "forced":
      case "held":
      case "held-warning":
        leaf.contact = leaf.open = true;
        return;
      case "closed":
      case "not-taken":
        leaf.contact = true;
        leaf.open = false;
        leaf.until = Number.NEGATIVE_INFINITY;
        return;
      case "fire":
      case "fire-reset":
        leaf.fire = kind === "fire";
    }
  }

  /**
   * The doors among these that keep this one shut now: none while fire is latched here, nor one under fire itself.
   * @param others ids; the door's own is left out, so that the doors of a lock can share one list
   */
  holding(door: string, others: readonly string[]): string[] {
    if (this.#leaves.get(door)?.fire) return [];
    return others.filter((other) => other !== door && this.#mayBeOpen(other));
  }

  #mayBeOpen(door: string): boolean {
    const leaf = this.#leaves.get(door);
    return leaf !== undefined && !leaf.fire && (leaf.open || this.#clock.monotonic() < leaf.until);
  }

  #extend(leaf: Leaf, ms: number): void {
    leaf.until = Math.max(leaf.until, this.#clock.monotonic() + ms);
  }

  #leaf(door: string): Leaf {
    const known = this.#leaves.get(door);
    if (known) return known;
    const leaf: Leaf = {
      open: false,
      contact: false,
      level: false,
      until: Number.NEGATIVE_INFINITY,
      fire: false,
    };
    this.#leaves.set(door, leaf);
    return leaf;
  }
}
