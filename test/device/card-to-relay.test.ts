import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { encodeRdm6300 } from "../../core/devices/cards/rdm6300.ts";
import { LimenError } from "../../core/errors.ts";
import cardRead from "../../nodes/card-read/card-read.ts";
import limenBus from "../../nodes/limen-bus/limen-bus.ts";
import limenDoor from "../../nodes/limen-door/limen-door.ts";
import limenSite from "../../nodes/limen-site/limen-site.ts";
import relayOut from "../../nodes/relay-out/relay-out.ts";
import { attemptOf, FakeVault } from "../nodes/fake-vault.ts";
import { type Bench, bench, houseNodes } from "../nodes/harness.ts";
import { FarEnd, has, PtyLine, until } from "./lines.ts";

const loadSerial = createRequire(import.meta.url)("node-red-node-serialport/25-serial.js") as (
  RED: object,
) => void;
/** Node-RED's own serial nodes, opening a lost port again sooner than after 15 s. */
const serialNodes = (RED: { settings: object }): void =>
  loadSerial(Object.create(RED, { settings: { value: { ...RED.settings, serialReconnectTime: 300 } } }));
const modules = [limenSite, limenDoor, cardRead, limenBus, relayOut, serialNodes] as never;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const off = "a00100a1";
const on = "a00101a2";

describe("card bytes in, relay bytes out, over two real lines", () => {
  let reader: PtyLine;
  let relay: PtyLine;
  let readerEnd: FarEnd;
  let relayEnd: FarEnd | undefined;
  let running: Bench | undefined;
  let tickets: Set<string>;

  before(function () {
    if (!has("socat")) this.skip();
  });

  beforeEach(async () => {
    [reader, relay] = await Promise.all([new PtyLine().plug(), new PtyLine().plug()]);
    [readerEnd, relayEnd] = await Promise.all([FarEnd.open(reader.far), FarEnd.open(relay.far)]);
    tickets = new Set();
  });
  afterEach(async () => {
    await running?.stop();
    running = undefined;
    await Promise.all([readerEnd.close(), relayEnd?.close()]);
    await Promise.all([reader.remove(), relay.remove()]);
  });

  /** A vault that grants the one card it knows, with tickets good for once. */
  const vault = (): FakeVault =>
    new FakeVault()
      .answer("identify", ({ door, card }) => {
        if (card?.number !== "01026F6C3A")
          return attemptOf({ door, outcome: "denied", code: "no-such-credential" });
        const ticket = `ticket-${tickets.size}-${"t".repeat(30)}`;
        tickets.add(ticket);
        return attemptOf({ door, outcome: "granted", code: "granted", ticket });
      })
      .answer("redeem", ({ ticket }) => {
        if (!tickets.delete(ticket)) throw new LimenError("ticket-used");
        return { attempt: attemptOf().id };
      });

  const deploy = async (openSeconds: number): Promise<Bench> => {
    running = await bench(
      modules,
      [
        ...houseNodes
          .filter(({ type }) => type !== "limen-camera")
          .map((node) => (node.type === "limen-door" ? { ...node, openSeconds } : node)),
        {
          id: "port",
          type: "serial-port",
          serialport: reader.near,
          serialbaud: "9600",
          databits: "8",
          parity: "none",
          stopbits: "1",
          newline: "20",
          bin: "bin",
          out: "interbyte", // "time" never sends again after a hang-up within its time
          addchar: "",
          waitfor: "",
          responsetimeout: "10000",
        },
        { id: "serial", type: "serial in", serial: "port", wires: [["read"]] },
        {
          id: "read",
          type: "card-read",
          door: "door",
          reader: "gate",
          format: "rdm6300",
          silence: 0.5,
          wires: [["relay"]],
        },
        { id: "bus", type: "limen-bus", kind: "lcus", port: relay.near, baud: 9600, relays: 1 },
        {
          id: "relay",
          type: "relay-out",
          door: "door",
          drive: "bus",
          bus: "bus",
          channel: 1,
          wires: [[], []],
        },
      ],
      { vault: vault() },
    );
    await until(() => heard().includes(off), "OFF at the start");
    return running;
  };
  const heard = (): string => relayEnd?.received ?? "";
  const tap = (number: string): Promise<void> => readerEnd.say(encodeRdm6300(number));
  /** The serial port opens in its own time: a card is laid on until somebody sees it. */
  const tapUntil = async (number: string, holds: () => boolean, what: string): Promise<void> => {
    await until(
      async () => {
        await tap(number);
        await new Promise((resolve) => setTimeout(resolve, 700));
        return holds();
      },
      what,
      25_000,
    );
  };

  it("opens for the card it knows, for its time, and for no other", async () => {
    const { vault } = await deploy(0.5);
    await tapUntil("0000000007", () => vault.requests("identify").length > 0, "the reader");
    assert.ok(!heard().includes(on));
    await readerEnd.say(Buffer.from("\x02noise\x03\xff"));
    await tap("01026F6C3A");
    await until(() => heard().includes(on + off), "ON, then OFF");
    await until(() => vault.happened().some(({ kind }) => kind === "opened"), "the record");
  });

  it("says OFF when the flow is taken down in the middle of a pulse", async () => {
    await deploy(60);
    await tapUntil("01026F6C3A", () => heard().includes(on), "ON");
    await running?.stop();
    running = undefined;
    await until(() => /a00101a2(a00100a1)+$/.test(heard()), "OFF");
  });

  it("starts with OFF again after a redeploy and works on the same lines", async () => {
    await deploy(0.5);
    await running?.stop();
    running = undefined;
    if (relayEnd) relayEnd.received = "";
    await deploy(0.5);
    assert.ok(heard().startsWith(off));
    await tapUntil("01026F6C3A", () => heard().includes(on + off), "ON, then OFF");
  });

  it("opens again after the relay was pulled out and put back, without a redeploy", async () => {
    const { vault } = await deploy(0.5);
    await relayEnd?.close();
    await relay.unplug();
    await tapUntil(
      "01026F6C3A",
      () => vault.happened().some(({ kind }) => kind === "relay-failed"),
      "the failure",
    );
    await relay.plug();
    relayEnd = await FarEnd.open(relay.far);
    await until(() => heard().startsWith(off), "OFF");
    assert.ok(!heard().includes(on));
    await tapUntil("01026F6C3A", () => heard().includes(on + off), "ON, then OFF");
  });

  it("reads again after the reader was pulled out in mid-frame and put back", async () => {
    const { vault } = await deploy(0.5);
    await tapUntil("0000000007", () => vault.requests("identify").length > 0, "the reader");
    await readerEnd.say(Buffer.from("\x0201026F"));
    // serial in has one timer for two things: bytes in the very moment of the hang-up keep it from opening the port again
    await pause(200);
    await readerEnd.close();
    await reader.unplug();
    await reader.plug();
    readerEnd = await FarEnd.open(reader.far);
    await until(async () => {
      await tap("01026F6C3A");
      await pause(700);
      return heard().includes(on + off);
    }, "ON, then OFF");
  });
});
