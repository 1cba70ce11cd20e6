import { crc32 } from "node:zlib";
import { LimenError } from "../../../errors.ts";
import type { Ev2Session } from "./ev2.ts";
import { authenticate } from "./ev2.ts";
import { dataOf, type Talk } from "./talk.ts";

/** A card on its way to keys of this site. */
export interface Keying {
  /** By number; 16 bytes each. */
  keys: readonly Buffer[];
  keyVersion: number;
  /** It may have some of these keys already: a card torn away before, or one that came back. */
  begun: boolean;
  random(bytes: number): Buffer;
}

export const factoryKey = Buffer.alloc(16);
const changeKey = 0xc4;

export const writeFailed = (): LimenError => new LimenError("card-write-failed", { status: 502 });

export const prove = ({ random }: Pick<Keying, "random">, number: number, key: Buffer): Talk<Ev2Session> =>
  authenticate({ key, number, ours: random(16) });

/**
 * Which key a card has: ours, if it was begun, or the factory's.
 * @throws LimenError `card-not-blank` when it is neither
 */
export function* presentKey(card: Keying, number: number): Talk<Buffer> {
  for (const key of card.begun ? [card.keys[number]!, factoryKey] : [factoryKey]) {
    try {
      yield* prove(card, number, key);
      return key;
    } catch (error) {
      if (!(error instanceof LimenError) || error.code !== "card-auth-failed") throw error;
    }
  }
  throw new LimenError("card-not-blank", { status: 409 });
}

/** Gives a card another key than that of the session (NT4H2421Gx, 10.6.1, case 1). */
export function* changeOther(session: Ev2Session, card: Keying, number: number, old: Buffer): Talk<void> {
  const key = card.keys[number]!;
  if (old.equals(key)) return;
  const mixed = Buffer.from(key.map((byte, at) => byte ^ old[at]!));
  const data = Buffer.concat([mixed, Buffer.of(card.keyVersion), checkOf(key)]);
  session.read(yield session.command(changeKey, Buffer.of(number), data));
}

/** Gives a card another master key, the session's own: that ends the session, so the answer has no MAC (case 2). */
export function* changeMaster(session: Ev2Session, card: Keying, old: Buffer): Talk<void> {
  const key = card.keys[0]!;
  if (old.equals(key)) return;
  const data = Buffer.concat([key, Buffer.of(card.keyVersion)]);
  if (!dataOf(yield session.command(changeKey, Buffer.of(0), data), "9100")) throw writeFailed();
}

/** CRC-32 as the chip wants it: without the last inversion, last byte first. */
function checkOf(key: Buffer): Buffer {
  const check = Buffer.alloc(4);
  check.writeUInt32LE(~crc32(key) >>> 0);
  return check;
}
