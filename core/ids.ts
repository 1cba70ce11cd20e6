import { randomBytes } from "node:crypto";
import { decodeTime, ulid } from "ulid";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base 32: nothing that is misread aloud

/** An attempt's or event's id: sortable by time, 26 characters (ULID). */
export const timeId = (): string => ulid();

/** When a `timeId` was made: ms since 1970. */
export const timeOf = (id: string): number => decodeTime(id);

/**
 * An opaque id that says nothing about its owner: `person_`, `cred_`, … and 80 random bits in 16 characters.
 * @param kind the prefix, without underscore.
 */
export function opaqueId(kind: string): string {
  const bytes = randomBytes(16);
  return `${kind}_${Array.from(bytes, (byte) => alphabet[byte & 31]).join("")}`;
}
