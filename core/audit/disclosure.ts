import { hash, randomBytes } from "node:crypto";
import { type Hash, sha256 } from "./merkle.ts";
import type { FieldValue } from "./types.ts";

/**
 * Salted disclosures as in SD-JWT (RFC 9901 section 4.2): `base64url(JSON [salt, name, value])`. Without the salt a
 * digest says nothing, also about values one could guess; so the salt dies with the field.
 */
export const makeDisclosure = (name: string, value: FieldValue, random = randomBytes): string =>
  Buffer.from(JSON.stringify([random(16).toString("base64url"), name, value])).toString("base64url");

/** base64url of the SHA-256 over the disclosure's own characters. */
export const disclosureDigest = (disclosure: string): string => hash("sha256", disclosure, "base64url");

/** @returns undefined for anything that is no disclosure */
export function readDisclosure(disclosure: string): { name: string; value: FieldValue } | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(disclosure, "base64url").toString());
    if (!Array.isArray(parts) || parts.length !== 3) return undefined;
    const [salt, name, value] = parts as unknown[];
    const plain = value === null || ["string", "number", "boolean"].includes(typeof value);
    return typeof salt === "string" && typeof name === "string" && plain
      ? { name, value: value as FieldValue }
      : undefined;
  } catch {
    return undefined;
  }
}

/** What a leaf commits to: SHA-256 over the fields' digests (32 bytes each), in order. */
export const commitmentOf = (digests: readonly string[]): Hash =>
  sha256(Buffer.concat(digests.map((digest) => Buffer.from(digest, "base64url"))));
