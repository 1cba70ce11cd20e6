import { Ev2Card, hex, type Session } from "./ev2-card.ts";

/** A DESFire EV2 or EV3 with room for one application, as far as a door needs it: select, create, prove, change keys. */
export class DesfireCard extends Ev2Card {
  /** EV2; EV3 says 33h. */
  hardware = hex("04010112001605");
  /** Its owner lets anybody add an application, as cards leave the factory. */
  open = true;
  application: Buffer | undefined;
  #selected = false;

  constructor(uid?: Buffer<ArrayBuffer>) {
    super(2, uid);
  }

  override reset(): void {
    super.reset();
    this.#selected = false;
  }

  protected answer(apdu: Buffer): Buffer {
    const [cla, ins, , , length = 0] = apdu;
    if (cla === 0x00 && ins === 0xa4) return hex("6a82");
    if (cla !== 0x90) return hex("6e00");
    const data = apdu.length > 5 ? apdu.subarray(5, 5 + length) : Buffer.alloc(0);
    if (ins === 0x5a) return this.#select(data);
    if (ins === 0xca) return this.#create(data);
    if (ins === 0x60 || ins === 0xaf || this.#selected) return this.common(ins!, data);
    return hex("9140");
  }

  protected own(_session: Session, _ins: number): Buffer {
    return this.lost("911c");
  }

  #select(name: Buffer): Buffer {
    this.forget();
    this.#selected = this.application?.equals(name) ?? false;
    return this.#selected ? hex("9100") : hex("91a0");
  }

  #create(data: Buffer): Buffer {
    this.forget();
    if (!this.open) return hex("91ae");
    if (this.application) return hex("91de");
    if (data.length !== 5 || data[4] !== 0x82) return hex("917e");
    this.application = Buffer.from(data.subarray(0, 3));
    return hex("9100");
  }
}
