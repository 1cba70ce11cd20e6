import { encodeRdm6300 } from "../../../core/devices/cards/rdm6300.ts";
import type { RelayProfile } from "../../../core/devices/relays/messages.ts";
import type { FlowNode } from "../../flows/files.ts";
import { Pn532Chip } from "../chips/pn532.ts";
import { Peripheral } from "../osdp/peripheral.ts";
import { PtyStand } from "../osdp/pty-stand.ts";
import {
  type Device,
  FarBroker,
  type Lock,
  lcusBoard,
  MqttDevice,
  modbusBoard,
  newLock,
  OsdpLock,
  osdpDevices,
  SerialDevice,
  TcpReader,
  Unpowered,
} from "./devices.ts";

export type Card = "known" | "stranger";

/** A door of its own for each way of speaking with its reader and its lock. */
export interface TriedDoor {
  id: string;
  nodes: FlowNode[];
  devices: Device[];
  lock: Lock;
  /** Somebody lays a card on its reader. */
  tap(card: Card): void | Promise<void>;
}

/** The one card somebody has, as a resident's desk types it, in the forms of these readers. */
export const known = [
  { notation: "10H", number: "01026F6C3A" },
  { notation: "6H", number: "D507D0" },
  { notation: "UID", number: "04DE5F1EACC040" },
];
const written: Record<Card, string> = { known: "01026F6C3A", stranger: "0000000007" };
const wiegand: Record<Card, [bits: number, hex: string]> = {
  known: [26, "ea83e840"],
  stranger: [34, "a4cb016900"],
};
const uids: Record<Card, string> = { known: "04DE5F1EACC040", stranger: "04112233445566" };

const osdpKey = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f1", "hex");
const tab = "tab";
const usualSeconds = 1;
const serialPort = {
  ...{ type: "serial-port", serialbaud: "9600", databits: "8", parity: "none", stopbits: "1" },
  ...{ newline: "20", bin: "bin", out: "interbyte", addchar: "", waitfor: "", responsetimeout: "10000" },
};
const broker = { type: "mqtt-broker", broker: "127.0.0.1", protocolVersion: "4", autoConnect: true };
const brokers = (farPort: number): FlowNode[] => [
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Node-RED resolves it from the environment
  { ...broker, id: "house", port: "${LIMEN_MQTT_PORT}", keepalive: "15", cleansession: true },
  { ...broker, id: "far", port: String(farPort), keepalive: "15", cleansession: true },
];
const at = (id: string, type: string, more: object, wires: string[][]): FlowNode => ({
  ...{ id, type, z: tab, x: 100, y: 100 },
  ...more,
  wires,
});
const mqttIn = (id: string, topic: string, from: string, to: string, datatype: string): FlowNode =>
  at(id, "mqtt in", { broker: from, topic, qos: "1", datatype, rap: true, rh: 0, inputs: 0 }, [[to]]);

/** From a reader to the lock, as every lawful flow has it. */
function way(id: string, read: object, relay: object, more: object = {}): FlowNode[] {
  const door = `${id}-door`;
  return [
    {
      ...{
        id: door,
        type: "limen-door",
        door: id,
        name: id,
        site: "site",
        class: "gate",
        failMode: "secure",
      },
      ...{ openSeconds: usualSeconds, simulated: true, fire: "hardware", egress: true },
      ...more,
    },
    at(`${id}-read`, "card-read", { door, reader: "reader", silence: 0.5, ...read }, [[`${id}-rule`]]),
    at(`${id}-rule`, "entry-rule", { assurance: "clonable" }, [[`${id}-consent`]]),
    at(`${id}-consent`, "consent-check", {}, [[`${id}-log`]]),
    at(`${id}-log`, "audit-log", {}, [[`${id}-relay`], []]),
    at(`${id}-relay`, "relay-out", { door, ...relay }, [[], [`${id}-out`]]),
  ];
}
/** For locks on a board nothing goes out by message. */
const boarded = (nodes: FlowNode[]): FlowNode[] =>
  nodes.map((node) => (node.type === "relay-out" ? { ...node, wires: [[], []] } : node));
