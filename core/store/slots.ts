import { createHash, hkdfSync } from "node:crypto";
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { LimenError } from "../errors.ts";
import { unwrapKey, wrapKey } from "./aes-kw.ts";
import { syncFolder } from "./database.ts";

/**
 * A slot: `magic[8] · u8 format · u8 locked · u16 0 · u32 0 · u64 generation · key[32 or 40] · 0… · sha256[32]`, one disk
 * block. The digest tells a slot that was written whole from one a power cut tore.
 */
const slotBytes = 4096;
const magic = Buffer.from("LIMENKEK");
const keyAt = 24;
const digestAt = slotBytes - 32;

export interface Slot {
  place: 0 | 1;
  generation: number;
  key: Buffer;
  /** Was the key wrapped under the unlock key? */
  locked: boolean;
}

/**
 * Two fixed places for the key-encryption key. Overwritten where they are and synced; the file is never renamed,
 * truncated or grown, because every other way of replacing a file was measured to leave the old key on the disk.
 */
export class SlotFile {
  readonly #fd: number;
  readonly #unlock: Buffer | undefined;

  /**
   * @param unlock key that locks the slots, where the machine has one (systemd-creds); 32 bytes
   * @throws LimenError `keys-damaged` when the file is longer than two slots
   */
  constructor(path: string, unlock?: Buffer) {
    this.#unlock = unlock;
    if (!existsSync(path)) create(path);
    this.#fd = openSync(path, "r+");
    // A shorter file was cut off while being made, and what is missing reads as an empty slot; a longer one is not ours.
    if (fstatSync(this.#fd).size <= 2 * slotBytes) return;
    closeSync(this.#fd);
    throw new LimenError("keys-damaged", { status: 503 });
  }

  /**
   * The slots that were written whole.
   * @throws LimenError `keys-locked` when one is locked and the unlock key is absent or another
   */
  read(): Slot[] {
    return ([0, 1] as const).flatMap((place) => {
      const block = Buffer.alloc(slotBytes);
      readSync(this.#fd, block, 0, slotBytes, place * slotBytes);
      const whole =
        block.subarray(0, magic.length).equals(magic) &&
        block[8] === 1 &&
        createHash("sha256").update(block.subarray(0, digestAt)).digest().equals(block.subarray(digestAt));
      if (!whole) return [];
      const locked = block[9] === 1;
      const slot = {
        place,
        generation: Number(block.readBigUInt64BE(16)),
        locked,
        key: this.#key(block, locked),
      };
      block.fill(0);
      return [slot];
    });
  }

  #key(block: Buffer, locked: boolean): Buffer {
    if (!locked) return Buffer.from(block.subarray(keyAt, keyAt + 32));
    const key = this.#unlock && unwrapKey(this.#unlock, block.subarray(keyAt, keyAt + 40));
    if (!key) throw new LimenError("keys-locked", { status: 503 });
    return key;
  }

  /** Puts a key in a place; on the disk when it returns. */
  write(place: 0 | 1, generation: number, key: Buffer): Slot {
    const block = Buffer.alloc(slotBytes);
    magic.copy(block);
    block[8] = 1;
    block[9] = this.#unlock ? 1 : 0;
    block.writeBigUInt64BE(BigInt(generation), 16);
    (this.#unlock ? wrapKey(this.#unlock, key) : key).copy(block, keyAt);
    createHash("sha256").update(block.subarray(0, digestAt)).digest().copy(block, digestAt);
    this.#put(place, block);
    block.fill(0);
    return { place, generation, key, locked: this.#unlock !== undefined };
  }

  /** Overwrites a place with zeros; on the disk when it returns. */
  zero(place: 0 | 1): void {
    this.#put(place, Buffer.alloc(slotBytes));
  }

  #put(place: 0 | 1, block: Buffer): void {
    const written = writeSync(this.#fd, block, 0, slotBytes, place * slotBytes);
    if (written !== slotBytes) throw new LimenError("keys-not-written", { status: 503 });
    fdatasyncSync(this.#fd);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function create(path: string): void {
  const fd = openSync(path, "wx", 0o600);
  try {
    // Real zeros, not a hole: later writes must find blocks that are already theirs.
    writeSync(fd, Buffer.alloc(2 * slotBytes));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncFolder(dirname(path));
}

/** The slots' lock from a credential the service manager unsealed: any length from 32 bytes of key material. */
export function unlockKey(credential: Buffer): Buffer {
  if (credential.length < 32) throw new LimenError("unlock-key-short", { status: 503 });
  return Buffer.from(hkdfSync("sha256", credential, Buffer.alloc(0), "limen unlock v1", 32));
}
