import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import fc from "fast-check";
import { connectAsync, type MqttClient } from "mqtt";
import { HostTimedRelays } from "../../../core/devices/relays/host-timed.ts";
import { encodeLcus } from "../../../core/devices/relays/lcus.ts";
import { LimenError } from "../../../core/errors.ts";
import { Closed } from "../../../core/schema.ts";
import doorWatch from "../../../nodes/door-watch/door-watch.ts";
import { defineNode } from "../../../nodes/lib/define-node.ts";
import type { Message } from "../../../nodes/lib/types.ts";
import { BusState, type OpenBus } from "../../../nodes/limen-bus/bus.ts";
import { ModbusBus } from "../../../nodes/limen-bus/modbus.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import { channelsUnderFire } from "../../../nodes/relay-out/fire.ts";
import relayOut from "../../../nodes/relay-out/relay-out.ts";
import { FarEnd, has, PtyLine } from "../../device/lines.ts";
import { attemptOf, FakeVault } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";
import { ModelRelay, ownPulseMs } from "./model-relay.ts";
import { ModelTime, really } from "./model-time.ts";

const mqttNodes = createRequire(import.meta.resolve("node-red"))("@node-red/nodes/core/network/10-mqtt.js");

/** The door's usual opening. */
const usualMs = 5000;
/** A board may be told so long after its ticket was taken: a line's patience, and a message's life. */
const transitMs = 3000;
/** Devices that count whole seconds round up. */
const roundingMs = 1000;

const time = new ModelTime();
const lock = new ModelRelay(time);

/** How a drive's device is reached, and lost. */
interface Wiring {
  settings: Record<string, unknown>;
  /** Nodes beside the door's and the relay's. */
  nodes: Record<string, unknown>[];
  /** The flow is ready to tell the device. */
  ready(on: Bench): boolean;
  unplug(): Promise<void> | void;
  plug(): Promise<void> | void;
  /** The next answers of the device get lost. */
  deafen?(answers: number): void;
  /** Resolves when nothing is on its way any more. */
  quiet(): Promise<void>;
}

let makeBus: (RED: Parameters<typeof channelsUnderFire>[0]) => OpenBus;
const anyBus = defineNode({
  type: "limen-bus",
  version: 1,
  config: Closed({}),
  setup: ({ RED }) => {
    const bus = makeBus(RED);
    return { service: bus, close: () => bus.close() };
  },
});
const modules = [limenSite, limenDoor, doorWatch, relayOut, anyBus, mqttNodes] as never;

/** Through a real broker: the node's `mqtt out` on one side, the device on the other with a session that is kept. */
class MqttWiring implements Wiring {
  readonly settings: Record<string, unknown>;
  readonly #drive: string;
  readonly #topic: string;
  #broker!: Aedes;
  #server!: Server;
  #device: MqttClient | undefined;
  readonly #sockets = new Set<Socket>();
  #refuses = false;
  /** Commands that left the node, and those that the device heard. */
  #sent = 0;
  #heard = 0;
  #counted: Bench | undefined;

  constructor(drive: string, topic: string) {
    this.#drive = drive;
    this.#topic = topic;
    this.settings = { drive, topic };
  }

