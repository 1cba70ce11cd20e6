import { randomBytes } from "node:crypto";
import { LimenError } from "../../errors.ts";
import { sameBytes } from "./secure-channel.ts";

/** SCBK-D, printed in the standard and known to everyone: good for a pairing somebody watches, for nothing else. */
export const publicKey: Buffer = Buffer.from("303132333435363738393a3b3c3d3e3f", "hex");

const keyLength = 16;
export type Random = (length: number) => Buffer;

/** Every byte the same distance from the one before: 00 00 00 …, 01 02 03 …, 00 11 22 … */
const isRun = (key: Buffer): boolean => {
  const step = (key[1]! - key[0]!) & 0xff;
  return key.every((byte, at) => at === 0 || ((byte - key[at - 1]!) & 0xff) === step);
};

/** A short piece said over and over. */
const repeats = (key: Buffer): boolean =>
  [2, 4, 8].some((piece) => key.every((byte, at) => byte === key[at % piece]));

/**
 * Refuses a key that somebody could guess, or that opens another device too.
 * @param others keys already in use, on this line or any other
 * @throws LimenError `osdp-key-length`, `osdp-key-public`, `osdp-key-weak`, `osdp-key-reused`; none tells the key
 */
export function checkKey(key: Buffer, others: readonly Buffer[] = []): void {
  const refuse = (code: string): LimenError =>
    new LimenError(code, { field: "/key", params: { field: "/key" } });
  if (key.length !== keyLength) throw refuse("osdp-key-length");
  if (sameBytes(key, publicKey)) throw refuse("osdp-key-public");
  if (isRun(key) || repeats(key)) throw refuse("osdp-key-weak");
  if (others.some((other) => sameBytes(key, other))) throw refuse("osdp-key-reused");
}

/** A fresh key of one device: 16 random bytes, never derived from a master key (one stolen reader would give them all). */
export function newKey(others: readonly Buffer[] = [], random: Random = randomBytes): Buffer {
  const key = random(keyLength);
  checkKey(key, others);
  return key;
}
