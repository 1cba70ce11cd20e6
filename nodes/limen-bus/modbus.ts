import type { EventEmitter } from "node:events";
import modbus from "modbus-serial";
import { systemClock } from "../../core/clock.ts";
import { coilOff, flashOn, writeCoil } from "../../core/devices/relays/waveshare.ts";
import { LimenError } from "../../core/errors.ts";
import { BusState, type OpenBus } from "./bus.ts";
import { longestWaitMs } from "./keeper-protocol.ts";
import { Turns } from "./turns.ts";

type Client = InstanceType<typeof modbus.default>;

const firstPauseMs = 100;
const longestPauseMs = 2000;
/** A board answers in a few milliseconds; one that has not by now has not heard. */
const answerMs = 500;

/** A dead board is known within this, and not when somebody stands at the door. */
const idleMs = 30_000;

const failed = (): LimenError => new LimenError("relay-failed", { status: 502 });

/** What the library answers while it keeps the raw bytes. */
interface Exchange {
  request?: Uint8Array;
  responses?: Uint8Array[];
}

/**
 * Waveshare Modbus RTU relays, one request at a time. The board times the pulse. Only an answer that repeats the request
 * byte for byte counts: boards of the older protocol answer something else.
 */
export class ModbusBus implements OpenBus {
  readonly idleMs: number;
  readonly #path: string;
  readonly #baudRate: number;
  readonly #state = new BusState();
  #client: Client | undefined;
  readonly #turns = new Turns(systemClock);
  #pause = firstPauseMs;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ path, baudRate, ...more }: { path: string; baudRate: number; idleMs?: number }) {
    this.idleMs = more.idleMs ?? idleMs;
    this.#path = path;
    this.#baudRate = baudRate;
  }

  open(): this {
    const client = new modbus.default();
    Object.assign(client, { isDebugEnabled: true }); // keeps the raw bytes: the parsed answer hides the value that must be echoed
    client.setTimeout(answerMs);
    client.on("error", () => undefined); // `close`, or the missing answer, says it
    client.on("close", () => this.#lost());
    client.connectRTUBuffered(this.#path, { baudRate: this.#baudRate }).then(
      () => {
        // when it closes, the library stops listening before a write that hangs has failed: nobody would catch that
        (client as unknown as { _port?: EventEmitter })._port?.on("error", () => undefined);
        if (this.#closed) return client.close(() => undefined);
        this.#client = client;
        this.#pause = firstPauseMs;
        this.#state.set(true);
      },
      () => this.#again(),
    );
    return this;
  }

  get up(): boolean {
    return this.#state.up;
  }

  onState(listener: (up: boolean) => void): () => void {
    return this.#state.on(listener);
  }

  async pulse(unit: number, channel: number, ms: number): Promise<void> {
    const told = performance.now();
    const heard = await this.#ask(unit, flashOn(channel, ms), longestWaitMs);
    if (!heard || !(await this.#wentOn(unit, channel, told + ms))) throw failed();
  }

  /**
   * Asks the relay itself: an adapter that echoes repeats a request byte for byte, like a board, when there is no board.
   * @param until monotonic ms: by then a pulse may be over, and a relay that is off has been on
   */
  async #wentOn(unit: number, channel: number, until: number): Promise<boolean> {
    const on = (await this.isOn(unit, channel)) ?? (await this.isOn(unit, channel)); // one answer may be lost
    return on === true || (on === false && performance.now() >= until);
  }

  async off(unit: number, channel: number): Promise<void> {
    await this.#ask(unit, coilOff(channel));
  }

  /** FC01, read coils. */
  async isOn(unit: number, channel: number): Promise<boolean | undefined> {
    const read = await this.#inTurn(unit, (client) => client.readCoils(channel - 1, 1));
    return read?.data[0];
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    await this.#turns.over();
    const client = this.#client;
    if (client?.isOpen) await new Promise<void>((resolve) => client.close(() => resolve()));
  }

  /** Whether the board repeated the request. @param unit 1 to 247; 0 would be every board on the bus */
  async #ask(unit: number, data: number[], longestMs?: number): Promise<boolean> {
    const exchange = await this.#inTurn(
      unit,
      (client) => client.customFunction(writeCoil, data) as Promise<Exchange>,
      longestMs,
    );
    const { request, responses } = exchange ?? {};
    return request !== undefined && Buffer.concat(responses ?? []).equals(request);
  }

  /** One request after the other. @returns undefined when the line is away, or nobody answered as they must */
  #inTurn<Answer>(
    unit: number,
    run: (client: Client) => Promise<Answer>,
    longestMs?: number,
  ): Promise<Answer | undefined> {
    return this.#turns.take(async () => {
      const client = this.#client;
      if (!client?.isOpen || unit < 1 || unit > 247) return undefined;
      client.setID(unit);
      try {
        return await run(client);
      } catch {
        return undefined;
      }
    }, longestMs);
  }

  #lost(): void {
    this.#client = undefined;
    this.#state.set(false);
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.open(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, longestPauseMs);
  }
}
