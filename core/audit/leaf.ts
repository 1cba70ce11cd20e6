import type { Hash } from "./merkle.ts";
import { type LeafClass, leafClasses } from "./types.ts";

export const leafBytes = 36;
const version = 1;
const dayMs = 86_400_000;
const firstDay = Date.UTC(2020, 0, 1) / dayMs;

const classNames = new Map<number, LeafClass>(
  Object.entries(leafClasses).map(([name, number]) => [number, name as LeafClass]),
);
export const className = (number: number): LeafClass | undefined => classNames.get(number);

/** What the tree holds of an entry: nothing about anybody. */
export interface Leaf {
  class: LeafClass;
  /** Days since 2020-01-01, UTC. */
  day: number;
  commitment: Hash;
}

/**
 * The day a leaf says, UTC. A clock that was never set (before 2020) counts as the first day: a door must go on deciding,
 * and the entry's own time is committed to as it was.
 */
export const dayNumber = (at: Date): number =>
  Math.min(0xffff, Math.max(0, Math.floor(at.getTime() / dayMs) - firstDay));

/** `2026-11-23` for a leaf's day, and back. */
export const dayName = (day: number): string => new Date((firstDay + day) * dayMs).toISOString().slice(0, 10);
export const dayFromName = (name: string): number => dayNumber(new Date(`${name}T00:00:00Z`));

/** `u8 version · u8 class · u16 day · commitment[32]`, big-endian. */
export function encodeLeaf({ class: name, day, commitment }: Leaf): Buffer {
  const head = Buffer.of(version, leafClasses[name], day >> 8, day & 0xff);
  return Buffer.concat([head, commitment]);
}

/** @returns undefined for bytes that are no leaf of this version */
export function decodeLeaf(bytes: Buffer): Leaf | undefined {
  const name = className(bytes[1] ?? 0);
  if (bytes.length !== leafBytes || bytes[0] !== version || !name) return undefined;
  return { class: name, day: bytes.readUInt16BE(2), commitment: Buffer.from(bytes.subarray(4)) };
}