/** What the door's devices tell by message. */
const watched = (id: string, from: string, watch: object): FlowNode[] => [
  at(`${id}-watch`, "door-watch", { door: `${id}-door`, contact: "none", ...watch }, [[], []]),
  ...["alive/+", "relay/state", "contact"].map((what, place) =>
    mqttIn(`${id}-told${place}`, `limen/${id}/${what}`, from, `${id}-watch`, "auto-detect"),
  ),
];
const speaking = { format: "text", notation: "10H" };

/** A reader that sends numbers to a broker, and says that it is there. */
function mqttReader(id: string, url: () => string, from = "house") {
  const device: MqttDevice = new MqttDevice(`${id} reader`, ["reader-silent"], {
    ...{ url, reads: true, will: `limen/${id}/alive/reader` },
    greet: () => device.say(`limen/${id}/alive/reader`, "on"),
  });
  return {
    device,
    nodes: [mqttIn(`${id}-in`, `limen/${id}/reader`, from, `${id}-read`, "buffer")],
    config: { ...speaking, framing: "message" },
    tap: (card: Card) => device.say(`limen/${id}/reader`, written[card]),
  };
}

/** A lock that is told by message and reports what it does; its leaf moves with it. */
function mqttLock(id: string, drive: RelayProfile, url: () => string, from = "house") {
  const lock = newLock();
  const report = (): void => {
    device.say(`limen/${id}/relay/state`, lock.on ? "ON" : "OFF");
    device.say(`limen/${id}/contact`, lock.on ? "open" : "closed");
  };
  const device: MqttDevice = new MqttDevice(`${id} lock`, ["relay-silent", "relay-stuck"], {
    ...{ url, topics: [`limen/${id}/relay/#`], greet: report },
    hear: (topic, text) => {
      if (!topic.startsWith(`limen/${id}/relay/set`)) return;
      lock.hear(drive, topic, text);
      report();
      const rests = (): void => {
        if (lock.on) setTimeout(rests, 50).unref();
        else report();
      };
      rests();
    },
  });
  const out = { topic: "", qos: "", retain: "", broker: from };
  return {
    ...{ device, lock, relay: { drive, topic: "limen/{door}/relay/set" } },
    nodes: [at(`${id}-out`, "mqtt out", out, [])],
    watch: { relay: "reports", contact: "on-is-open" },
  };
}

/** All doors, and what has to be ended with them. */
export class TriedSite {
  readonly doors: TriedDoor[] = [];
  readonly #far = new FarBroker();
  readonly #stand = new PtyStand();
  readonly #serial: SerialDevice[] = [];
  readonly #tcp = new TcpReader();
  readonly #url: () => string;

  /** @param url of the house's broker, which comes with Node-RED */
  constructor(url: () => string) {
    this.#url = url;
  }

