import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";

const pkcs8Head = Buffer.from("302e020100300506032b657004220420", "hex"); // RFC 8410 section 7
const spkiHead = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410 section 4

export interface SigningKey {
  /** 32 bytes, RFC 8032. */
  publicKey: Buffer;
  sign(message: Buffer): Buffer;
}

/** @param seed 32 random bytes: the whole private key */
export function signingKey(seed: Buffer): SigningKey {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return { publicKey: spki.subarray(spkiHead.length), sign: (message) => sign(null, message, key) };
}

/** Does the signature hold? False, never a throw, for anything that is no key or no signature. */
export function verifyEd25519(publicKey: Buffer, message: Buffer, signature: Buffer): boolean {
  try {
    const key = createPublicKey({ key: Buffer.concat([spkiHead, publicKey]), format: "der", type: "spki" });
    return signature.length === 64 && verify(null, message, key, signature);
  } catch {
    return false;
  }
}
