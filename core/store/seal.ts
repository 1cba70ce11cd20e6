import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { LimenError } from "../errors.ts";
import type { SealContext } from "./types.ts";

const ivBytes = 12;
const tagBytes = 16;

/** One spelling for one context: a JSON list in this order, so that no two contexts can run together. */
const boundTo = ({ kind, version, site, subject, model }: SealContext): Buffer =>
  Buffer.from(JSON.stringify(["limen-seal-v1", kind, version, site, subject, model ?? null]));

/**
 * AES-256-GCM with a random IV; one key must seal fewer than 2^32 records (NIST SP 800-38D 8.3).
 * @param key 32 bytes
 * @returns `iv[12] · ciphertext · tag[16]`
 */
export function seal(key: Buffer, context: SealContext, plain: Buffer): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: tagBytes });
  cipher.setAAD(boundTo(context));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** @throws LimenError `seal-broken` when the record was altered, moved to another row, or sealed under another key */
export function open(key: Buffer, context: SealContext, sealed: Buffer): Buffer {
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, ivBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(boundTo(context));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(ivBytes, -tagBytes)), decipher.final()]);
  } catch (cause) {
    throw new LimenError("seal-broken", { status: 503, cause });
  }
}
