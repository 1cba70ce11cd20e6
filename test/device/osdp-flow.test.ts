import assert from "node:assert/strict";
import { encodeFrame } from "../../core/devices/osdp/frame.ts";
import { encodeReply } from "../../core/devices/osdp/replies.ts";
import { LimenError } from "../../core/errors.ts";
import cardRead from "../../nodes/card-read/card-read.ts";
import doorWatch from "../../nodes/door-watch/door-watch.ts";
import limenBus from "../../nodes/limen-bus/limen-bus.ts";
import limenDoor from "../../nodes/limen-door/limen-door.ts";
import limenSite from "../../nodes/limen-site/limen-site.ts";
import pinRead from "../../nodes/pin-read/pin-read.ts";
import relayOut from "../../nodes/relay-out/relay-out.ts";
import { attemptOf, FakeVault } from "../nodes/fake-vault.ts";
import { type Bench, bench, houseNodes } from "../nodes/harness.ts";
import { has, until } from "./lines.ts";
import { Peripheral } from "./osdp/peripheral.ts";
import { PtyStand } from "./osdp/pty-stand.ts";

const key = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f1", "hex");
const modules = [limenSite, limenDoor, limenBus, cardRead, pinRead, relayOut, doorWatch] as never;

describe("an OSDP reader in a flow, on a real line", () => {
  let stand: PtyStand;
  let on: Bench | undefined;

  before(function () {
    if (!has("socat")) this.skip();
  });
  beforeEach(async () => {
    stand = new PtyStand();
    await stand.hub.plug("panel");
    await stand.connect(new Peripheral({ address: 2, key }));
    stand.reader.inputs = [false, false, true]; // shut, nobody at the button, no fire
  });
  afterEach(async () => {
    await on?.stop();
    on = undefined;
    await stand?.end();
  });

  /** A vault that grants the one card and the one code it knows. */
  const vault = (): FakeVault =>
    new FakeVault()
      .answer("identify", ({ door, card, digits, method }) =>
        card?.number === "D507D0" || digits === "2468"
          ? attemptOf({
              door,
              method,
              outcome: "granted",
              code: "granted",
              ticket: `ticket-${"t".repeat(30)}`,
            })
          : attemptOf({ door, method, outcome: "denied", code: "no-such-credential" }),
      )
      .answer("redeem", ({ ticket }) => {
        if (!ticket) throw new LimenError("ticket-used");
        return { attempt: attemptOf().id };
      });

  const deploy = async (keys = `2=${key.toString("hex")}`): Promise<Bench> => {
    const osdp = { door: "door", format: "osdp", bus: "bus", unit: 2 };
    on = await bench(
      modules,
      [
        ...houseNodes.filter(({ type }) => type !== "limen-camera"),
        {
          id: "bus",
          type: "limen-bus",
          kind: "osdp",
          port: stand.hub.path("panel"),
          baud: 115_200,
          readers: [{ address: 2, quirks: [] }],
        },
        { id: "read", type: "card-read", ...osdp, reader: "gate", silence: 0.5, wires: [["relay"]] },
        { id: "pin", type: "pin-read", ...osdp, reader: "gate-keys", length: 4, wires: [["relay"]] },
        {
          id: "relay",
          type: "relay-out",
          door: "door",
          drive: "bus",
          bus: "bus",
          unit: 2,
          channel: 1,
          wires: [[], []],
        },
        {
          id: "watch",
          type: "door-watch",
          door: "door",
          from: "osdp",
          bus: "bus",
          unit: 2,
          contactInput: 1,
          exitInput: 2,
          fireInput: 3,
          fire: "off-is-fire",
          fireSilence: 5,
          exit: "unlock",
          wires: [[], []],
        },
      ],
      { vault: vault(), credentials: { bus: { keys } } },
    );
    return on;
  };
  const pulses = (): unknown[] =>
    stand.reader.obeyed.flatMap((command) =>
      command.kind === "outputs" ? command.outputs.filter(({ code }) => code !== 1) : [],
    );
  const events = (): string[] => on!.vault.happened().map(({ kind, detail }) => `${kind} ${detail}`);

  it("opens the door by the reader's own timer for the card it knows, and for no other", async () => {
    const { vault } = await deploy();
    await until(() => stand.reader.secure, "the reader");
    stand.reader.card(34, "a4cb016900");
    await until(() => vault.requests("identify").length === 1, "the stranger");
    stand.reader.card(26, "ea83e840");
    await until(() => events().includes("opened bus"), "the record");
    assert.deepEqual(pulses(), [{ output: 0, code: 5, tenths: 50 }]);
    assert.deepEqual(
      vault.requests("identify").map(({ card, reader }) => [reader, card]),
      [
        ["gate", { format: "wiegand", notation: "WG34", number: "499602D2", bits: 32 }],
        ["gate", { format: "wiegand", notation: "WG26", number: "D507D0", bits: 24 }],
      ],
    );
  });

  it("hears its inputs: a door forced, the exit button, and fire before anything else", async () => {
    stand.reader.inputs = [false, true, true]; // shut, a button that hangs, no fire
    await deploy();
    await until(() => stand.reader.obeyed.some(({ kind }) => kind === "input-status"), "the first levels");
    stand.reader.set(1, true);
    await until(() => events().some((event) => event.startsWith("forced")), "the forced door");
    stand.reader.set(1, false);
    assert.deepEqual(pulses(), []); // a button that was down all along is no press
    stand.reader.set(2, false);
    stand.reader.set(2, true);
    await until(() => pulses().length > 0, "the way out");
    await until(() => events().includes("exit unlock"), "its record");
    stand.reader.set(3, false);
    await until(() => events().includes("fire input"), "the fire");
    const before = pulses().length;
    await until(() => pulses().length > before, "the release");
  });

  it("counts a fire input as fire when its reader is gone", async () => {
    await deploy();
    await until(() => stand.reader.secure, "the reader");
    stand.reader.habits.dead = true;
    await until(() => events().includes("fire input-lost"), "the fire", 20_000);
  });

  it("is asked whether its output is off again, and told so where it is not", async () => {
    await deploy();
    await until(() => stand.reader.secure, "the reader");
    stand.reader.outputs = [true];
    stand.reader.card(26, "ea83e840");
    await until(() => events().includes("relay-stuck bus"), "the stuck relay", 20_000);
    stand.reader.outputs = [false];
    await until(() => events().includes("relay-rests bus"), "its end", 20_000);
  });

  it("takes a code from its keypad", async () => {
    const { vault } = await deploy();
    await until(() => stand.reader.secure, "the reader");
    stand.reader.press("24");
    stand.reader.press("68");
    await until(() => events().includes("opened bus"), "the record");
    assert.deepEqual(
      vault.requests("identify").map(({ method, digits }) => [method, digits]),
      [["pin", "2468"]],
    );
  });

  it("shows the person what became of it: amber, then green or red, each over by itself", async () => {
    const { vault } = await deploy();
    const pending = attemptOf();
    vault.answer("identify", ({ card }) =>
      card?.number === "D507D0" ? pending : attemptOf({ outcome: "denied", code: "no-such-credential" }),
    );
    const shown = (): string[] =>
      stand.reader.obeyed.flatMap((command) =>
        command.kind === "leds"
          ? command.leds.map(({ temporary }) => (typeof temporary === "object" ? temporary.onColour : "?"))
          : command.kind === "buzzer"
            ? ["sound"]
            : [],
      );
    await until(() => stand.reader.secure, "the reader");
    stand.reader.card(34, "a4cb016900");
    await until(() => shown().length === 2, "the refusal");
    stand.reader.card(26, "ea83e840");
    await until(() => shown().length === 3, "the wait");
    const record = { index: 1, origin: "limen.test/log" };
    const ended = attemptOf({ id: pending.id, outcome: "granted", code: "granted", record });
    vault.broadcast({ event: "attempt", attempt: attemptOf({ outcome: "denied" }) }); // somebody at another door
    vault.broadcast({ event: "attempt", attempt: ended });
    vault.broadcast({ event: "attempt", attempt: ended });
    await until(() => shown().length === 5, "the welcome");
    assert.deepEqual(shown(), ["red", "sound", "amber", "green", "sound"]);
  });

  it("writes what became of it on a display, from a closed list, to whoever reads that language", async () => {
    const { vault } = await deploy();
    const known = attemptOf();
    const record = { index: 1, origin: "limen.test/log" };
    const blocked = attemptOf({ outcome: "denied", code: "credential-blocked" });
    vault.answer("identify", ({ card }) => (card?.number === "D507D0" ? known : blocked));
    const written = (): unknown[] =>
      stand.reader.obeyed.flatMap((command) =>
        command.kind === "text" ? [[command.mode, command.text]] : [],
      );
    const sounds = (): number => stand.reader.obeyed.filter(({ kind }) => kind === "buzzer").length;
    await until(() => stand.reader.secure, "the reader");
    stand.reader.card(26, "ea83e840");
    await until(() => vault.requests("identify").length === 1, "the card");
    const ended = attemptOf({ id: known.id, outcome: "granted", code: "granted", record });
    await until(() => stand.reader.obeyed.some(({ kind }) => kind === "leds"), "the wait");
    vault.broadcast({ event: "attempt", attempt: ended, language: "zh-CN" });
    await until(() => sounds() === 1, "light and sound for who reads no ASCII");
    stand.reader.card(34, "a4cb016900");
    await until(() => sounds() === 2, "the refusal");
    vault.broadcast({ event: "attempt", attempt: { ...blocked, record }, language: "en-US" });
    await until(() => written().length === 1, "the word");
    assert.deepEqual(written(), [[3, "ASK THE DESK"]]);
  });

  it("does not believe a card on the cable, puts it on the record, and goes on serving the door", async () => {
    const { vault } = await deploy();
    await until(() => stand.reader.secure, "the reader");
    let done = false;
    stand.hub.toPanel = (frame) => {
      const inSession = (frame[4]! & 8) !== 0 && frame[6]! >= 0x15;
      if (done || !inSession) return [frame];
      done = true;
      const data = Buffer.from("ea83e840", "hex");
      const card = encodeReply({ kind: "card", reader: 0, format: "wiegand", bits: 26, data });
      return [encodeFrame({ address: 2, reply: true, sequence: frame[4]! & 3, check: "crc", ...card })];
    };
    await until(() => events().includes("tamper osdp 2 clear-frame"), "the record");
    assert.deepEqual(vault.requests("identify"), []);
    assert.deepEqual(pulses(), []);
    await until(() => stand.reader.sessions === 2 && stand.reader.secure, "a new session");
    stand.reader.card(26, "ea83e840");
    await until(() => events().includes("opened bus"), "the door served");
  });

  it("says that a reader is silent, and that it is back", async () => {
    await deploy();
    await until(() => stand.reader.secure, "the reader");
    stand.reader.habits.dead = true;
    const news = (): string => on!.vault.readerNews.join();
    await until(() => news() === "gate-1 reader-silent osdp 2 bus", "the alarm", 20_000);
    stand.reader.powerCycle();
    stand.reader.habits.dead = false;
    await until(() => news().endsWith("gate-1 reader-back osdp 2 bus"), "its return");
    assert.equal(on!.vault.readerNews.length, 2); // once, though the reader serves this door in several ways
  });

  it("listens to no reader that has no key", async () => {
    const { vault, status } = await deploy("");
    stand.reader.habits.clearCard = {
      kind: "card",
      reader: 0,
      format: "wiegand",
      bits: 26,
      data: Buffer.from("ea83e840", "hex"),
    };
    await until(() => events().includes("tamper osdp 2 clear-frame"), "the record");
    assert.deepEqual(vault.requests("identify"), []);
    const failed = status("relay", (text) => text.includes("error"));
    on?.put("relay", { payload: attemptOf({ ticket: `ticket-${"t".repeat(30)}` }) } as never);
    await failed;
    assert.deepEqual(pulses(), []);
  });

  it("refuses to start with a key that a reader of another line has", async () => {
    const line = (id: string, port: string): Record<string, unknown> & { id: string; type: string } => ({
      id,
      type: "limen-bus",
      kind: "osdp",
      port,
      baud: 115_200,
      readers: [{ address: 2, quirks: [] }],
    });
    const keys = `2=${key.toString("hex")}`;
    on = await bench([limenBus] as never, [line("one", stand.hub.path("panel")), line("two", "/dev/null")], {
      credentials: { one: { keys }, two: { keys } },
    });
    assert.match(await on.status("two", (text) => text.includes("error")), /osdp-key-reused/);
  });

  it("refuses to start with a key that anybody knows, or none that can be read", async () => {
    for (const keys of [
      "2=303132333435363738393a3b3c3d3e3f",
      "2=1234",
      `2=${key.toString("hex")} 2=${"1f".repeat(16)}`,
    ]) {
      const { node } = await deploy(keys);
      const { limen } = node("bus") as unknown as { limen?: { service: unknown } };
      assert.equal(limen?.service, undefined);
      await on?.stop();
      on = undefined;
      assert.equal(stand.reader.challenges, 0);
    }
  });
});
