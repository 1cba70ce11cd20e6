import { type Dot, dotOver, pageBytes } from "./kernel.ts";

/** Each worker's place for a probe, below the rows; 512 numbers at most. */
const slotBytes = 2048;
export const mostSlots = pageBytes / slotBytes;
export const mostDimensions = slotBytes / 4;
export const rowsStart = pageBytes;

/** Rows take a multiple of 64 bytes; the rest is zero. */
export const rowBytes = (dimensions: number): number => Math.ceil(dimensions / 16) * 64;

/** The rows one look may be compared with, and which person each belongs to (any numbering of one's own). */
export interface Candidates {
  rows: Uint32Array;
  people: Uint32Array;
}

export interface Nearest {
  row: number;
  person: number;
  score: number;
  /** Best score of anyone else; absent when there is nobody else. */
  runnerUp?: number;
}

/**
 * Compares one probe with the candidate rows and nothing else: what is not in the list is not read.
 * @returns undefined when the list is empty
 */
export function searcher(memory: WebAssembly.Memory, slot: number, dimensions: number) {
  const dot: Dot = dotOver(memory);
  const bytes = rowBytes(dimensions);
  const at = slot * slotBytes;
  const place = new Float32Array(memory.buffer, at, bytes / 4);
  return (probe: Float32Array, { rows, people }: Candidates): Nearest | undefined => {
    place.fill(0);
    place.set(probe);
    let best = -2;
    let bestRow = -1;
    let bestPerson = -1;
    let second = -2;
    for (let i = 0; i < rows.length; i++) {
      const score = dot(at, rowsStart + rows[i]! * bytes, bytes);
      if (score > best) {
        if (people[i] !== bestPerson) second = best;
        best = score;
        bestRow = rows[i]!;
        bestPerson = people[i]!;
      } else if (score > second && people[i] !== bestPerson) second = score;
    }
    place.fill(0);
    if (bestRow < 0) return undefined;
    const nearest = { row: bestRow, person: bestPerson, score: best };
    return second > -2 ? { ...nearest, runnerUp: second } : nearest;
  };
}

/** Overwrites a slot whose worker is gone. */
export function clearSlot(memory: WebAssembly.Memory, slot: number): void {
  new Uint8Array(memory.buffer, slot * slotBytes, slotBytes).fill(0);
}
