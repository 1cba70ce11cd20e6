import { systemClock } from "../../core/clock.ts";
import {
  createOsdpBus,
  type DeviceView,
  type Identity,
  type OsdpBus,
  type OsdpDevice,
  type OsdpEvent,
  type PairOptions,
  type Request,
} from "../../core/devices/osdp/index.ts";
import { systemTimers } from "../../core/devices/relays/host-timed.ts";
import type { Method } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import { BusState, type OpenBus } from "./bus.ts";
import type { ReaderHealth } from "./reader-health.ts";
import type { ReaderKeys } from "./reader-keys.ts";
import { SerialLine } from "./serial-line.ts";

interface LineSettings {
  path: string;
  baudRate: number;
  devices: OsdpDevice[];
  keys: ReaderKeys;
  /** Tells the doors of a reader how it is. */
  health(address: number): ReaderHealth;
}

/** What a `limen-bus` of kind `osdp` offers beside its outputs. */
export interface Readers {
  /** Calls back with what one reader reports. @returns stops that */
  onReader(address: number, listener: (event: OsdpEvent) => void): () => void;
  /** A node of a door relies on a reader: the door is told when it dies. @returns takes it back */
  watch(address: number, door: string, ways: readonly Method[]): () => void;
  /** Light, sound, text. Resolves when the reader has taken it; rejects as `OsdpBus.send` does. */
  send(address: number, request: Request): Promise<void>;
  /**
   * Gives a reader a key of its own, which stays here: one that an operator has put into install mode, or (`under: "own"`)
   * a working one that gets a new key under the one it has.
   * @returns who it is @throws LimenError as `OsdpBus.pair` does; `osdp-works` for one that works under its key and would
   *   be taken from its door for nothing
   */
  pair(address: number, options?: Omit<PairOptions, "keep">): Promise<Identity | undefined>;
  /** All keys, for the node's encrypted field and nothing else. */
  readonly keys: string;
  readonly readers: DeviceView[];
  reader(address: number): DeviceView;
}

/** How long a line that closes waits for readers to take their OFF, ms. */
const offMs = 1000;

const failed = (): LimenError => new LimenError("relay-failed", { status: 502 });

/** OSDP readers on one RS-485 line. Their outputs are relays whose pulses the reader itself times. */
export class OsdpLine implements OpenBus, Readers {
  readonly #bus: OsdpBus;
  readonly #line: SerialLine;
  readonly #state = new BusState();
  readonly #listeners = new Map<number, Set<(event: OsdpEvent) => void>>();
  readonly #keys: ReaderKeys;
  readonly #addresses: number[];
  readonly #online = new Set<number>();
  readonly #offs = new Set<Promise<void>>();
  readonly #health: Map<number, ReaderHealth>;
  #write: ((bytes: Uint8Array) => Promise<void>) | undefined;
  #heard: (bytes: Uint8Array) => void = () => undefined;

  /** @throws LimenError as `createOsdpBus` does: an address or a key that is none */
  constructor({ path, baudRate, devices, keys, health }: LineSettings) {
    this.#keys = keys;
    this.#health = new Map(devices.map(({ address }) => [address, health(address)]));
    this.#addresses = devices.map(({ address }) => address);
    this.#bus = createOsdpBus({
      port: {
        write: (bytes) => this.#write?.(bytes) ?? Promise.reject(failed()),
        onData: (listener) => {
          this.#heard = listener;
          return () => {
            this.#heard = () => undefined;
          };
        },
      },
      baud: baudRate,
      clock: systemClock,
      timers: systemTimers,
      devices,
      onEvent: (event) => this.#tell(event),
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
    this.#bus.start();
    return this;
  }

  /** Whether any reader is online: which one does not answer shows when it is told something. */
  get up(): boolean {
    return this.#state.up;
  }

  onState(listener: (up: boolean) => void): () => void {
    return this.#state.on(listener);
  }

  async pulse(unit: number, channel: number, ms: number): Promise<void> {
    try {
      await this.#bus.send(unit, { kind: "pulse", output: channel - 1, ms });
    } catch {
      throw failed();
    }
  }

