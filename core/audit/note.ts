import { type SigningKey, verifyEd25519 } from "./ed25519.ts";
import { sha256 } from "./merkle.ts";

/** Signature types of C2SP signed-note: a log's own, and a witness's with a time. */
export const signatureTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
type SignatureType = (typeof signatureTypes)[keyof typeof signatureTypes];

/** A verifier key read from its line `name+hash+base64`. */
export interface Verifier {
  name: string;
  id: Buffer;
  type: SignatureType;
  publicKey: Buffer;
}

/** A note whose known signatures all hold: its text, and who signed it. */
export interface OpenedNote {
  text: string;
  /** The verifiers whose signature is on it, at least one. */
  signedBy: { verifier: Verifier; time?: number }[];
}

/** Longest note looked at, in characters: a hundred signatures of a witness fit many times. */
const longest = 100_000;
const badName = /[\p{White_Space}+]/u;
const badText = /[\p{Cc}]/u;

const keyId = (name: string, type: number, publicKey: Buffer): Buffer =>
  sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey])).subarray(0, 4);

/** Standard base64 only: what does not encode back to itself is refused. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** The line a verifier is told by. @throws TypeError when the name cannot be a key's name */
export function vkeyOf(
  name: string,
  publicKey: Buffer,
  type: SignatureType = signatureTypes.ed25519,
): string {
  if (name === "" || badName.test(name) || badText.test(name)) throw new TypeError("not a key name");
  const key = Buffer.concat([Buffer.of(type), publicKey]).toString("base64");
  return `${name}+${keyId(name, type, publicKey).toString("hex")}+${key}`;
}

/** @returns undefined for anything but a well-formed key line of a type known here */
export function parseVkey(line: string): Verifier | undefined {
  const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(line);
  const key = parts && fromBase64(parts[3]!);
  if (!parts || key?.length !== 33 || badName.test(parts[1]!)) return undefined;
  const type = key[0]!;
  if (type !== signatureTypes.ed25519 && type !== signatureTypes.cosignature) return undefined;
  const verifier = { name: parts[1]!, id: Buffer.from(parts[2]!, "hex"), type, publicKey: key.subarray(1) };
  return keyId(verifier.name, type, verifier.publicKey).equals(verifier.id)
    ? (verifier as Verifier)
    : undefined;
}

/** One signature line, ending in a newline. */
function line(name: string, type: SignatureType, key: SigningKey, signature: Buffer): string {
  return `— ${name} ${Buffer.concat([keyId(name, type, key.publicKey), signature]).toString("base64")}\n`;
}

/** Signs a text that ends in a newline: the note, whole. */
export const signNote = (text: string, name: string, key: SigningKey): string =>
  `${text}\n${line(name, signatureTypes.ed25519, key, key.sign(Buffer.from(text)))}`;

const cosigned = (text: string, time: number): Buffer => Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);

/**
 * A witness's signature line over a checkpoint's text (C2SP tlog-cosignature).
 * @param time seconds since 1970
 */
export function cosign(text: string, name: string, key: SigningKey, time: number): string {
  const stamp = Buffer.alloc(8);
  stamp.writeBigUInt64BE(BigInt(time));
  const signature = key.sign(cosigned(text, time));
  return line(name, signatureTypes.cosignature, key, Buffer.concat([stamp, signature]));
}

/** Splits a note at its last empty line. */
function splitNote(note: string): { text: string; lines: string[] } | undefined {
  if (typeof note !== "string" || note.length > longest || !note.isWellFormed()) return undefined;
  if (badText.test(note.replaceAll("\n", ""))) return undefined;
  const at = note.lastIndexOf("\n\n");
  if (at < 0 || !note.endsWith("\n")) return undefined;
  return { text: note.slice(0, at + 1), lines: note.slice(at + 2, -1).split("\n") };
}

/**
 * Opens a signed note: unknown signatures are ignored, one known signature that does not hold refuses the whole note,
 * and so does having none. Never throws, whatever it is given.
 */
export function verifyNote(note: string, verifiers: readonly Verifier[]): OpenedNote | undefined {
  const parts = splitNote(note);
  if (!parts) return undefined;
  const signedBy: OpenedNote["signedBy"] = [];
  for (const text of parts.lines) {
    const fields = /^— (\S+) (\S+)$/u.exec(text);
    const bytes = fields && fromBase64(fields[2]!);
    if (!bytes || bytes.length < 5 || badName.test(fields[1]!)) return undefined;
    const verifier = verifiers.find(({ name, id }) => name === fields[1] && id.equals(bytes.subarray(0, 4)));
    if (!verifier) continue;
    const signature = bytes.subarray(4);
    if (verifier.type === signatureTypes.ed25519) {
      if (!verifyEd25519(verifier.publicKey, Buffer.from(parts.text), signature)) return undefined;
      signedBy.push({ verifier });
    } else {
      const time = signature.length === 72 ? Number(signature.readBigUInt64BE(0)) : Number.NaN;
      if (!Number.isSafeInteger(time)) return undefined;
      if (!verifyEd25519(verifier.publicKey, cosigned(parts.text, time), signature.subarray(8)))
        return undefined;
      signedBy.push({ verifier, time });
    }
  }
  return signedBy.length > 0 ? { text: parts.text, signedBy } : undefined;
}

/** A note's text, unverified: for showing and for finding out whose key would be needed. */
export const noteText = (note: string): string | undefined => splitNote(note)?.text;
