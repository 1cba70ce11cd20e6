import { EventEmitter } from "node:events";

/** Moves one lock without a ticket: the way out, and fire. Rejects when it did not move. */
type Release = (reason: "exit" | "fire") => Promise<void>;

const releases = new Map<string, Set<Release>>();
const opened = new EventEmitter().setMaxListeners(0);

/**
 * Offers to release a door's lock for those who leave. Only `door-watch` asks, from its own inputs: no message can.
 * @returns takes the offer back
 */
export function onRelease(door: string, release: Release): () => void {
  const offers = releases.get(door) ?? new Set();
  releases.set(door, offers);
  offers.add(release);
  return () => offers.delete(release);
}

/** Releases every lock of a door. @returns how many moved */
export async function releaseDoor(door: string, reason: "exit" | "fire"): Promise<number> {
  const results = await Promise.allSettled([...(releases.get(door) ?? [])].map((release) => release(reason)));
  return results.filter(({ status }) => status === "fulfilled").length;
}

/** How long each lock was told to open for, ms: the last time. */
const lastMs = new Map<string, number>();

/**
 * A ticket was used and the lock told: whoever watches this door knows that it may open, and for how long. It goes from
 * node to node within this process, because on a wire a longer time would say something about a person.
 */
export function tellOpened(door: string, ms: number): void {
  lastMs.set(door, ms);
  opened.emit(door, ms);
}

/** For how long a door was last opened, ms; undefined: not since the start. */
export const lastOpenedFor = (door: string): number | undefined => lastMs.get(door);

/** The relay's node is gone: what it did says nothing about the next one. */
export const forgetOpened = (door: string): void => void lastMs.delete(door);

/** @returns stops listening */
export function onOpened(door: string, hear: (ms: number) => void): () => void {
  opened.on(door, hear);
  return () => void opened.off(door, hear);
}
