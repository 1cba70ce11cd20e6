import { systemClock } from "../../core/clock.ts";
import type { PresentCard } from "../../core/devices/cards/chip-reader.ts";
import { Pn532Host } from "../../core/devices/cards/pn532-host.ts";
import { systemTimers } from "../../core/devices/relays/host-timed.ts";
import type { Method } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import { BusState, type OpenBus } from "./bus.ts";
import { PcscHost } from "./pcsc.ts";
import type { ReaderHealth } from "./reader-health.ts";
import { SerialLine } from "./serial-line.ts";

/** What a `limen-bus` with a reader that talks with cards offers. Its `up` says whether the reader answers. */
export interface ChipLine extends OpenBus {
  /** Calls back with a card, again and again while it lies there. @returns stops that */
  onCard(listener: (card: PresentCard) => Promise<void>): () => void;
  watch(unit: number, door: string, ways: readonly Method[]): () => void;
}

export const isChipLine = (bus: object): bus is ChipLine => "onCard" in bus;

/** How long a reader may take to answer for the first time. */
const firstMs = 20_000;

/** What both kinds of reader have in common. It has no relays. */
abstract class Chips implements ChipLine {
  protected readonly state = new BusState();
  readonly #health: ReaderHealth;
  /** One that never answers is silent, too. */
  readonly #patience = setTimeout(() => this.#tell(), firstMs).unref();

  constructor(health: ReaderHealth) {
    this.#health = health;
    this.state.on(() => this.#tell());
  }
  readonly #listeners = new Set<(card: PresentCard) => Promise<void>>();

  get up(): boolean {
    return this.state.up;
  }

  watch(_unit: number, door: string, ways: readonly Method[]): () => void {
    return this.#health.use(door, ways);
  }

  #tell(): void {
    clearTimeout(this.#patience);
    this.#health.alive = this.state.up;
  }

  /** It goes because the flow does: that is no news of the reader. */
  protected leave(): void {
    clearTimeout(this.#patience);
    this.#health.close();
    this.state.set(false);
  }

  onState(listener: (up: boolean) => void): () => void {
    return this.state.on(listener);
  }

  onCard(listener: (card: PresentCard) => Promise<void>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  protected async card(card: PresentCard): Promise<void> {
    for (const listener of this.#listeners) await listener(card);
  }

  pulse(): Promise<void> {
    return Promise.reject(new LimenError("relay-failed", { status: 502 }));
  }

  off(): Promise<void> {
    return Promise.resolve();
  }

  abstract close(): Promise<void>;
}

/** A PN532 on a UART of its own. */
export class Pn532Line extends Chips {
  readonly #line: SerialLine;
  readonly #host: Pn532Host;
  #write: ((bytes: Uint8Array) => Promise<void>) | undefined;
  #heard: (bytes: Uint8Array) => void = () => undefined;

  constructor({ path, baudRate, health }: { path: string; baudRate: number; health: ReaderHealth }) {
    super(health);
    this.#host = new Pn532Host({
      port: {
        write: (bytes) => this.#write?.(bytes) ?? Promise.reject(new LimenError("card-torn")),
        onData: (listener) => {
          this.#heard = listener;
          return () => {
            this.#heard = () => undefined;
          };
        },
      },
      clock: systemClock,
      timers: systemTimers,
      card: (card) => this.card(card),
      state: (online) => this.state.set(online),
    });
    this.#line = new SerialLine({
      path,
      baudRate,
      up: (write) => {
        this.#write = write;
      },
      down: () => {
        this.#write = undefined;
      },
      data: (bytes) => this.#heard(bytes),
    });
  }

  open(): this {
    this.#line.open();
    this.#host.start();
    return this;
  }

  async close(): Promise<void> {
    this.#host.stop();
    this.leave();
    await this.#line.close();
  }
}

/** A reader behind pcscd. */
export class PcscLine extends Chips {
  readonly #host: PcscHost;

  constructor(reader: string, health: ReaderHealth) {
    super(health);
    this.#host = new PcscHost({
      reader,
      card: (card) => this.card(card),
      state: (online) => this.state.set(online),
    });
  }

  open(): this {
    this.#host.start();
    return this;
  }

  async close(): Promise<void> {
    this.leave();
    await this.#host.close();
  }
}
