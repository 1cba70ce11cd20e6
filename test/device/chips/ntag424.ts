import { randomBytes } from "node:crypto";
import { cmac, encrypt } from "../../../core/devices/cards/ntag424/cmac.ts";
import { Ev2Card, hex, odd, ok, type Session } from "./ev2-card.ts";

/** An NTAG 424 DNA as its data sheet describes it (NT4H2421Gx sections 8 to 10; AN12196). */
export class Ntag424Card extends Ev2Card {
  file = Buffer.alloc(256);
  /** Change, read, write, read-and-write, and whether the URL is signed. */
  rights = { change: 0, read: 0xe, write: 0xe, both: 0xe };
  sdm: { meta: number; file: number; picc: number; mac: number } | undefined;
  reads = 0;
  hardware = hex("04040830001105");
  #selected = false;
  #elementary = 0;

  constructor(uid?: Buffer<ArrayBuffer>) {
    super(5, uid);
  }

  override reset(): void {
    super.reset();
    this.#selected = false;
    this.#elementary = 0;
  }

  protected answer(apdu: Buffer): Buffer {
    const [cla, ins, p1, p2, length = 0] = apdu;
    const data = apdu.length > 5 ? apdu.subarray(5, 5 + length) : Buffer.alloc(0);
    if (cla === 0x00 && ins === 0xa4) return this.#select(p1!, data);
    if (cla === 0x00 && ins === 0xb0) return this.#readBinary((p1! << 8) | p2!, length);
    if (cla !== 0x90 || !this.#selected) return hex("6d00");
    return ins === 0x8d ? this.#writeData(data) : this.common(ins!, data);
  }

  protected own(session: Session, ins: number, file: number, data: Buffer): Buffer {
    return ins === 0x5f ? this.#changeSettings(session, file, data) : this.lost("911c");
  }

  #select(p1: number, data: Buffer): Buffer {
    this.forget();
    if (p1 === 0x04) {
      this.#selected = data.equals(hex("d2760000850101"));
      this.#elementary = 0;
      return this.#selected ? hex("9000") : hex("6a82");
    }
    if (!this.#selected || data.length !== 2) return hex("6a82");
    this.#elementary = data.readUInt16BE();
    return this.#elementary === 0xe104 ? hex("9000") : hex("6a82");
  }

  #readBinary(offset: number, length: number): Buffer {
    if (this.#elementary !== 0xe104 || this.rights.read !== 0xe) return hex("6982");
    const content = Buffer.from(this.file);
    if (this.sdm && !this.session) {
      this.reads++;
      const counter = Buffer.alloc(3);
      counter.writeUIntLE(this.reads, 0, 3);
      const identity = Buffer.concat([this.uid, counter]);
      const plain = Buffer.concat([hex("c7"), identity, randomBytes(5)]);
      const picc = encrypt(this.keys[this.sdm.meta]!, plain);
      const key = this.habits.impostor ?? this.keys[this.sdm.file]!;
      const session = cmac(key, Buffer.concat([hex("3cc300010080"), identity]));
      content.write(picc.toString("hex").toUpperCase(), this.sdm.picc, "ascii");
      content.write(
        odd(cmac(session, Buffer.alloc(0)))
          .toString("hex")
          .toUpperCase(),
        this.sdm.mac,
        "ascii",
      );
    }
    return Buffer.concat([content.subarray(offset, offset + length), hex("9000")]);
  }

  #writeData(data: Buffer): Buffer {
    const { write, both } = this.rights;
    const may = [write, both].some((right) => right === 0xe || right === this.session?.key);
    if (data[0] !== 2 || !may) return hex("919d");
    const offset = data.readUIntLE(1, 3);
    const length = data.readUIntLE(4, 3);
    if (data.length !== 7 + length || offset + length > this.file.length) return hex("917e");
    if (this.session) this.session.counter++;
    data.copy(this.file, offset, 7);
    return ok;
  }

  #changeSettings(session: Session, file: number, settings: Buffer): Buffer {
    if (file !== 2 || this.rights.change !== session.key) return this.lost("919d");
    const [option = 0, first = 0, second = 0] = settings;
    const signed = (option & 0x40) !== 0;
    if (settings.length !== (signed ? 15 : 3)) return this.lost("917e");
    this.rights = { both: first >> 4, change: first & 15, read: second >> 4, write: second & 15 };
    this.sdm = signed
      ? {
          meta: settings[5]! >> 4,
          file: settings[5]! & 15,
          picc: settings.readUIntLE(6, 3),
          mac: settings.readUIntLE(12, 3),
        }
      : undefined;
    return this.reply(session, Buffer.alloc(0));
  }
}