  /** Plugs in what has to be there before the flow: the lines, and what has to have a port. */
  async begin(): Promise<this> {
    await this.#far.back();
    await this.#tcp.back();
    await this.#stand.hub.plug("panel");
    await this.#stand.connect(new Peripheral({ address: 2, key: osdpKey }));
    this.#stand.reader.inputs = [false, false, true];
    this.doors.push(
      this.#serialReader(),
      this.#networkReader(),
      this.#osdp(),
      this.#chip(),
      this.#lcus(),
      this.#modbus(),
      ...(["esphome", "zigbee2mqtt"] as const).map((drive) => this.#byMessage(drive)),
      this.#farAway(),
    );
    for (const device of this.#serial) await device.back();
    return this;
  }

  get flow(): FlowNode[] {
    return [
      { id: tab, type: "tab", label: "Doors" },
      {
        ...{ id: "site", type: "limen-site", site: "replugged", name: "Test", pack: "cn" },
        ...{ controllerName: "Office", controllerContact: "desk@example.invalid", demonstration: true },
        ...{ languages: ["zh-CN", "en-US"], timeZone: "Asia/Shanghai" },
      },
      ...brokers(this.#far.port),
      at("kept", "retention-rule", { class: "entry-events", days: 30, mode: "run" }, [[]]),
      at("daily", "inject", { props: [{ p: "payload" }], crontab: "00 03 * * *", repeat: "" }, [["kept"]]),
      ...this.doors.flatMap(({ nodes }) => nodes),
    ];
  }

  get #devices(): MqttDevice[] {
    const own = this.doors.flatMap(({ devices }) => devices.filter((one) => one instanceof MqttDevice));
    return [...own, ...this.#far.devices];
  }

  /** Connects what speaks by message: the house's broker comes with the system. */
  async connect(): Promise<void> {
    for (const device of this.#devices) await device.back();
  }

  async end(): Promise<void> {
    for (const device of this.#devices) await device.away();
    for (const device of this.#serial) await device.end();
    await this.#far.away();
    await this.#tcp.away();
    await this.#stand.end();
  }

  #line(...of: ConstructorParameters<typeof SerialDevice>): SerialDevice {
    const device = new SerialDevice(...of);
    this.#serial.push(device);
    return device;
  }

  #serialReader(): TriedDoor {
    const id = "serial";
    const reader = this.#line("serial reader", ["reader-silent"], { slow: true, reads: true });
    const { device, lock, ...told } = mqttLock(id, "generic", this.#url);
    const nodes = [
      { ...serialPort, id: `${id}-line`, serialport: reader.line.near },
      at(`${id}-in`, "serial in", { serial: `${id}-line` }, [[`${id}-read`]]),
      ...way(id, { format: "rdm6300" }, told.relay),
      ...told.nodes,
      ...watched(id, "house", told.watch),
    ];
    const tap = (card: Card) => reader.say(encodeRdm6300(written[card]));
    return { id, nodes, devices: [reader, device], lock, tap };
  }

  #networkReader(): TriedDoor {
    const id = "network";
    const { device, lock, ...told } = mqttLock(id, "shelly", this.#url);
    const port = String(this.#tcp.port);
    const calls = { server: "client", host: "127.0.0.1", port, datamode: "stream", datatype: "buffer" };
    const nodes = [
      at(`${id}-in`, "tcp in", { ...calls, newline: "", topic: "", base64: false }, [[`${id}-read`]]),
      ...way(id, { ...speaking, framing: "stream" }, told.relay),
      ...told.nodes,
      ...watched(id, "house", told.watch),
    ];
    const tap = (card: Card) => this.#tcp.say(`${written[card]}\r\n`);
    return { id, nodes, devices: [this.#tcp, device], lock, tap };
  }

  #osdp(): TriedDoor {
    const id = "osdp";
    const readers = [{ address: 2, quirks: [] }];
    const bus = { kind: "osdp", port: this.#stand.hub.path("panel"), baud: 115_200, readers };
    const on = { bus: `${id}-bus`, unit: 2 };
    const nodes = [
      {
        ...{ id: `${id}-bus`, type: "limen-bus", ...bus },
        credentials: { keys: `2=${osdpKey.toString("hex")}` },
      },
      ...boarded(way(id, { format: "osdp", ...on }, { drive: "bus", ...on, channel: 1 })),
      at(
        `${id}-watch`,
        "door-watch",
        { door: `${id}-door`, from: "osdp", ...on, contactInput: 1, exitInput: 2 },
        [[], []],
      ),
    ];
    const devices = osdpDevices(this.#stand);
    const lock = new OsdpLock(this.#stand.reader);
    return { id, nodes, devices, lock, tap: (card) => this.#stand.reader.card(...wiegand[card]) };
  }

  #chip(): TriedDoor {
    const id = "chip";
    const chip = new Pn532Chip((bytes) => void reader.say(bytes));
    const hear = () => (bytes: Buffer) => chip.hear(bytes);
    const reader = this.#line("PN532", ["reader-silent"], { baud: 115_200, reads: true, hear });
    const { device, lock, ...told } = mqttLock(id, "tasmota", this.#url);
    const bus = { kind: "pn532", port: reader.line.near, baud: 115_200 };
    const nodes = [
      { id: `${id}-bus`, type: "limen-bus", ...bus },
      ...way(id, { format: "chip", bus: `${id}-bus` }, told.relay),
      ...told.nodes,
      ...watched(id, "house", told.watch),
    ];
    const tap = async (card: Card): Promise<void> => {
      chip.card = { uid: Buffer.from(uids[card], "hex"), sak: 0 };
      await new Promise((held) => setTimeout(held, 400));
      chip.card = undefined;
    };
    return { id, nodes, devices: [reader, device], lock, tap };
  }

  #lcus(): TriedDoor {
    const id = "lcus";
    const lock = newLock();
    const hear = () => lcusBoard(lock);
    const board = this.#line("LCUS board", ["relay-failed", "relay-silent"], { hear });
    const { device, config, ...said } = mqttReader(id, this.#url);
    const bus = { kind: "lcus", port: board.line.near, baud: 9600, relays: 1 };
    const nodes = [
      { id: `${id}-bus`, type: "limen-bus", ...bus },
      ...said.nodes,
      ...boarded(way(id, config, { drive: "bus", bus: `${id}-bus`, channel: 1 })),
      ...watched(id, "house", { ways: ["reader"] }),
    ];
    return { id, nodes, devices: [device, board], lock, tap: said.tap };
  }

  #modbus(): TriedDoor {
    const id = "modbus";
    const lock = newLock();
    const missed = ["relay-failed", "relay-silent"] as const;
    const power = new Unpowered("Modbus board", missed);
    const hear = () => modbusBoard(lock, power, (bytes) => void adapter.say(bytes));
    const adapter: SerialDevice = this.#line("Modbus adapter", missed, { hear });
    const { device, config, ...said } = mqttReader(id, this.#url);
    const bus = { kind: "modbus", port: adapter.line.near, baud: 9600 };
    const nodes = [
      { id: `${id}-bus`, type: "limen-bus", ...bus },
      ...said.nodes,
      ...boarded(way(id, config, { drive: "bus", bus: `${id}-bus`, unit: 1, channel: 1 })),
      ...watched(id, "house", { ways: ["reader"] }),
    ];
    return { id, nodes, devices: [device, adapter, power], lock, tap: said.tap };
  }

  #byMessage(drive: "esphome" | "zigbee2mqtt"): TriedDoor {
    const id = drive;
    const { device: reader, config, ...said } = mqttReader(id, this.#url);
    const { device, lock, ...told } = mqttLock(id, drive, this.#url);
    const nodes = [
      ...said.nodes,
      // an ESPHome's own configuration says how long: the door's time is set to it
      ...way(id, config, told.relay, drive === "esphome" ? { openSeconds: 5 } : {}),
      ...told.nodes,
      ...watched(id, "house", { ...told.watch, ways: ["reader"] }),
    ];
    return { id, nodes, devices: [reader, device], lock, tap: said.tap };
  }

  /** Reader and lock behind a broker of somebody else's. */
  #farAway(): TriedDoor {
    const id = "far";
    const url = (): string => `mqtt://127.0.0.1:${this.#far.port}`;
    const { device: reader, config, ...said } = mqttReader(id, url, "far");
    const { device, lock, ...told } = mqttLock(id, "generic", url, "far");
    const nodes = [
      ...said.nodes,
      ...way(id, config, told.relay),
      ...told.nodes,
      ...watched(id, "far", told.watch),
    ];
    this.#far.devices.push(reader, device);
    return { id, nodes, devices: [this.#far], lock, tap: said.tap };
  }
}
