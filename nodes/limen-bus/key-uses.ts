import { createHash } from "node:crypto";
import { LimenError } from "../../core/errors.ts";

/** Hashes of the keys in use, by line: a key that two lines share lets one stolen reader stand in for another. */
const uses = new Map<string, ReadonlySet<string>>();

const hashOf = (key: Buffer): string => createHash("sha256").update(key).digest("hex");

/**
 * Takes note of a line's keys.
 * @returns forgets them, when the line closes
 * @throws LimenError `osdp-key-reused` for one that another line uses
 */
export function useKeys(line: string, keys: readonly Buffer[]): () => void {
  const own = new Set(keys.map(hashOf));
  for (const [other, hashes] of uses) {
    if (other !== line && [...own].some((hash) => hashes.has(hash)))
      throw new LimenError("osdp-key-reused", { field: "/keys", params: { field: "/keys" } });
  }
  uses.set(line, own);
  return () => {
    if (uses.get(line) === own) uses.delete(line);
  };
}
