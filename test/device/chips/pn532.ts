import type { Ev2Card } from "./ev2-card.ts";

/** A card that only has a number. */
export interface PlainCard {
  uid: Uint8Array;
  sak: number;
}

/** What a bad chip, or a bad wire to it, does. Numbers count down. */
export interface ChipHabits {
  /** Says nothing at all. */
  dead?: boolean;
  /** Does not acknowledge this many commands, and does not carry them out. */
  deaf?: number;
  /** Carries out this many commands whose acknowledgement is lost. */
  lostAcks?: number;
  /** Damages this many answers; they are said again when asked for. */
  damaged?: number;
  /** Never says this many answers. */
  lostAnswers?: number;
  /** Says noise before everything. */
  noise?: Uint8Array;
  /** Says an old answer once more before each new one. */
  stale?: boolean;
}

const ack = Buffer.from("0000ff00ff00", "hex");

/** A PN532 in HSU mode, from the chip's side: PN532 user manual, sections 6.2 and 7. It shares no code with what it tests. */
export class Pn532Chip {
  card: Ev2Card | PlainCard | undefined;
  habits: ChipHabits = {};
  /** Codes of the commands it carried out. */
  readonly obeyed: number[] = [];
  /** Commands it carried to a card. */
  carried: Buffer[] = [];
  readonly #say: (bytes: Buffer) => void;
  #heard = Buffer.alloc(0);
  #last: Buffer | undefined;
  #listed = false;

  constructor(say: (bytes: Buffer) => void) {
    this.#say = say;
  }

  hear(bytes: Uint8Array): void {
    this.#heard = Buffer.concat([this.#heard, bytes]);
    for (;;) {
      const at = this.#heard.indexOf("0000ff", 0, "hex");
      if (at < 0 || this.#heard.length < at + 6) return;
      const length = this.#heard[at + 3]!;
      const check = this.#heard[at + 4]!;
      if (length === 0 && check === 0xff) this.#heard = this.#heard.subarray(at + 6);
      else if (length === 0xff && check === 0) {
        this.#heard = this.#heard.subarray(at + 6);
        if (this.#last) this.#out(this.#last); // NACK: said again
      } else {
        const end = at + 5 + length + 2;
        if (this.#heard.length < end) return;
        const body = this.#heard.subarray(at + 5, at + 5 + length);
        const sound =
          ((length + check) & 0xff) === 0 && this.#sum(this.#heard.subarray(at + 5, end - 1)) === 0;
        this.#heard = this.#heard.subarray(end);
        if (sound && body[0] === 0xd4) this.#obey(Buffer.from(body.subarray(1)));
      }
    }
  }

  /** The field goes: every card in it starts anew. */
  #fieldOff(): void {
    this.#listed = false;
    if (this.card && "reset" in this.card) this.card.reset();
  }

  #obey(command: Buffer): void {
    const { habits } = this;
    if (habits.dead) return;
    if (habits.deaf) {
      habits.deaf--;
      return;
    }
    if (habits.lostAcks) habits.lostAcks--;
    else this.#out(ack);
    this.obeyed.push(command[0]!);
    const answer = this.#answer(command);
    if (!answer) return;
    const body = Buffer.concat([Buffer.of(0xd5, command[0]! + 1), answer]);
    const frame = Buffer.concat([
      Buffer.of(0, 0, 0xff, body.length, -body.length & 0xff),
      body,
      Buffer.of(-this.#sum(body) & 0xff, 0),
    ]);
    if (habits.stale && this.#last) this.#out(this.#last);
    this.#last = frame;
    if (habits.lostAnswers) {
      habits.lostAnswers--;
      return;
    }
    if (habits.damaged) {
      habits.damaged--;
      const damaged = Buffer.from(frame);
      damaged[6]! ^= 0x10;
      this.#out(damaged);
    } else this.#out(frame);
  }

  #answer(command: Buffer): Buffer | undefined {
    const [code, first] = command;
    switch (code) {
      case 0x14:
        return Buffer.alloc(0);
      case 0x32:
        if (first === 0x01 && command[2] === 0) this.#fieldOff();
        return Buffer.alloc(0);
      case 0x4a:
        return this.#list();
      case 0x40:
        return this.#exchange(command.subarray(2));
      default:
        return Buffer.of(0x7f);
    }
  }

  #list(): Buffer {
    const { card } = this;
    if (!card || this.#listed) return Buffer.of(0); // a card that was spoken to hears no new call until its field went
    this.#listed = true;
    const uid = Buffer.from(card.uid);
    const head = Buffer.of(1, 1, 0x03, uid.length === 4 ? 0x04 : 0x44, card.sak, uid.length);
    const ats = "ats" in card ? Buffer.concat([Buffer.of(card.ats.length + 1), card.ats]) : Buffer.alloc(0);
    return Buffer.concat([head, uid, ats]);
  }

  #exchange(apdu: Buffer): Buffer {
    this.carried.push(apdu);
    const { card } = this;
    const answer = card && "transceive" in card && this.#listed ? card.transceive(apdu) : undefined;
    return answer ? Buffer.concat([Buffer.of(0), answer]) : Buffer.of(0x01); // time-out: nobody answered
  }

  #out(bytes: Buffer): void {
    if (this.habits.noise) this.#say(Buffer.from(this.habits.noise));
    this.#say(Buffer.from(bytes));
  }

  #sum(bytes: Uint8Array): number {
    return bytes.reduce((sum, byte) => (sum + byte) & 0xff, 0);
  }
}
