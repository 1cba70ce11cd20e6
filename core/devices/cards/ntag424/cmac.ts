import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";

const blockLength = 16;
const zeroBlock = Buffer.alloc(blockLength);

const name = (key: Buffer, mode: "cbc" | "ecb"): string => {
  if (key.length !== blockLength) throw new RangeError("AES-128 keys have 16 bytes");
  return `aes-128-${mode}`;
};

/** AES-128-CBC without padding; whole blocks only. */
export function encrypt(key: Buffer, data: Uint8Array, iv: Uint8Array = zeroBlock): Buffer {
  const cipher = createCipheriv(name(key, "cbc"), key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

export function decrypt(key: Buffer, data: Uint8Array, iv: Uint8Array = zeroBlock): Buffer {
  const cipher = createDecipheriv(name(key, "cbc"), key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
}

/** One block, as the cards make their initialisation vectors. */
export function encryptBlock(key: Buffer, block: Uint8Array): Buffer {
  const cipher = createCipheriv(name(key, "ecb"), key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

/** Doubling in GF(2^128), RFC 4493 section 2.3. */
function doubled(block: Buffer): Buffer {
  const out = Buffer.alloc(blockLength);
  for (let at = 0; at < blockLength; at++) out[at] = ((block[at]! << 1) | ((block[at + 1] ?? 0) >> 7)) & 0xff;
  if ((block[0]! & 0x80) !== 0) out[blockLength - 1]! ^= 0x87;
  return out;
}

/** AES-CMAC (RFC 4493). @returns 16 bytes */
export function cmac(key: Buffer, message: Uint8Array): Buffer {
  const k1 = doubled(encryptBlock(key, zeroBlock));
  const whole = message.length > 0 && message.length % blockLength === 0;
  const padded = whole
    ? Buffer.from(message)
    : Buffer.concat([
        message,
        Buffer.from([0x80]),
        Buffer.alloc(blockLength - 1 - (message.length % blockLength)),
      ]);
  const last = padded.length - blockLength;
  const mask = whole ? k1 : doubled(k1);
  for (let at = 0; at < blockLength; at++) padded[last + at]! ^= mask[at]!;
  return encrypt(key, padded).subarray(-blockLength);
}

/** The eight bytes of a CMAC that NXP's cards send: the 2nd, 4th, … 16th. */
export const shortMac = (mac: Buffer): Buffer => Buffer.from(mac.filter((_, at) => at % 2 === 1));

/** Equal, in a time that does not say how far. */
export const same = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other);
