import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

/** Base64 of a 12-byte IV, the tag, and the text. */
export interface Sealed {
  sealed: string;
}

const method = "aes-256-gcm";
const keyFor = (secret: string, name: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, name, "limen osdp reader keys", 32));

/** AES-256-GCM under a key of its own, derived from the secret and the name of what is kept. */
export function sealText(secret: string, name: string, text: string): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv(method, keyFor(secret, name), iv);
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return { sealed: Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64") };
}

/** @returns undefined when it was sealed under another secret or for another name, or was changed */
export function openText(secret: string, name: string, { sealed }: Sealed): string | undefined {
  const bytes = Buffer.from(sealed, "base64");
  if (bytes.length < 28) return undefined;
  const decipher = createDecipheriv(method, keyFor(secret, name), bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString("utf8");
  } catch {
    return undefined;
  }
}
