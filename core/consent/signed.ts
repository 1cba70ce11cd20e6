import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import canonicalize from "canonicalize";
import { LimenError } from "../errors.ts";

/** Signs what a site states about itself: receipts and certificates. */
export interface Signer {
  /** Raw Ed25519 public key, base64 (44 characters). */
  readonly publicKey: string;
  sign(bytes: Buffer): Buffer;
}

const privateHead = Buffer.from("302e020100300506032b657004220420", "hex"); // RFC 8410, PKCS #8 around 32 bytes
const publicHead = Buffer.from("302a300506032b6570032100", "hex");
const context = "limen receipt v1\n";
const field = "signature";

/** An Ed25519 signer. @param seed 32 bytes (`ring.secret("receipts")`): the same seed, the same key */
export function signerFrom(seed: Buffer): Signer {
  const key = createPrivateKey({ key: Buffer.concat([privateHead, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: spki.subarray(publicHead.length).toString("base64"),
    sign: (bytes) => sign(null, bytes, key),
  };
}

export type Signed<T> = T & { signature: { type: "Ed25519"; key: string; value: string } };

/**
 * One text for one statement: RFC 8785 canonical JSON with a `signature` over the same without it. Whoever holds the
 * text and the site's public key can check it with any Ed25519 library.
 */
export function signJson(body: Record<string, unknown>, signer: Signer): string {
  const value = signer.sign(signedBytes(body)).toString("base64");
  return canonical({ ...body, [field]: { type: "Ed25519", key: signer.publicKey, value } });
}

/**
 * Reads a signed statement.
 * @param publicKey raw Ed25519 key, base64: from the site's page or notice, not from the statement itself
 * @throws LimenError `receipt-bad` with `why`: `form` (not the canonical text of one), `key` (another site's), `signature`
 */
export function verifyJson<T = Record<string, unknown>>(text: string, publicKey: string): Signed<T> {
  const statement = read(text);
  const { [field]: signature, ...body } = statement as Signed<Record<string, unknown>>;
  if (!signature || typeof signature !== "object" || typeof signature.value !== "string") throw bad("form");
  if (signature.type !== "Ed25519" || signature.key !== publicKey) throw bad("key");
  const value = Buffer.from(signature.value, "base64");
  // base64 has spare bits, and a text with one of them flipped would decode alike
  if (value.toString("base64") !== signature.value) throw bad("form");
  if (!verify(null, signedBytes(body), keyOf(publicKey), value)) throw bad("signature");
  return statement as Signed<T>;
}

function read(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value) && canonical(value) === text) {
      return value as Record<string, unknown>;
    }
  } catch {
    // falls through: whatever cannot be read is not a receipt
  }
  throw bad("form");
}

function keyOf(publicKey: string): KeyObject {
  const raw = Buffer.from(publicKey, "base64");
  if (raw.length !== 32) throw bad("key");
  return createPublicKey({ key: Buffer.concat([publicHead, raw]), format: "der", type: "spki" });
}

const bad = (why: string): LimenError => new LimenError("receipt-bad", { params: { why } });
const signedBytes = (body: unknown): Buffer => Buffer.from(context + canonical(body));

/** RFC 8785. */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}
