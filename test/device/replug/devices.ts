import { createServer, type Server, type Socket } from "node:net";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { systemClock } from "../../../core/clock.ts";
import type { AlarmKind } from "../../../core/entry/alarms.ts";
import { ModelRelay } from "../../nodes/relay-out/model-relay.ts";
import { type Broker, aedes as startAedes } from "../brokers.ts";
import { FarEnd, PtyLine } from "../lines.ts";
import type { Peripheral } from "../osdp/peripheral.ts";
import type { PtyStand } from "../osdp/pty-stand.ts";

/** Something at a door that can be pulled out and plugged in again. */
export interface Device {
  readonly name: string;
  /** Alarms of which one must stand at its door while it is away. */
  readonly missed: readonly AlarmKind[];
  /** Its alarm waits a quarter of a minute, as for all lines that may be away for a moment. */
  readonly slow?: boolean;
  /** A reader: while it is away nobody can tap. */
  readonly reads?: boolean;
  away(): Promise<void>;
  back(): Promise<void>;
  /** Limen has found it since it came back. */
  found(): boolean;
}

/** What a lock did. */
export interface Lock {
  /** How often it was released. */
  readonly opened: number;
  readonly on: boolean;
}

export const newLock = (): ModelRelay & Lock =>
  Object.defineProperty(new ModelRelay(systemClock), "opened", {
    get(this: ModelRelay) {
      return this.released.length;
    },
  }) as ModelRelay & Lock;

/** A serial device behind an adapter of its own. What it says while it is away is gone. */
export class SerialDevice implements Device {
  readonly line = new PtyLine();
  readonly name: string;
  readonly missed: readonly AlarmKind[];
  readonly slow: boolean;
  readonly reads: boolean;
  readonly #baud: number;
  readonly #hear: (() => (bytes: Buffer) => void) | undefined;
  #end: FarEnd | undefined;

  /** @param hear makes what it does with bytes, anew each time it gets power; absent: it only speaks, and nothing shows that it was found */
  constructor(
    name: string,
    missed: readonly AlarmKind[],
    {
      baud = 9600,
      hear,
      slow = false,
      reads = false,
    }: { baud?: number; hear?: () => (bytes: Buffer) => void; slow?: boolean; reads?: boolean },
  ) {
    this.name = name;
    this.missed = missed;
    this.slow = slow;
    this.reads = reads;
    this.#baud = baud;
    this.#hear = hear;
  }

  async back(): Promise<void> {
    await this.line.plug();
    this.#end = await FarEnd.open(this.line.far, this.#baud);
    const hear = this.#hear?.();
    this.#end.port.on("data", (bytes: Buffer) => hear?.(bytes));
  }

  async away(): Promise<void> {
    const end = this.#end;
    this.#end = undefined;
    await end?.close();
    await this.line.unplug();
  }

  found(): boolean {
    return this.#hear === undefined || (this.#end?.received.length ?? 0) > 0;
  }

  async say(bytes: Uint8Array): Promise<void> {
    await this.#end?.say(bytes).catch(() => undefined);
  }

  async end(): Promise<void> {
    await this.away();
    await this.line.remove();
  }
}

/** A board that lost its power behind an adapter that works. */
export class Unpowered implements Device {
  readonly name: string;
  readonly missed: readonly AlarmKind[];
  dead = false;

  constructor(name: string, missed: readonly AlarmKind[]) {
    this.name = name;
    this.missed = missed;
  }

  away(): Promise<void> {
    this.dead = true;
    return Promise.resolve();
  }

  back(): Promise<void> {
    this.dead = false;
    return Promise.resolve();
  }

  /** Nobody speaks to a relay that rests: that it answers again shows at the next card. */
  found(): boolean {
    return true;
  }
}

/** Cuts Modbus requests out of what comes over a line: those that are asked of relays are all eight bytes long. */
export function modbusBoard(lock: ModelRelay, power: Unpowered, say: (bytes: Uint8Array) => unknown) {
  let rest = Buffer.alloc(0);
  return (bytes: Buffer): void => {
    for (rest = Buffer.concat([rest, bytes]); rest.length >= 8; rest = rest.subarray(8)) {
      const answer = power.dead ? undefined : lock.modbus(rest.subarray(0, 8));
      if (answer) say(answer);
    }
  };
}

export function lcusBoard(lock: ModelRelay) {
  let rest = Buffer.alloc(0);
  return (bytes: Buffer): void => {
    for (rest = Buffer.concat([rest, bytes]); rest.length >= 4; rest = rest.subarray(4))
      lock.lcus(rest.subarray(0, 4));
  };
}

