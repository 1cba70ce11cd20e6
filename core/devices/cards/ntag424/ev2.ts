import { cmac, decrypt, encrypt, encryptBlock, same, shortMac } from "./cmac.ts";
import { authFailed, dataOf, native, type Talk } from "./talk.ts";

const rotated = (block: Buffer): Buffer => Buffer.concat([block.subarray(1), block.subarray(0, 1)]);

/** The data of an answer of this status and length. @throws LimenError `card-auth-failed` */
function answered(response: Uint8Array, status: string, length: number): Buffer {
  const data = dataOf(response, status);
  if (data?.length !== length) throw authFailed();
  return data;
}

/**
 * AuthenticateEV2First of NTAG 424 DNA and DESFire EV2/EV3 (NXP AN12196, 6.6): both sides prove that they have the key,
 * which never goes over the air. Use: send `begin()`; send `prove(answer)`; `finish(answer)` gives the session.
 */
export class Ev2Authentication {
  readonly #key: Buffer;
  readonly #number: number;
  readonly #ours: Buffer;
  #theirs: Buffer | undefined;

  /** @param ours 16 fresh random bytes */
  constructor({ key, number, ours }: { key: Buffer; number: number; ours: Buffer }) {
    if (ours.length !== 16) throw new RangeError("a challenge has 16 bytes");
    this.#key = key;
    this.#number = number;
    this.#ours = ours;
  }

  begin(): Buffer {
    return native(0x71, Buffer.from([this.#number, 0x00]));
  }

  /** @throws LimenError `card-auth-failed` */
  prove(response: Uint8Array): Buffer {
    this.#theirs = decrypt(this.#key, answered(response, "91af", 16));
    return native(0xaf, encrypt(this.#key, Buffer.concat([this.#ours, rotated(this.#theirs)])));
  }

  /** @throws LimenError `card-auth-failed` when the card does not have the key */
  finish(response: Uint8Array): Ev2Session {
    const theirs = this.#theirs;
    if (!theirs) throw authFailed();
    const said = decrypt(this.#key, answered(response, "9100", 32));
    if (!same(said.subarray(4, 20), rotated(this.#ours))) throw authFailed();
    const context = this.#context(theirs);
    const derive = (label: string) => cmac(this.#key, Buffer.concat([Buffer.from(label, "hex"), context]));
    return new Ev2Session({
      transaction: said.subarray(0, 4),
      encryption: derive("a55a00010080"),
      authentication: derive("5aa500010080"),
    });
  }

  #context(theirs: Buffer): Buffer {
    const mixed = Buffer.from(theirs.subarray(0, 6));
    for (let at = 0; at < mixed.length; at++) mixed[at]! ^= this.#ours[2 + at]!;
    return Buffer.concat([
      this.#ours.subarray(0, 2),
      mixed,
      theirs.subarray(6, 16),
      this.#ours.subarray(8, 16),
    ]);
  }
}

/**
 * Lets the card prove that it has a key. @param ours 16 fresh random bytes
 * @throws LimenError `card-auth-failed`
 */
export function* authenticate(options: { key: Buffer; number: number; ours: Buffer }): Talk<Ev2Session> {
  const run = new Ev2Authentication(options);
  return run.finish(yield run.prove(yield run.begin()));
}

export interface Ev2Keys {
  /** Transaction identifier, 4 bytes. */
  transaction: Buffer;
  encryption: Buffer;
  authentication: Buffer;
}

/** ISO/IEC 9797-1 padding method 2: a one bit, then zeros, whole blocks. */
const padded = (data: Uint8Array): Buffer =>
  Buffer.concat([data, Buffer.of(0x80), Buffer.alloc(15 - (data.length % 16))]);

function unpadded(data: Buffer): Buffer {
  const end = data.lastIndexOf(0x80);
  if (end < 0 || data.subarray(end + 1).some((byte) => byte !== 0)) throw authFailed();
  return data.subarray(0, end);
}

/** A session under secure messaging, full mode: every command and answer has a MAC, and the counter never repeats. */
export class Ev2Session {
  readonly keys: Readonly<Ev2Keys>;
  #commands: number;

  /** @param commands how many were answered so far */
  constructor(keys: Ev2Keys, commands = 0) {
    this.keys = keys;
    this.#commands = commands;
  }

  /** A command with its header in clear and its data encrypted (AN12196, 5.4). */
  command(code: number, header: Uint8Array = Buffer.alloc(0), data: Uint8Array = Buffer.alloc(0)): Buffer {
    const body =
      data.length > 0 ? encrypt(this.keys.encryption, padded(data), this.#vector("a55a")) : Buffer.alloc(0);
    const sent = Buffer.concat([header, body]);
    return native(code, Buffer.concat([sent, this.#mac(code, sent)]));
  }

  /**
   * The data of an answer, decrypted. The counter moves with it.
   * @throws LimenError `card-auth-failed` on a wrong MAC or status
   */
  read(response: Uint8Array): Buffer {
    const bytes = dataOf(response, "9100");
    if (!bytes || bytes.length % 16 !== 8) throw authFailed();
    this.#commands++;
    const data = bytes.subarray(0, -8);
    if (!same(this.#mac(0x00, data), bytes.subarray(-8))) throw authFailed();
    return data.length > 0
      ? unpadded(decrypt(this.keys.encryption, data, this.#vector("5aa5")))
      : Buffer.alloc(0);
  }

  /** GetCardUID (51h): the real UID of a card that shows a random one. */
  askUid(): Buffer {
    return this.command(0x51);
  }

  /** @returns 14 hex digits @throws LimenError `card-auth-failed` on a wrong MAC or status */
  readUid(response: Uint8Array): string {
    const uid = this.read(response);
    if (uid.length !== 7) throw authFailed();
    return uid.toString("hex").toUpperCase();
  }

  #mac(code: number, data: Uint8Array): Buffer {
    const count = Buffer.alloc(2);
    count.writeUInt16LE(this.#commands);
    const covered = Buffer.concat([Buffer.from([code]), count, this.keys.transaction, data]);
    return shortMac(cmac(this.keys.authentication, covered));
  }

  /** An initialisation vector: label, transaction and counter in one block, encrypted. */
  #vector(label: string): Buffer {
    const block = Buffer.alloc(16);
    block.write(label, 0, "hex");
    this.keys.transaction.copy(block, 2);
    block.writeUInt16LE(this.#commands, 6);
    return encryptBlock(this.keys.encryption, block);
  }
}
