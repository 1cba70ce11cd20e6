import { createCipheriv, createDecipheriv } from "node:crypto";

const initial = Buffer.alloc(8, 0xa6); // RFC 3394 section 2.2.3.1

/** AES-256 key wrap (RFC 3394). @returns 40 bytes for a 32-byte key */
export function wrapKey(kek: Buffer, key: Buffer): Buffer {
  const cipher = createCipheriv("id-aes256-wrap", kek, initial);
  return Buffer.concat([cipher.update(key), cipher.final()]);
}

/** @returns the 32-byte key, or undefined when it was wrapped under another key or damaged */
export function unwrapKey(kek: Buffer, wrapped: Buffer): Buffer | undefined {
  try {
    const decipher = createDecipheriv("id-aes256-wrap", kek, initial);
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  } catch {
    return undefined; // RFC 3394's own integrity check
  }
}
