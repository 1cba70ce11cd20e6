import { LimenError } from "../../../errors.ts";
import { cmac, decrypt, encrypt, encryptBlock, same, shortMac } from "./cmac.ts";

const invalid = (): LimenError => new LimenError("card-auth-failed", { status: 422 });

const rotated = (block: Buffer): Buffer => Buffer.concat([block.subarray(1), block.subarray(0, 1)]);

/** An ISO 7816 command of the card's native set. */
const apdu = (command: number, data: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0x90, command, 0, 0, data.length]), data, Buffer.from([0])]);

/** The data of an answer that ends in these two status bytes. */
function answered(response: Uint8Array, status: string, length: number): Buffer {
  const bytes = Buffer.from(response);
  if (bytes.length !== length + 2 || bytes.toString("hex", length) !== status) throw invalid();
  return bytes.subarray(0, length);
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
    return apdu(0x71, Buffer.from([this.#number, 0x00]));
  }

  /** @throws LimenError `card-auth-failed` */
  prove(response: Uint8Array): Buffer {
    this.#theirs = decrypt(this.#key, answered(response, "91af", 16));
    return apdu(0xaf, encrypt(this.#key, Buffer.concat([this.#ours, rotated(this.#theirs)])));
  }

  /** @throws LimenError `card-auth-failed` when the card does not have the key */
  finish(response: Uint8Array): Ev2Session {
    const theirs = this.#theirs;
    if (!theirs) throw invalid();
    const said = decrypt(this.#key, answered(response, "9100", 32));
    if (!same(said.subarray(4, 20), rotated(this.#ours))) throw invalid();
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

export interface Ev2Keys {
  /** Transaction identifier, 4 bytes. */
  transaction: Buffer;
  encryption: Buffer;
  authentication: Buffer;
}

/** A session under secure messaging, full mode: every command and answer has a MAC, and the counter never repeats. */
export class Ev2Session {
  readonly keys: Readonly<Ev2Keys>;
  #commands = 0;

  constructor(keys: Ev2Keys) {
    this.keys = keys;
  }

  /** GetCardUID (51h): the real UID of a card that shows a random one. */
  askUid(): Buffer {
    return apdu(0x51, this.#mac(0x51, Buffer.alloc(0)));
  }

  /** @returns 14 hex digits @throws LimenError `card-auth-failed` on a wrong MAC or status */
  readUid(response: Uint8Array): string {
    this.#commands++;
    const bytes = answered(response, "9100", 24);
    const data = bytes.subarray(0, 16);
    if (!same(this.#mac(0x00, data), bytes.subarray(16))) throw invalid();
    const iv = encryptBlock(this.keys.encryption, this.#counted("5aa5"));
    const plain = decrypt(this.keys.encryption, data, iv);
    if (plain[7] !== 0x80 || plain.subarray(8).some((byte) => byte !== 0)) throw invalid();
    return plain.toString("hex", 0, 7).toUpperCase();
  }

  #mac(code: number, data: Uint8Array): Buffer {
    const count = Buffer.alloc(2);
    count.writeUInt16LE(this.#commands);
    const covered = Buffer.concat([Buffer.from([code]), count, this.keys.transaction, data]);
    return shortMac(cmac(this.keys.authentication, covered));
  }

  /** Label, transaction and counter in one block: what an initialisation vector is made from. */
  #counted(label: string): Buffer {
    const block = Buffer.alloc(16);
    block.write(label, 0, "hex");
    this.keys.transaction.copy(block, 2);
    block.writeUInt16LE(this.#commands, 6);
    return block;
  }
}
