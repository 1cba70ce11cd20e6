import type { Clock } from "../../../core/clock.ts";
import { crc16, flashOn, rtuFrame } from "../../../core/devices/relays/waveshare.ts";

/** How long a lock's own configuration releases it where a message cannot say so (ESPHome), ms. */
export const ownPulseMs = 5000;

/**
 * A lock that believes everything: no expiry looked at, no id remembered. What it is told, it does, for as long as its
 * kind of device would.
 */
export class ModelRelay {
  readonly #time: Pick<Clock, "monotonic">;
  /** Released until then, model ms; 0: never was. */
  until = 0;
  /** Every release: when, and how long for. */
  readonly released: { at: number; ms: number }[] = [];
  /** How often it was told OFF while it was on. */
  shut = 0;
  #tasmotaPulse = 0;

  constructor(time: Pick<Clock, "monotonic">) {
    this.#time = time;
  }

  get on(): boolean {
    return this.until > this.#time.monotonic();
  }

  reset(): void {
    this.until = this.shut = 0;
    this.released.length = 0;
    this.#tasmotaPulse = 0;
  }

  #release(ms: number): void {
    const at = this.#time.monotonic();
    this.released.push({ at, ms });
    this.until = at + ms;
  }

  off(): void {
    if (this.on) this.shut++;
    this.until = 0;
  }

  /** What a device of this kind does with a message. Anything it does not know keeps it on for ever. */
  hear(drive: string, topic: string, text: string): void {
    switch (drive) {
      case "shelly": {
        const { method, params } = JSON.parse(text);
        if (method !== "Switch.Set" || params.id !== 0) return;
        if (params.on) this.#release((params.toggle_after ?? Number.POSITIVE_INFINITY) * 1000);
        else this.off();
        return;
      }
      case "tasmota":
        for (const part of topic.endsWith("/Backlog") ? text.split(";") : []) {
          const [command, value] = part.trim().split(" ");
          if (command === "PulseTime1") this.#tasmotaPulse = Number(value);
          if (command !== "Power1") continue;
          const pulse = this.#tasmotaPulse;
          const ms =
            pulse === 0 ? Number.POSITIVE_INFINITY : pulse <= 111 ? pulse * 100 : (pulse - 100) * 1000;
          if (value === "ON") this.#release(ms);
          else this.off();
        }
        return;
      case "esphome":
        if (text === "ON" || text === "OPEN") this.#release(ownPulseMs);
        return;
      case "zigbee2mqtt": {
        const { state, on_time: seconds } = JSON.parse(text);
        if (state !== "ON") {
          this.off();
          return;
        }
        // "On with timed off" to one that is on: the longer of the two (ZCL 3.8.2.3.6)
        const ms = (seconds ?? Number.POSITIVE_INFINITY) * 1000;
        this.#release(Math.max(ms, this.until - this.#time.monotonic()));
        return;
      }
      case "generic": {
        const { action, seconds } = JSON.parse(text);
        if (action === "open") this.#release(seconds * 1000);
        return;
      }
      default:
        throw new Error(`no model of ${drive}`);
    }
  }

  /** A Waveshare board at unit 1. @returns its answer; undefined: it says nothing */
  modbus(request: Uint8Array): Uint8Array | undefined {
    const body = request.subarray(0, -2);
    const crc = crc16(body);
    if (request[0] !== 1 || request.at(-2) !== (crc & 0xff) || request.at(-1) !== crc >> 8) return undefined;
    const [, code, high, low, first, second] = request;
    if (code === 1) return rtuFrame(1, 1, [1, this.on ? 1 : 0]);
    if (code !== 5) return undefined;
    if (high === flashOn(1, 100)[0] && low === 0) this.#release(((first! << 8) | second!) * 100);
    else if (high === 0 && low === 0 && first === 0xff) this.#release(Number.POSITIVE_INFINITY);
    else if (high === 0 && low === 0 && first === 0) this.off();
    return request;
  }

  /** An LCUS board: it times nothing. */
  lcus(frame: Uint8Array): void {
    if (frame[1] !== 1) return;
    if (frame[2] === 1) this.#release(Number.POSITIVE_INFINITY);
    else this.off();
  }
}
