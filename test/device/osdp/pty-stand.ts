import { systemClock } from "../../../core/clock.ts";
import {
  createOsdpBus,
  type OsdpBus,
  type OsdpDevice,
  type OsdpEvent,
  type OsdpPort,
  type Timing,
} from "../../../core/devices/osdp/index.ts";
import { systemTimers } from "../../../core/devices/relays/host-timed.ts";
import { tellOf } from "../../../nodes/limen-bus/osdp.ts";
import { SerialLine } from "../../../nodes/limen-bus/serial-line.ts";
import { FarEnd, until } from "../lines.ts";
import { PtyHub } from "./hub.ts";
import { Peripheral, type PeripheralOptions } from "./peripheral.ts";

const baud = 115_200;
/** Shorter waits than on a gate, for tests that live in real time; the usual ones are tested by moved time. */
export const brisk: Partial<Timing> = {
  knock: 200,
  handshake: 150,
  longestHandshake: 600,
  lost: 700,
  outOfService: 1500,
};

/** A serial port that is opened again whenever it goes, as the panel's line. */
function serialPort(path: string): { port: OsdpPort; close(): Promise<void> } {
  let write: ((bytes: Uint8Array) => Promise<void>) | undefined;
  let listener: ((bytes: Uint8Array) => void) | undefined;
  const line = new SerialLine({
    path,
    baudRate: baud,
    up: (open) => {
      write = open;
    },
    down: () => {
      write = undefined;
    },
    data: (bytes) => listener?.(bytes),
  }).open();
  return {
    port: {
      write: (bytes) => (write ? write(bytes) : Promise.reject(new Error("the line is away"))),
      onData: (heard) => {
        listener = heard;
        return () => {
          listener = undefined;
        };
      },
    },
    close: () => line.close(),
  };
}

/** Writes down what a reader's doors are told. */
class Health {
  readonly #records: string[];
  #alive = true;

  constructor(records: string[]) {
    this.#records = records;
  }

  get alive(): boolean {
    return this.#alive;
  }

  set alive(alive: boolean) {
    if (alive !== this.#alive) this.#records.push(alive ? "reader-back" : "reader-silent");
    this.#alive = alive;
  }

  tampered(detail: string): void {
    this.#records.push(`tamper ${detail}`);
  }
}

/** A panel and readers, each on a serial port of its own, on one line with a man in the middle. */
export class PtyStand {
  readonly hub = new PtyHub();
  readonly events: OsdpEvent[] = [];
  /** What the doors of these readers put on the record, as a `limen-bus` does. */
  readonly records: string[] = [];
  readonly readers: Peripheral[] = [];
  bus!: OsdpBus;
  readonly #ends = new Map<string, FarEnd>();
  readonly #health = new Health(this.records);
  #close: () => Promise<void> = () => Promise.resolve();

  static async start(
    readers: PeripheralOptions[],
    devices: OsdpDevice[],
    timing: Partial<Timing> = brisk,
  ): Promise<PtyStand> {
    const stand = new PtyStand();
    await stand.hub.plug("panel");
    for (const options of readers) await stand.connect(new Peripheral(options));
    const { port, close } = serialPort(stand.hub.path("panel"));
    stand.#close = close;
    stand.bus = createOsdpBus({
      port,
      baud,
      clock: systemClock,
      timers: systemTimers,
      devices,
      onEvent: (event) => {
        stand.events.push(event);
        tellOf(event, stand.#health);
      },
      timing,
    });
    stand.bus.start();
    return stand;
  }

  /** Puts a reader on the line. */
  async connect(reader: Peripheral): Promise<void> {
    if (!this.readers.includes(reader)) this.readers.push(reader);
    const name = `reader${this.readers.indexOf(reader)}`;
    const end = await FarEnd.open(await this.hub.plug(name), baud);
    end.port.on("data", (bytes: Buffer) => {
      for (const answer of reader.receive(bytes)) end.say(answer).catch(() => undefined);
    });
    this.#ends.set(name, end);
  }

  /** Takes it off, and its power with it. */
  async disconnect(reader: Peripheral): Promise<void> {
    const name = `reader${this.readers.indexOf(reader)}`;
    await this.hub.unplug(name);
    await this.#ends.get(name)?.close();
    this.#ends.delete(name);
    reader.powerCycle();
  }

  async end(): Promise<void> {
    this.bus?.stop();
    await this.#close();
    for (const end of this.#ends.values()) await end.close();
    await this.hub.remove();
  }

  get reader(): Peripheral {
    return this.readers[0]!;
  }

  state(address = 0): string {
    return this.bus.state(address).state;
  }

  async online(address = 0): Promise<void> {
    await until(() => this.state(address) === "online", `reader ${address} online`);
  }

  alarms(): string[] {
    return this.events.flatMap((event) => (event.kind === "alarm" ? [event.alarm] : []));
  }

  /** Raised on the line, and put on the record of the reader's doors, where it stands as an alarm. */
  async alarmed(alarm: string, address = 0): Promise<void> {
    await until(() => this.alarms().includes(alarm), `the alarm ${alarm}`);
    const record = alarm === "out-of-service" ? "reader-silent" : `tamper osdp ${address} ${alarm}`;
    if (!this.records.includes(record)) throw new Error(`not on the record: ${record}`);
  }

  cards(): string[] {
    return this.events.flatMap((event) => (event.kind === "card" ? [event.hex] : []));
  }

  /** The door serves those it should: a card that is shown now arrives. */
  async usable(hex = "A4CB016900", reader = this.reader): Promise<void> {
    const before = this.cards().length;
    reader.reports.length = 0;
    reader.card(34, hex);
    await until(() => this.cards().length > before, "a card");
    if (this.cards().slice(before).join() !== hex)
      throw new Error(`another card came: ${this.cards().join()}`);
  }

  /** Frames the panel said, in hex. */
  said(): string[] {
    return this.hub.heard.flatMap(({ by, hex }) => (by === "panel" ? [hex] : []));
  }
}