  async off(unit: number, channel: number): Promise<void> {
    const told = this.#bus.send(unit, { kind: "off", output: channel - 1 }).then(
      () => undefined,
      () => undefined,
    );
    this.#offs.add(told);
    await told;
    this.#offs.delete(told);
  }

  async isOn(unit: number, channel: number): Promise<boolean | undefined> {
    const reply = await this.#bus.send(unit, { kind: "output-status" }).catch(() => undefined);
    return reply?.kind === "output-status" ? reply.outputs[channel - 1] : undefined;
  }

  onReader(address: number, listener: (event: OsdpEvent) => void): () => void {
    const { state } = this.#bus.state(address); // an address the line does not have is a mistake now, not later
    const listeners = this.#listeners.get(address) ?? new Set();
    this.#listeners.set(address, listeners.add(listener));
    listener({ kind: "state", address, state });
    return () => listeners.delete(listener);
  }

  watch(address: number, door: string, ways: readonly Method[]): () => void {
    this.#bus.state(address); // as above
    return this.#health.get(address)!.use(door, ways);
  }

  async send(address: number, request: Request): Promise<void> {
    await this.#bus.send(address, request);
  }

  async pair(address: number, options: Omit<PairOptions, "keep"> = {}): Promise<Identity | undefined> {
    if (options.under !== "own" && this.reader(address).state === "online")
      throw new LimenError("osdp-works", { status: 409 });
    let putBack = (): void => undefined;
    const keep = (key: Buffer): Promise<void> => {
      putBack = this.#keys.keep(address, key);
      return Promise.resolve();
    };
    try {
      const { identity } = await this.#bus.pair(address, { ...options, keep });
      this.#keys.done(address, identity);
      return identity;
    } catch (error) {
      putBack();
      throw error;
    }
  }

  get keys(): string {
    return this.#keys.text;
  }

  get readers(): DeviceView[] {
    return this.#addresses.map((address) => this.reader(address));
  }

  reader(address: number): DeviceView {
    return this.#bus.state(address);
  }

  /** An OFF that is on its way is heard first: a pulse is not left to end by itself because a flow stops. */
  async close(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // nodes that close with this one say theirs now
    const late = AbortSignal.timeout(offMs);
    while (this.#offs.size > 0 && !late.aborted)
      await Promise.race([...this.#offs, new Promise((resolve) => late.addEventListener("abort", resolve))]);
    this.#bus.stop();
    this.#state.set(false);
    for (const health of this.#health.values()) health.close();
    await this.#line.close();
  }

  #tell(event: OsdpEvent): void {
    if (event.kind === "state") {
      if (event.state === "online") this.#online.add(event.address);
      else this.#online.delete(event.address);
      this.#state.set(this.#online.size > 0);
    }
    const health = this.#health.get(event.address);
    if (health) tellOf(event, health);
    for (const listener of this.#listeners.get(event.address) ?? []) listener(event);
  }
}

/** For the record and the door wall: how a reader is, and what somebody did to it or to its line. */
export function tellOf(event: OsdpEvent, health: Pick<ReaderHealth, "alive" | "tampered">): void {
  const { address, kind } = event;
  if (kind === "state" && event.state === "online") health.alive = true;
  if (kind === "tamper" && event.on) health.tampered(`osdp ${address} housing`);
  if (kind !== "alarm") return;
  if (event.alarm === "out-of-service") health.alive = false;
  else health.tampered(`osdp ${address} ${event.alarm}`);
}

/**
 * Keys as they stand in the node's encrypted field: `0=<32 hex digits>`, one reader after the other, with blanks,
 * commas or line ends between.
 * @throws LimenError `osdp-keys-form`
 */
export function keysOf(text: string): Map<number, Buffer> {
  const keys = new Map<number, Buffer>();
  for (const entry of text.split(/[\s,;]+/).filter(Boolean)) {
    const [, address, key] = /^(\d{1,3})[=:]([0-9a-f]{32})$/i.exec(entry) ?? [];
    if (!address || !key || keys.has(Number(address)))
      throw new LimenError("osdp-keys-form", { field: "/keys", params: { field: "/keys" } });
    keys.set(Number(address), Buffer.from(key, "hex"));
  }
  return keys;
}
