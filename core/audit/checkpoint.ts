import type { Hash } from "./merkle.ts";
import { fromBase64, type OpenedNote, type Verifier, verifyNote } from "./note.ts";

/** A tree head (C2SP tlog-checkpoint). */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Hash;
}

/** The note text: three lines, each ending in a newline. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString("base64")}\n`;

/** @returns undefined for anything but a well-formed checkpoint text. Extension lines are allowed and ignored. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.pop() !== "" || lines.includes("")) return undefined;
  const [origin, size, hash] = lines;
  if (!/^(0|[1-9]\d{0,15})$/.test(size!) || !Number.isSafeInteger(Number(size))) return undefined;
  const root = fromBase64(hash!);
  return root?.length === 32 ? { origin: origin!, size: Number(size), root } : undefined;
}

/** A checkpoint signed by the log of its own origin, and whoever else of `verifiers` signed it. */
export interface OpenedCheckpoint extends Checkpoint, OpenedNote {}

/** Opens a signed checkpoint: by a log's key, whose name is the origin. Never throws. */
export function openCheckpoint(note: string, verifiers: readonly Verifier[]): OpenedCheckpoint | undefined {
  const opened = verifyNote(note, verifiers);
  const checkpoint = opened && parseCheckpoint(opened.text);
  if (!checkpoint || !opened.signedBy.some(({ verifier }) => verifier.name === checkpoint.origin)) {
    return undefined;
  }
  return { ...checkpoint, ...opened };
}
