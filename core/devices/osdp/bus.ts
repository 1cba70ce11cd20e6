import { randomBytes } from "node:crypto";
import type { Clock } from "../../clock.ts";
import { LimenError } from "../../errors.ts";
import type { Timers } from "../relays/host-timed.ts";
import { Device } from "./device.ts";
import type { Alarm, DeviceState, OsdpEvent } from "./events.ts";
import { checkKey, newKey, type Random } from "./keys.ts";
import { Line, type OsdpPort } from "./line.ts";
import { type PairOptions, runPairing, secretFor } from "./pair.ts";
import type { Paired } from "./pairing.ts";
import type { Quirk } from "./quirks.ts";
import type { Capability, Identity, Reply } from "./replies.ts";
import { commandFor, type Request } from "./requests.ts";
import { defaultTiming, type Timing } from "./timing.ts";

/** One device of the line. The secure channel is not an option: without it nothing a device says counts. */
export interface OsdpDevice {
  /** 0 to 126. */
  address: number;
  /** Its own base key, 16 bytes; absent until it has been paired. */
  key?: Buffer;
  /** What it was when it was paired (see `pair`): another maker, model or serial is an alarm. */
  identity?: Identity;
  quirks?: readonly Quirk[];
}

export interface OsdpBusOptions {
  port: OsdpPort;
  /** Bits a second: how long bytes take is added to how long a device may. */
  baud?: number;
  clock: Clock;
  timers: Timers;
  devices: readonly OsdpDevice[];
  /** Called in order, from within the poll loop: it must not throw and may call `send`. */
  onEvent(event: OsdpEvent): void;
  random?: Random;
  timing?: Partial<Timing>;
}

/** A device as it stands now. Holds no key. */
export interface DeviceView {
  address: number;
  state: DeviceState;
  /** Whether it answers at all, be it in clear. */
  present: boolean;
  /** Since it last said something that counts, ms; absent: never. */
  heardAgo?: number;
  identity?: Identity;
  capabilities: readonly Capability[];
  /** How often each alarm was raised since the start. */
  alarms: Readonly<Partial<Record<Alarm, number>>>;
}

const addresses = { least: 0, most: 126 };

/** A control panel's end of one line: polls every device in turn, one exchange at a time. */
export class OsdpBus {
  readonly #options: OsdpBusOptions;
  readonly #timing: Timing;
  readonly #devices = new Map<number, Device>();
  readonly #line: Line;

  constructor(options: OsdpBusOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    for (const device of options.devices) this.#add(device);
    const { port, baud = 9600, clock, timers } = options;
    this.#line = new Line({ port, baud, clock, timers, timing: this.#timing, devices: this.#all });
  }

  start(): void {
    this.#line.start();
  }

  /** Ends all that waits; may be started again. Outputs that are on end by their own timers. */
  stop(): void {
    this.#line.stop();
    for (const device of this.#all) device.stop();
  }

  /**
   * Asks a device for something and answers with its reply.
   * @throws LimenError `osdp-address` for none of ours; `osdp-offline` at once, nothing is kept for later; others as
   *   `Device.request` and `commandFor` say
   */
  async send(address: number, request: Request): Promise<Reply> {
    const reply = this.#device(address).request(commandFor(request), this.#now());
    this.#line.wake();
    return await reply;
  }

  /**
   * Gives one device a new random key, because an operator asked for it and only as long as that takes.
   * @returns the key, for the key store alone; the device is online with it
   * @throws LimenError `osdp-pairing-busy` while another runs, `osdp-unpaired` without an own key to use,
   *   `osdp-pairing-failed` with a reason when the time is over; the device then stands as before
   */
  async pair(address: number, options: PairOptions = {}): Promise<Paired> {
    const device = this.#device(address);
    if (!this.#line.running) throw new LimenError("osdp-offline", { status: 502 });
    this.#alone();
    const under = secretFor(device, options.under ?? "public");
    const used = this.#all.flatMap(({ key }) => (key ? [key] : []));
    const key = newKey(used, this.#options.random);
    await options.keep?.(Buffer.from(key));
    this.#alone();
    const paired = runPairing(device, { ...options, key, under, timers: this.#options.timers });
    this.#line.wake();
    return await paired;
  }

  /** @throws LimenError `osdp-address` for none of ours */
  state(address: number): DeviceView {
    const { standing, heardAt } = this.#device(address);
    const { state, identity, capabilities, alarms } = standing;
    const heardAgo = this.#now() - heardAt;
    const present = heardAgo < 2 * this.#timing.knock;
    const heard = Number.isFinite(heardAgo) ? { heardAgo } : {};
    return { address, state, present, ...heard, ...(identity ? { identity } : {}), capabilities, alarms };
  }

  get #all(): Device[] {
    return [...this.#devices.values()];
  }

  #add({ address, key, identity, quirks = [] }: OsdpDevice): void {
    const wrong = !Number.isInteger(address) || address < addresses.least || address > addresses.most;
    if (wrong || this.#devices.has(address)) throw badAddress();
    if (key)
      checkKey(
        key,
        this.#all.flatMap((other) => other.key ?? []),
      );
    const device = new Device({
      address,
      ...(key ? { key } : {}),
      ...(identity ? { identity } : {}),
      quirks: new Set(quirks),
      timing: this.#timing,
      random: this.#options.random ?? randomBytes,
      emit: this.#options.onEvent,
    });
    this.#devices.set(address, device);
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }

  /** One pairing at a time: a fake reader must not get the key meant for another. */
  #alone(): void {
    if (this.#all.some(({ pairing }) => pairing)) throw new LimenError("osdp-pairing-busy", { status: 409 });
  }

  #device(address: number): Device {
    const device = this.#devices.get(address);
    if (!device) throw badAddress(404);
    return device;
  }
}

const badAddress = (status = 400): LimenError =>
  new LimenError("osdp-address", { field: "/address", params: { field: "/address" }, status });

/** A control panel for one line; `start` begins. @throws LimenError `osdp-address`, or what `checkKey` says of a key */
export const createOsdpBus = (options: OsdpBusOptions): OsdpBus => new OsdpBus(options);
