import { createHash, randomBytes } from "node:crypto";

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford base 32

/** Crockford base 32 of bytes, lower case, without padding. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + alphabet[(held << (5 - bits)) & 31] : text;
}

/** 256 random bits with a prefix that says what it opens: `ls_` a session, `lt_` a bearer token, `li_` an invitation. */
export const newToken = (prefix: "ls" | "lt" | "li"): string => `${prefix}_${base32(randomBytes(32))}`;

/** What is stored of a token. 256 random bits need no salt and no slow hash. */
export const tokenHash = (token: string): Buffer => createHash("sha256").update(token).digest();

/** A password to read aloud and type once: five groups of four, 100 random bits. */
export function readablePassword(): string {
  const text = base32(randomBytes(13)).slice(0, 20);
  return text.match(/.{4}/g)!.join("-");
}
