import type { Clock } from "../../clock.ts";
import type { Timers } from "../relays/host-timed.ts";
import { type ChipReaderEvents, cardTorn, type PresentCard } from "./chip-reader.ts";
import { decodeTargets, inListPassiveTarget, type Pn532Target, pn532Commands } from "./pn532.ts";
import {
  ackFrame,
  chipToHost,
  encodePn532,
  nackFrame,
  type Pn532Frame,
  Pn532Frames,
} from "./pn532-frames.ts";

/** A UART that may go and come back at any time: a write that fails is a chip that does not answer. */
export interface Pn532Port {
  /** Resolves when the bytes have left. */
  write(bytes: Uint8Array): Promise<void>;
  /** Calls back with what comes in, at any split. @returns stops that */
  onData(listener: (bytes: Uint8Array) => void): () => void;
}

export interface Pn532HostOptions extends ChipReaderEvents {
  port: Pn532Port;
  clock: Clock;
  timers: Timers;
  /** Between two looks for a card, ms. */
  pollMs?: number;
}

/** Commands of the PN532 user manual, section 7. */
const inDataExchange = 0x40;
const rfConfiguration = 0x32;

/** The chip acknowledges within 15 ms; the rest is the line and this process. */
const ackMs = 100;
const answerMs = 500;
/** A card may ask for more time, and the chip grants it by itself. */
const exchangeMs = 1500;
const tries = 3;
/** Commands in a row that nobody answered. */
const lostAfter = 3;
const retryMs = 500;
/** Data of one command: 264 bytes less code and target (7.3.8). */
const longestApdu = 262;

type Heard = Pn532Frame | undefined;

/**
 * A PN532 on a UART of its own: looks for one ISO 14443-A card at a time, says which one lies there, and carries commands
 * to it. Bytes may be lost, doubled or damaged: a command of the chip is sent three times at most, one
 * for the card once; a damaged answer is asked for again, and an answer to another command is nobody's.
 */
export class Pn532Host {
  readonly #options: Required<Pn532HostOptions>;
  readonly #frames = new Pn532Frames();
  #stopListening: (() => void) | undefined;
  #inbox: Pn532Frame[] = [];
  #wake: (() => void) | undefined;
  #online = false;
  #silences = 0;
  #run = 0;

  constructor(options: Pn532HostOptions) {
    this.#options = { pollMs: 120, ...options };
  }

  start(): void {
    if (this.#stopListening) return;
    const { port, clock } = this.#options;
    this.#stopListening = port.onData((bytes) => {
      this.#inbox.push(...this.#frames.push(bytes, clock.monotonic()));
      if (this.#inbox.length > 16) this.#inbox.splice(0, this.#inbox.length - 16); // nobody asked for that much
      this.#wake?.();
    });
    void this.#look(++this.#run);
  }

  /** No card is reported from here on. */
  stop(): void {
    this.#run++;
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#wake?.();
  }

  async #look(run: number): Promise<void> {
    while (run === this.#run) {
      if (this.#online || (await this.#begin())) {
        await this.#once(run);
        await this.#pause(this.#options.pollMs);
      } else await this.#pause(retryMs);
    }
  }

  /** Wakes the chip and sets it up. */
  async #begin(): Promise<boolean> {
    const { port } = this.#options;
    this.#frames.clear();
    this.#inbox = [];
    await port.write(pn532Commands.wake).catch(() => undefined);
    await this.#hear(ackMs); // acknowledged or not: a chip that was awake takes it for noise
    const set =
      (await this.#ask([0x14, 0x01, 0x14, 0x01], answerMs)) && // normal mode (7.2.10)
      (await this.#ask([rfConfiguration, 0x05, 0xff, 0x01, 0x02], answerMs)); // a look ends by itself (7.3.1)
    if (!set) return false;
    this.#tell(true);
    return true;
  }

  async #once(run: number): Promise<void> {
    const answer = await this.#ask([inListPassiveTarget, 0x01, 0x00], answerMs);
    const [target] = (answer && decodeTargets(answer)) ?? [];
    if (target && run === this.#run) await this.#visit(target, run);
    // without its field a card forgets where it was, and can be found again, also when the answer that named it was lost
    // (ISO/IEC 14443-3, 5.2)
    const rested = await this.#ask([rfConfiguration, 0x01, 0x00], answerMs);
    if (answer || rested) this.#silences = 0;
    else if (++this.#silences >= lostAfter) this.#tell(false);
  }

  async #visit({ uid, sak }: Pn532Target, run: number): Promise<void> {
    let over = false;
    const card: PresentCard = {
      uid: Uint8Array.from(uid),
      talks: (sak & 0x20) !== 0,
      exchange: async (apdu) => {
        if (over || run !== this.#run || apdu.length > longestApdu) throw cardTorn();
        // never said twice: a card that heard it the first time would be a step ahead
        const answer = await this.#ask([inDataExchange, 0x01, ...apdu], exchangeMs, 1);
        if (answer?.[2] !== 0) throw cardTorn(); // an error, or more than any answer of ours is long (7.1)
        return answer.slice(3);
      },
    };
    await this.#options.card(card);
    over = true;
  }

  /**
   * One command. @param data code and parameters
   * @returns TFI, code and what follows; undefined when there is no answer
   */
  async #ask(data: readonly number[], ms: number, times = tries): Promise<Uint8Array | undefined> {
    const { port } = this.#options;
    const frame = encodePn532(Uint8Array.from(data));
    const code = data[0]! + 1;
    for (let attempt = 0; attempt < times; attempt++) {
      this.#inbox = [];
      try {
        await port.write(frame);
      } catch {
        return undefined;
      }
      const heard = await this.#hear(ackMs);
      if (heard?.kind === "data" && heard.data[1] === code) return heard.data; // only its ACK was lost
      if (heard?.kind !== "ack") continue;
      const answer = await this.#answer(code, ms);
      if (!answer) await port.write(ackFrame).catch(() => undefined); // ends the command
      return answer;
    }
    return undefined;
  }

  async #answer(code: number, ms: number): Promise<Uint8Array | undefined> {
    const { clock, port } = this.#options;
    const end = clock.monotonic() + ms;
    for (let again = 0; ; ) {
      const rejected = this.#frames.rejected;
      const heard = await this.#hear(end - clock.monotonic(), () => this.#frames.rejected > rejected);
      if (heard?.kind === "data") {
        if (heard.data[0] === chipToHost && heard.data[1] === code) return heard.data;
        if (heard.data.length === 1) return undefined; // the chip's own error frame
      } else if (this.#frames.rejected > rejected && again++ < tries) {
        this.#frames.clear();
        await port.write(nackFrame).catch(() => undefined);
      }
      if (end <= clock.monotonic()) return undefined;
    }
  }

  /** The next frame within `ms`; undefined when there was none, or `or` holds. */
  async #hear(ms: number, or: () => boolean = () => false): Promise<Heard> {
    const { clock, timers } = this.#options;
    const end = clock.monotonic() + ms;
    while (this.#inbox.length === 0 && !or() && this.#stopListening) {
      const left = end - clock.monotonic();
      if (left <= 0) return undefined;
      await new Promise<void>((resolve) => {
        const cancel = timers.after(left, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return this.#inbox.shift();
  }

  async #pause(ms: number): Promise<void> {
    if (!this.#stopListening) return;
    await new Promise<void>((resolve) => {
      this.#options.timers.after(ms, resolve);
    });
  }

  #tell(online: boolean): void {
    this.#silences = 0;
    if (online === this.#online) return;
    this.#online = online;
    this.#options.state(online);
  }
}
