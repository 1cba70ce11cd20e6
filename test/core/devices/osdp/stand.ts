import {
  createOsdpBus,
  type OsdpBus,
  type OsdpBusOptions,
  type OsdpDevice,
  type OsdpEvent,
  type OsdpPort,
} from "../../../../core/devices/osdp/index.ts";
import { Peripheral, type PeripheralOptions } from "../../../device/osdp/peripheral.ts";
import { MovedTime } from "../moved-time.ts";

export const keyA: Buffer = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f1", "hex");
export const keyB: Buffer = Buffer.from("77f0cb9a1d0347c28e5510d2ab9934ee", "hex");

/** A line in memory: whatever one says, every other hears, a moment later. */
export class MemoryLine implements OsdpPort {
  readonly peripherals: Peripheral[];
  /** Everything said, in hex, in order. */
  readonly said: { by: "panel" | "device"; hex: string }[] = [];
  /** What becomes of bytes on their way: none, others, more. */
  toPanel: (bytes: Buffer) => Buffer[] = (bytes) => [bytes];
  toDevices: (bytes: Buffer) => Buffer[] = (bytes) => [bytes];
  delay = 3;
  echo = false;
  /** Writing fails: the adapter is unplugged. */
  gone = false;
  readonly #time: MovedTime;
  #listener: ((bytes: Uint8Array) => void) | undefined;

  constructor(time: MovedTime, peripherals: Peripheral[]) {
    this.#time = time;
    this.peripherals = peripherals;
  }

  onData(listener: (bytes: Uint8Array) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = undefined;
    };
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.gone) return Promise.reject(new Error("the line is away"));
    const said = Buffer.from(bytes);
    this.said.push({ by: "panel", hex: said.toString("hex") });
    if (this.echo) this.inject(said);
    for (const heard of this.toDevices(said))
      for (const peripheral of this.peripherals)
        for (const answer of peripheral.receive(heard)) {
          this.said.push({ by: "device", hex: answer.toString("hex") });
          for (const part of this.toPanel(answer)) this.#time.after(this.delay, () => this.inject(part));
        }
    return Promise.resolve();
  }

  /** Bytes that reach the panel now, whoever said them. */
  inject(bytes: Buffer): void {
    if (!this.gone) this.#listener?.(bytes);
  }
}

/** A panel and its devices, on a line in memory and on time moved by hand. */
export class Stand {
  readonly time: MovedTime;
  readonly events: OsdpEvent[] = [];
  readonly line: MemoryLine;
  readonly bus: OsdpBus;

  constructor(
    peripherals: (PeripheralOptions | Peripheral)[],
    devices: OsdpDevice[],
    options: Partial<OsdpBusOptions> = {},
    time = new MovedTime(),
  ) {
    this.time = time;
    this.line = new MemoryLine(
      this.time,
      peripherals.map((one) => (one instanceof Peripheral ? one : new Peripheral(one))),
    );
    this.bus = createOsdpBus({
      port: this.line,
      clock: this.time,
      timers: this.time,
      devices,
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  /** One reader at address 0, keyed on both ends, and online. */
  static async online(options: Partial<OsdpBusOptions> = {}, time = new MovedTime()): Promise<Stand> {
    const stand = new Stand([{ address: 0, key: keyA }], [{ address: 0, key: keyA }], options, time);
    stand.bus.start();
    await stand.time.move(1000);
    return stand;
  }

  get reader(): Peripheral {
    return this.line.peripherals[0]!;
  }

  of<K extends OsdpEvent["kind"]>(kind: K): Extract<OsdpEvent, { kind: K }>[] {
    return this.events.filter((event) => event.kind === kind) as Extract<OsdpEvent, { kind: K }>[];
  }

  alarms(): string[] {
    return this.of("alarm").map(({ alarm }) => alarm);
  }

  state(address = 0): string {
    return this.bus.state(address).state;
  }
}