/** A device of a broker. It goes as with a power cut: its connection breaks, and the broker says its last will. */
export class MqttDevice implements Device {
  readonly name: string;
  readonly missed: readonly AlarmKind[];
  readonly reads: boolean;
  readonly #url: () => string;
  readonly #options: IClientOptions;
  readonly #topics: readonly string[];
  readonly #hear: (topic: string, text: string) => void;
  readonly #greet: () => void;
  #client: MqttClient | undefined;

  constructor(
    name: string,
    missed: readonly AlarmKind[],
    {
      url,
      will,
      topics = [],
      hear = () => undefined,
      greet = () => undefined,
      reads = false,
    }: {
      url: () => string;
      will?: string;
      topics?: readonly string[];
      hear?: (topic: string, text: string) => void;
      /** What it says of itself when it has connected. */
      greet?: () => void;
      reads?: boolean;
    },
  ) {
    this.name = name;
    this.missed = missed;
    this.reads = reads;
    this.#url = url;
    this.#topics = topics;
    this.#hear = hear;
    this.#greet = greet;
    this.#options = {
      protocolVersion: 4,
      reconnectPeriod: 0,
      // a broker that keeps a session for it is the harder case: whatever is kept comes when it is back
      ...{ clientId: name.replaceAll(" ", "-"), clean: false },
      ...(will !== undefined && {
        will: { topic: will, payload: Buffer.from("off"), qos: 0, retain: false },
      }),
    };
  }

  async back(): Promise<void> {
    const client = await connectAsync(this.#url(), this.#options);
    this.#client = client;
    client.on("error", () => undefined);
    client.on("message", (topic, payload) => this.#hear(topic, payload.toString()));
    for (const topic of this.#topics) await client.subscribeAsync(topic, { qos: 1 });
    this.#greet();
  }

  async away(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    client?.stream.destroy();
    await client?.endAsync(true);
  }

  found(): boolean {
    return this.#client !== undefined;
  }

  say(topic: string, text: string): void {
    this.#client?.publish(topic, text, { qos: 0 }, () => undefined);
  }
}

/** A broker on a box of its own, with the devices that are connected to it. */
export class FarBroker implements Device {
  readonly name = "broker";
  readonly missed = ["reader-silent"] as const;
  readonly slow = true;
  readonly reads = true;
  readonly devices: MqttDevice[] = [];
  #broker: Broker | undefined;
  #port = 0;

  get port(): number {
    return this.#port;
  }

  async back(): Promise<void> {
    this.#broker = await startAedes(this.#port);
    this.#port = this.#broker.port;
    for (const device of this.devices) await device.back();
  }

  async away(): Promise<void> {
    for (const device of this.devices) await device.away();
    await this.#broker?.stop();
    this.#broker = undefined;
  }

  found(): boolean {
    return true;
  }
}

/** A reader in the house's network that Node-RED calls. */
export class TcpReader implements Device {
  readonly name = "network reader";
  readonly missed = ["reader-silent"] as const;
  readonly slow = true;
  readonly reads = true;
  readonly #callers = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;

  get port(): number {
    return this.#port;
  }

  async back(): Promise<void> {
    const server = createServer((socket) => {
      this.#callers.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#callers.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as { port: number }).port;
    this.#server = server;
  }

  async away(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const socket of this.#callers) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  found(): boolean {
    return this.#callers.size > 0;
  }

  say(text: string): void {
    for (const socket of this.#callers) socket.write(text);
  }
}

/** The output of an OSDP reader, which times its pulses itself. */
export class OsdpLock implements Lock {
  readonly #reader: Peripheral;

  constructor(reader: Peripheral) {
    this.#reader = reader;
  }

  get #codes(): number[] {
    return this.#reader.obeyed.flatMap((command) =>
      command.kind === "outputs" ? command.outputs.map(({ code }) => code) : [],
    );
  }

  get opened(): number {
    return this.#codes.filter((code) => code !== 1).length;
  }

  /** Told to be on without an end (code 5 is a timed pulse). */
  get on(): boolean {
    return this.#codes.some((code) => code !== 1 && code !== 5);
  }
}

/** An OSDP reader that loses its power, or the panel's own adapter. */
export function osdpDevices(stand: PtyStand): Device[] {
  const found = (): boolean => stand.reader.secure;
  const missed = ["reader-silent"] as const;
  return [
    {
      ...{ name: "OSDP reader", missed, reads: true, found },
      away: () => stand.disconnect(stand.reader),
      back: () => stand.connect(stand.reader),
    },
    {
      ...{ name: "OSDP adapter", missed, reads: true, found },
      away: () => stand.hub.unplug("panel"),
      back: async () => void (await stand.hub.plug("panel")),
    },
  ];
}
