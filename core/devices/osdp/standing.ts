import type { Alarm, DeviceState, OsdpEvent } from "./events.ts";
import { type Capability, capabilityCodes, type Identity } from "./replies.ts";

/** What is known of one device, and told to whoever listens: its state, who it says it is, what was wrong with it. */
export class Standing {
  readonly #address: number;
  readonly #emit: (event: OsdpEvent) => void;
  readonly #outOfService: number;
  readonly #alarms = new Map<Alarm, number>();
  #state: DeviceState;
  #known: Identity | undefined;
  #capabilities: readonly Capability[] = [];
  /** Since when it has not been usable; the time of the last word of a session otherwise. */
  #usableAt: number | undefined;
  #outSaid = false;

  constructor(options: {
    address: number;
    state: DeviceState;
    identity: Identity | undefined;
    outOfService: number;
    emit(event: OsdpEvent): void;
  }) {
    this.#address = options.address;
    this.#state = options.state;
    this.#known = options.identity;
    this.#outOfService = options.outOfService;
    this.#emit = options.emit;
  }

  get state(): DeviceState {
    return this.#state;
  }

  get identity(): Identity | undefined {
    return this.#known;
  }

  get capabilities(): readonly Capability[] {
    return this.#capabilities;
  }

  get alarms(): Readonly<Partial<Record<Alarm, number>>> {
    return Object.fromEntries(this.#alarms);
  }

  become(state: DeviceState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#emit({ kind: "state", address: this.#address, state });
  }

  alarm(alarm: Alarm): void {
    const count = (this.#alarms.get(alarm) ?? 0) + 1;
    this.#alarms.set(alarm, count);
    this.#emit({ kind: "alarm", address: this.#address, alarm, count });
  }

  /** It has just said something under its own key. */
  usable(now: number): void {
    this.#usableAt = now;
    this.#outSaid = false;
  }

  /** Raises the alarm of a device that has been no use for too long. */
  watch(now: number): void {
    this.#usableAt ??= now;
    if (this.#outSaid || now - this.#usableAt < this.#outOfService) return;
    this.#outSaid = true;
    this.alarm("out-of-service");
  }

  /** @param expected whether a new face is what the operator wants (a pairing) */
  see(identity: Identity, expected: boolean): void {
    const known = this.#known;
    this.#known = identity;
    const { vendor, model, serial } = identity;
    if (known?.vendor === vendor && known.model === model && known.serial === serial) return;
    if (known && !expected) this.alarm("identity-changed");
    this.#emit({ kind: "identity", address: this.#address, identity });
  }

  /** What a device says of itself in clear is noted; it never decides whether the device has to prove its key. */
  learn(capabilities: readonly Capability[], keyed: boolean): void {
    this.#capabilities = capabilities;
    const security = capabilities.find(({ code }) => code === capabilityCodes.security);
    if (keyed && !((security?.level ?? 0) & 1)) this.alarm("downgrade");
  }
}
