import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { LimenError } from "../../errors.ts";
import { fromBase32, toBase32 } from "./base32.ts";

/** What a pass says. Who holds it is not in it: the vault knows that by the id. */
export interface Pass {
  /** 80 random bits in hex: names the pass in the record, counts its uses, revokes it. */
  id: string;
  kind: "visitor" | "phone";
  /** Good from here until before there; whole seconds. */
  from: Date;
  until: Date;
  /** How often it opens a door; 0: as often as wanted. */
  uses: number;
  /** Minutes after the first use in which it goes on opening; 0: no such window. */
  window: number;
  /** Doors by id, at most 8; none: every door its holder has rights to. */
  doors: readonly string[];
}

/** A pass read back: doors are known only by their marks, see `opensDoor`. */
export type ReadPass = Omit<Pass, "doors"> & { doorMarks: readonly string[] };

const version = 1;
const kinds = ["visitor", "phone"] as const;
const mostDoors = 8;
const headLength = 24;
const markLength = 4;
const signatureLength = 64;
/** Longest text of a pass: what no reader needs to take more of. */
export const longestPass = Math.ceil(((headLength + mostDoors * markLength + signatureLength) * 8) / 5);

/** Signatures made for something else are none here, and none of another site's. */
const context = (site: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`limen pass v${version}\n${site}\n`), body]);

const markOf = (site: string, door: string): string =>
  createHash("sha256")
    .update(`${site}\n${door}`)
    .digest("hex")
    .slice(0, markLength * 2);

const invalid = (): LimenError => new LimenError("pass-invalid", { status: 422 });

/**
 * Writes a pass: `version u8 · kind u8 · id 10 · from u32 · until u32 · uses u8 · window u16 · doors u8 · marks 4 each ·
 * Ed25519 signature 64`, big-endian, in base 32: 141 to 192 letters and digits, a QR code of version 6 to 8.
 * @param key the site's Ed25519 private key for passes
 * @throws LimenError `pass-fields` naming the field at fault
 */
export function writePass(pass: Pass, site: string, key: KeyObject): string {
  check(pass);
  const head = Buffer.alloc(headLength);
  head.writeUInt8(version, 0);
  head.writeUInt8(kinds.indexOf(pass.kind), 1);
  head.write(pass.id, 2, "hex");
  head.writeUInt32BE(seconds(pass.from), 12);
  head.writeUInt32BE(seconds(pass.until), 16);
  head.writeUInt8(pass.uses, 20);
  head.writeUInt16BE(pass.window, 21);
  head.writeUInt8(pass.doors.length, 23);
  const marks = Buffer.from(pass.doors.map((door) => markOf(site, door)).join(""), "hex");
  const body = Buffer.concat([head, marks]);
  return toBase32(Buffer.concat([body, sign(null, context(site, body), key)]));
}

/**
 * Reads a pass that this site signed. Nothing else of it is judged here; see `judgePass`.
 * @param text as scanned; small letters are taken too, for those who type
 * @throws LimenError `pass-invalid`, whatever is wrong: a forger learns nothing
 */
export function readPass(text: string, site: string, key: KeyObject): ReadPass {
  if (text.length > longestPass) throw invalid();
  const bytes = fromBase32(text.toUpperCase());
  if (!bytes || bytes.length < headLength + signatureLength || bytes.readUInt8(0) !== version)
    throw invalid();
  const count = bytes.readUInt8(23);
  const end = headLength + count * markLength;
  if (count > mostDoors || bytes.length !== end + signatureLength) throw invalid();
  const body = bytes.subarray(0, end);
  if (!verify(null, context(site, body), key, bytes.subarray(end))) throw invalid();
  const kind = kinds[body.readUInt8(1)];
  if (!kind) throw invalid();
  return {
    id: body.toString("hex", 2, 12),
    kind,
    from: new Date(body.readUInt32BE(12) * 1000),
    until: new Date(body.readUInt32BE(16) * 1000),
    uses: body.readUInt8(20),
    window: body.readUInt16BE(21),
    doorMarks: Array.from({ length: count }, (_, at) =>
      body.toString("hex", headLength + at * markLength, headLength + (at + 1) * markLength),
    ),
  };
}

/** Whether the pass names this door, or none at all. */
export const opensDoor = ({ doorMarks }: ReadPass, site: string, door: string): boolean =>
  doorMarks.length === 0 || doorMarks.includes(markOf(site, door));

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

function check({ id, from, until, uses, window, doors }: Pass): void {
  const wrong = (field: string): LimenError => new LimenError("pass-fields", { field, params: { field } });
  if (!/^[0-9a-f]{20}$/.test(id)) throw wrong("/id");
  const [start, end] = [seconds(from), seconds(until)];
  if (!(start >= 0 && start <= 0xffffffff)) throw wrong("/from");
  if (!(end > start && end <= 0xffffffff)) throw wrong("/until");
  if (!Number.isInteger(uses) || uses < 0 || uses > 255) throw wrong("/uses");
  if (!Number.isInteger(window) || window < 0 || window > 0xffff) throw wrong("/window");
  if (doors.length > mostDoors) throw wrong("/doors");
}
