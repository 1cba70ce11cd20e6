import type { DoorEvent } from "../simulator/events.ts";

/** What raises an alarm, and what ends it. */
const ends: Record<string, readonly string[]> = {
  fire: ["fire-reset"],
  "reader-silent": ["reader-back"],
  "relay-stuck": ["relay-rests"],
  "relay-unasked": ["relay-rests"],
  forced: ["closed"],
  held: ["closed"],
  "held-warning": ["closed", "held"],
  "relay-silent": ["relay-rests"],
  "camera-silent": ["camera-back"],
  "relay-failed": ["opened"],
  "help-asked": ["assisted", "opened"],
  tamper: [],
};
/** Most urgent first: fire, then people who cannot get in because a reader is dead. */
const order = Object.keys(ends);
/** Nothing ends a tamper alarm but somebody's look: it stays this long. */
const tamperMs = 24 * 3_600_000;
/** Whoever asked for help at a door has been met by then, or has gone. */
const helpMs = 15 * 60_000;

/**
 * Alarms that stand at one door, most urgent first.
 * @param events of this door, newest first
 */
export function alarmsOf(events: readonly DoorEvent[], now: number): string[] {
  const standing = new Set<string>();
  for (const { kind, at } of [...events].reverse()) {
    for (const raised of standing) if (ends[raised]!.includes(kind)) standing.delete(raised);
    const forgottenMs = { tamper: tamperMs, "help-asked": helpMs }[kind] ?? Number.POSITIVE_INFINITY;
    if (kind in ends && now - Date.parse(at) < forgottenMs) standing.add(kind);
  }
  return [...standing].sort((a, b) => order.indexOf(a) - order.indexOf(b));
}