  async start(): Promise<void> {
    this.#broker = await Aedes.createBroker();
    this.#server = createServer((socket) => {
      if (this.#refuses) return void socket.destroy();
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      this.#broker.handle(socket);
    });
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    await this.#join();
  }

  async stop(): Promise<void> {
    await this.#device?.endAsync(true);
    await new Promise<void>((resolve) => this.#broker.close(() => resolve()));
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async #join(): Promise<void> {
    const device = await connectAsync(`mqtt://127.0.0.1:${this.#port}`, {
      ...{ protocolVersion: 4, clientId: "the-relay", clean: false, keepalive: 0, reconnectPeriod: 0 },
    });
    device.on("message", (topic, payload) => {
      this.#heard++;
      lock.hear(this.#drive, topic, payload.toString());
    });
    await device.subscribeAsync(`${this.#topic}/#`, { qos: 1 }); // the topic itself too (4.7.1.2)
    this.#device = device;
  }

  get nodes(): Record<string, unknown>[] {
    return [
      {
        ...{ id: "broker", type: "mqtt-broker", broker: "127.0.0.1", port: String(this.#port) },
        ...{ protocolVersion: "4", autoConnect: true, cleansession: true, keepalive: "0" },
      },
      { id: "mqtt", type: "mqtt out", broker: "broker", topic: "", qos: "", retain: "", wires: [] },
    ];
  }

  ready(on: Bench): boolean {
    if (this.#counted !== on) {
      this.#counted = on;
      const node = on.node("mqtt") as unknown as { on(event: string, hear: () => void): void };
      node.on("input", () => {
        this.#sent++;
      });
    }
    return this.#refuses || (on.node("broker") as unknown as { connected: boolean }).connected;
  }

  async quiet(): Promise<void> {
    for (let turn = 0; turn < 200 && this.#device && !this.#refuses && this.#heard < this.#sent; turn++)
      await really(2);
    this.#sent = this.#heard; // the rest found no broker
  }

  #away = 0;
  /** In turns the device, or the broker for everybody, is gone. */
  async unplug(): Promise<void> {
    if (this.#away++ % 2 === 0) {
      await this.#device?.endAsync(true);
      this.#device = undefined;
    } else {
      this.#refuses = true;
      for (const socket of this.#sockets) socket.destroy();
    }
  }

  async plug(): Promise<void> {
    this.#refuses = false;
    await this.#device?.endAsync(true);
    await this.#join();
    await really(5); // whatever waited for it comes now
    this.#sent = this.#heard = 0;
  }
}

/** A board on a real line, with the real driver. */
class ModbusWiring implements Wiring {
  readonly settings = { drive: "bus", bus: "bus", unit: 1, channel: 1 };
  readonly nodes = [{ id: "bus", type: "limen-bus" }];
  readonly #line = new PtyLine();
  #far!: FarEnd;
  #mute = false;
  #lost = 0;
  #bus: ModbusBus | undefined;

  async start(): Promise<void> {
    await this.#line.plug();
    this.#far = await FarEnd.open(this.#line.far);
    let heard = Buffer.alloc(0);
    this.#far.port.on("data", (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
      while (heard.length >= 8) {
        const request = heard.subarray(0, 8);
        heard = heard.subarray(8);
        if (this.#mute) continue;
        const answer = lock.modbus(request);
        if (answer && this.#lost-- <= 0) void this.#far.say(answer).catch(() => undefined);
      }
    });
    makeBus = () => {
      this.#bus = new ModbusBus({ path: this.#line.near, baudRate: 9600 }).open();
      return this.#bus;
    };
  }

  async stop(): Promise<void> {
    await this.#far.close();
    await this.#line.remove();
  }

  ready(): boolean {
    return this.#bus?.up === true;
  }

  unplug(): void {
    this.#mute = true;
  }

  plug(): void {
    this.#mute = false;
    this.#lost = 0;
  }

  deafen(answers: number): void {
    this.#lost = answers;
  }

  quiet(): Promise<void> {
    return really(4);
  }
}

/** A board that times nothing, with the driver that times it; the process which holds it has tests of its own. */
class LcusWiring implements Wiring {
  readonly settings = { drive: "bus", bus: "bus", unit: 1, channel: 1 };
  readonly nodes = [{ id: "bus", type: "limen-bus" }];
  #there = true;
  #lineUp: (() => Promise<void>) | undefined;
  #lineDown: (() => void) | undefined;

  start(): void {
    makeBus = (RED) => {
      const state = new BusState();
      const relays = new HostTimedRelays({
        ...{ encode: encodeLcus, channels: [1], clock: time, timers: time },
        held: channelsUnderFire(RED, "bus"),
      });
      this.#lineUp = async () => {
        await relays.lineUp({
          write: (bytes) => {
            if (!this.#there) return Promise.reject(new Error("gone"));
            lock.lcus(bytes);
            return Promise.resolve();
          },
        });
        state.set(true);
      };
      this.#lineDown = () => {
        relays.lineDown();
        state.set(false);
      };
      if (this.#there) void this.#lineUp();
      return {
        get up() {
          return state.up;
        },
        pulse: (_unit, channel, ms) => relays.pulse(channel, ms),
        off: (_unit, channel) => relays.off(channel),
        hold: (_unit, channel) => relays.hold(channel),
        free: (_unit, channel) => relays.free(channel),
        onState: (listener) => state.on(listener),
        close: () => relays.close(),
      };
    };
  }

  stop(): void {
    this.#there = true;
  }

  ready(): boolean {
    return true;
  }

  unplug(): void {
    this.#there = false;
    this.#lineDown?.();
  }

  async plug(): Promise<void> {
    if (this.#there) return;
    this.#there = true;
    await this.#lineUp?.();
  }

  quiet(): Promise<void> {
    return Promise.resolve();
  }
}

type Step =
  | { do: "ticket"; seconds: number | undefined; lost: number }
  | { do: "wait"; ms: number }
  | { do: "forged" | "replayed" | "exit" | "fire" | "reset" | "unplug" | "plug" | "deploy" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("ticket" as const),
      seconds: fc.option(fc.integer({ min: 6, max: 60 }), { nil: undefined, freq: 2 }),
      lost: fc.constantFrom(0, 0, 0, 1, 3),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(["forged", "replayed", "exit", "fire", "reset", "unplug", "plug", "plug", "deploy"] as const),
      ),
    }),
  },
);

/** Orders that are tried each time. */
const orders: Step[][] = [
  [{ do: "fire" }, { do: "deploy" }, { do: "wait", ms: 12_000 }, { do: "reset" }, { do: "wait", ms: 12_000 }],
  [
    ...[{ do: "unplug" }, { do: "ticket", seconds: 30, lost: 0 }, { do: "wait", ms: 20_000 }, { do: "plug" }],
    ...[{ do: "unplug" }, { do: "exit" }, { do: "plug" }, { do: "wait", ms: 20_000 }],
  ] as Step[],
];

/** One life of a door: what may open it, and what did. */
class Life {
  readonly #wiring: Wiring;
  /** What the lock may be released by: from when, for how long. */
  readonly #grants: { at: number; ms: number }[] = [];
  readonly #tickets = new Map<string, { used: boolean; seconds: number | undefined }>();
  #last: string | undefined;
  #on: Bench | undefined;
  #burning = false;
  #there = true;
  /** Since when the lock is reachable, the flow runs, and fire holds it. */
  #heldSince = Number.POSITIVE_INFINITY;
  /** Releases that have been judged. */
  #judged = 0;
  #shut = 0;
  readonly #hostTimed: boolean;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.#hostTimed = wiring instanceof LcusWiring;
  }

  async deploy(): Promise<void> {
    await this.close();
    const vault = new FakeVault().answer("redeem", ({ ticket }) => {
      const known = this.#tickets.get(ticket);
      if (!known) throw new LimenError("ticket-unknown");
      if (known.used) throw new LimenError("ticket-used");
      known.used = true;
      this.#grant((known.seconds ?? usualMs / 1000) * 1000);
      return {
        attempt: ticket.slice(0, 26),
        ...(known.seconds !== undefined && { seconds: known.seconds }),
      };
    });
    const flow = [
      ...houseNodes.filter(({ type }) => type !== "limen-camera"),
      ...this.#wiring.nodes,
      {
        ...{ id: "watch", type: "door-watch", door: "door", wires: [[], []], contact: "none" },
        ...{ exit: "unlock", fire: "off-is-fire", fireLost: "alarm" },
      },
      { id: "relay", type: "relay-out", door: "door", wires: [[], ["mqtt"]], ...this.#wiring.settings },
    ];
    this.#on = await time.during(bench(modules, flow as never, { vault }), "the deploy");
    await time.until(() => this.#wiring.ready(this.#on!), "the flow's line");
    this.#put("watch", { topic: "gate-1/fire", payload: !this.#burning });
    this.#held();
    await this.#settle();
  }

  async close(): Promise<void> {
    this.#heldSince = Number.POSITIVE_INFINITY;
    if (this.#on) await time.during(this.#on.stop(), "the flow's end");
    this.#on = undefined;
    if (this.#there && this.#hostTimed && !this.#burning) assert.ok(!lock.on, "closing says OFF");
  }

  async take(one: Step): Promise<void> {
    switch (one.do) {
      case "ticket": {
        const id = attemptOf().id;
        const ticket = id + randomUUID().replaceAll("-", "").slice(0, 17);
        this.#tickets.set(ticket, { used: false, seconds: one.seconds });
        this.#last = ticket;
        if (one.lost > 0) this.#wiring.deafen?.(one.lost);
        this.#open(id, ticket);
        const done = () => this.#on?.vault.happened().some(({ attempt }) => attempt === id) === true;
        await time.until(done, "the record of what came of it");
        break;
      }
      case "forged":
        this.#open(attemptOf().id, "f".repeat(43));
        break;
      case "replayed":
        if (this.#last) this.#open(attemptOf().id, this.#last);
        break;
      case "wait":
        for (let left = one.ms; left > 0; left -= 500) {
          await time.move(Math.min(left, 500));
          await time.rest();
          await this.#wiring.quiet();
          this.#judge();
        }
        break;
      case "exit":
        this.#grant(usualMs);
        this.#put("watch", { topic: "gate-1/exit", payload: true });
        break;
      case "fire":
        this.#judge();
        this.#burning = true;
        this.#held();
        this.#put("watch", { topic: "gate-1/fire", payload: false });
        break;
      case "reset":
        this.#put("watch", { topic: "gate-1/fire", payload: true });
        this.#put("watch", { topic: "gate-1/fire-reset", payload: true });
        if (!this.#burning) break;
        await time.rest();
        this.#burning = false;
        this.#heldSince = Number.POSITIVE_INFINITY;
        this.#grant(usualMs); // what it was last told runs out
        break;
      case "unplug":
        this.#there = false;
        this.#heldSince = Number.POSITIVE_INFINITY;
        await time.during(Promise.resolve(this.#wiring.unplug()), "the loss");
        break;
      case "plug":
        await time.during(Promise.resolve(this.#wiring.plug()), "the device");
        await time.until(() => this.#wiring.ready(this.#on!), "the line");
        this.#there = true;
        this.#held();
        break;
      case "deploy":
        await this.deploy();
        break;
    }
    await this.#settle();
  }

  #put(node: string, message: object): void {
    this.#on?.put(node, message as Message);
  }

  #open(id: string, ticket: string): void {
    this.#put("relay", { payload: attemptOf({ id, outcome: "granted", code: "granted", ticket }) });
  }

  #grant(ms: number): void {
    this.#grants.push({ at: time.monotonic(), ms });
  }

  #held(): void {
    if (this.#burning && this.#there) this.#heldSince = Math.min(this.#heldSince, time.monotonic());
  }

  /** What was put has been taken, and the line has had its time. */
  async #settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) {
      await time.rest();
      await this.#wiring.quiet();
      await time.move(100);
      this.#judge();
    }
  }

  #judge(): void {
    const now = time.monotonic();
    if (this.#burning) assert.equal(lock.shut, this.#shut, "told OFF in a fire");
    this.#shut = lock.shut;
    for (const { at, ms } of lock.released.slice(this.#judged)) {
      const grant = this.#grants.find(
        (given) =>
          at <= given.at + given.ms + transitMs &&
          (this.#hostTimed || at + ms <= given.at + given.ms + transitMs + roundingMs),
      );
      assert.ok(
        this.#burning || grant,
        `released at ${at} for ${ms} ms by nothing: ${JSON.stringify(this.#grants)}`,
      );
      if (this.#burning) assert.ok(this.#hostTimed || ms <= 60_000 + roundingMs, `for ${ms} ms`);
    }
    this.#judged = lock.released.length;
    // a board that times nothing and cannot be reached stays as it is until its line is back
    if (lock.on && !this.#burning && (this.#there || !this.#hostTimed)) {
      const end = Math.max(0, ...this.#grants.map(({ at, ms }) => at + ms)) + transitMs + roundingMs;
      assert.ok(now <= end, `open at ${now}, past ${end}`);
    }
    // told again and again while it burns: within half an opening, and some time for the line
    if (now > this.#heldSince + usualMs)
      assert.ok(lock.on, `shut at ${now} in a fire since ${this.#heldSince}`);
  }
}

describe("a lock, whatever happens in whatever order", () => {
  let data: string;
  const before = process.env.LIMEN_DATA;

  afterEach(() => {
    time.uninstall();
    if (before === undefined) delete process.env.LIMEN_DATA;
    else process.env.LIMEN_DATA = before;
  });

  const wirings: [
    string,
    number,
    () => Wiring & { start(): Promise<void> | void; stop(): Promise<void> | void },
  ][] = [
    ["shelly", 8, () => new MqttWiring("shelly", "shelly-gate/rpc")],
    ["tasmota", 4, () => new MqttWiring("tasmota", "cmnd/gate")],
    ["esphome", 4, () => new MqttWiring("esphome", "gate/switch/lock/command")],
    ["zigbee2mqtt", 4, () => new MqttWiring("zigbee2mqtt", "zigbee2mqtt/gate/set")],
    ["generic", 4, () => new MqttWiring("generic", "limen/gate-1/relay/set")],
    ["Modbus", 8, () => new ModbusWiring()],
    ["LCUS", 15, () => new LcusWiring()],
  ];
  assert.equal(ownPulseMs, usualMs);

  for (const [name, numRuns, make] of wirings)
    it(`is never open without leave or past its time, and opens for fire: ${name}`, async function () {
      if (name === "Modbus" && !has("socat")) this.skip();
      const wiring = make();
      await wiring.start();
      time.install();
      try {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
            data = mkdtempSync(join(tmpdir(), "limen-order-"));
            process.env.LIMEN_DATA = data;
            lock.reset();
            const life = new Life(wiring);
            try {
              await life.deploy();
              for (const one of steps) await life.take(one);
            } finally {
              await life.close().catch(() => undefined);
              await time.during(Promise.resolve(wiring.plug()), "the device");
              rmSync(data, { recursive: true, force: true });
            }
          }),
          { numRuns, endOnFailure: true, examples: orders.map((steps) => [steps]) },
        );
      } finally {
        time.uninstall();
        await wiring.stop();
      }
    });
});
