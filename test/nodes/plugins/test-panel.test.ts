import assert from "node:assert/strict";
import type { NodeAPI } from "node-red";
import helper from "node-red-node-test-helper";
import { LimenError } from "../../../core/errors.ts";
import cardRead from "../../../nodes/card-read/card-read.ts";
import doorWatch from "../../../nodes/door-watch/door-watch.ts";
import guardOpen from "../../../nodes/guard-open/guard-open.ts";
import { Heard } from "../../../nodes/lib/panel.ts";
import limenBus from "../../../nodes/limen-bus/limen-bus.ts";
import limenCamera from "../../../nodes/limen-camera/limen-camera.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import passRead from "../../../nodes/pass-read/pass-read.ts";
import pinRead from "../../../nodes/pin-read/pin-read.ts";
import { testPanel } from "../../../nodes/plugins/test-panel.ts";
import relayOut from "../../../nodes/relay-out/relay-out.ts";
import { handClock } from "../../core/hand-clock.ts";
import { attemptOf } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

const auth = "technician-session-0001";
const modules = [
  limenSite,
  limenDoor,
  limenCamera,
  cardRead,
  pinRead,
  passRead,
  doorWatch,
  relayOut,
  guardOpen,
];

interface Device {
  line: string;
  last?: { kind: string; tail?: string; size?: number };
  inputs?: { name: string; on: boolean }[];
  heard?: number;
}

describe("the installer's test panel", () => {
  let on: Bench | undefined;
  /** Who is signed in at the editor. */
  let user: { auth: string } | undefined;
  afterEach(async () => {
    await on?.stop();
    on = undefined;
  });

  const load = async (nodes: object[], more: unknown[] = []): Promise<Bench> => {
    user = { auth };
    const panel = (RED: NodeAPI): void => testPanel(RED, () => user);
    on = await bench([...modules, ...more, panel] as never, [...houseNodes, ...nodes] as never);
    return on;
  };
  const look = async (id: string): Promise<Device> => {
    const { body } = await helper.request().get(`/limen/panel/${id}`).expect(200);
    return (body.devices as Device[])[0]!;
  };
  const guard = { id: "guard", type: "guard-open", door: "door", wires: [["out"]] };
  const relay = { id: "relay", type: "relay-out", door: "door", drive: "shelly", wires: [[], []] };
  const out = { id: "out", type: "helper" };

  it("is for those who are signed in by name, whatever else the editor allows", async () => {
    await load([guard, relay, out]);
    user = undefined;
    const request = () => helper.request();
    await request().get("/limen/panel/relay").expect(401);
    await request().post("/limen/panel/relay/signal").expect(401);
    const { body } = await request().post("/limen/panel/relay/open?confirm=gate-1&lang=zh-TW").expect(401);
    assert.equal(body.code, "not-signed-in");
    assert.match(String(body.message), /[\u4e00-\u9fff]/);
    assert.deepEqual(on!.vault.requests("door.test"), []);
  });

  it("shows the end of a card that comes while it is open, and keeps none that came before", async () => {
    const { put } = await load([
      { id: "read", type: "card-read", door: "door", format: "rdm6300", wires: [[]] },
    ]);
    on!.vault.answer("identify", () => attemptOf());
    const card = Buffer.from("02363245333038364345443038 03".replace(" ", ""), "hex");
    put("read", { payload: card } as never);
    assert.equal((await look("read")).last, undefined);
    put("read", { payload: card } as never);
    const { line, last, heard } = await look("read");
    assert.deepEqual([line, heard, last?.kind, last?.tail, last?.size], ["wires", 0, "card", "CED", 40]);
  });

  it("shows that keys were pressed and how long a code was, and nothing of either", async () => {
    const { put } = await load([
      { id: "pad", type: "pin-read", door: "door", format: "keys", wires: [[]] },
      { id: "code", type: "pass-read", door: "door", framing: "message", wires: [[]] },
    ]);
    on!.vault.answer("identify", () => attemptOf({ method: "pass" }));
    await look("pad");
    await look("code");
    put("pad", { payload: "73" } as never);
    put("code", { payload: "LP1SECRETSECRET" } as never);
    const [keys, pass] = [await look("pad"), await look("code")];
    assert.deepEqual(
      [keys.last, pass.last],
      [
        { kind: "keys", ago: 0 },
        { kind: "code", size: 15, ago: 0 },
      ],
    );
  });

  it("shows a door's inputs as the node understands them", async () => {
    const { put } = await load([
      { id: "watch", type: "door-watch", door: "door", contact: "off-is-open", wires: [[], []] },
    ]);
    put("watch", { topic: "limen/gate-1/contact", payload: "off" } as never);
    put("watch", { topic: "limen/gate-1/exit", payload: "on" } as never);
    put("watch", { topic: "limen/gate-1/alive/left", payload: "offline" } as never);
    const { inputs } = await look("watch");
    assert.deepEqual(inputs, [
      { name: "contact", on: true },
      { name: "exit", on: true },
      { name: "alive/left", on: false },
    ]);
  });

  it("says of a line whether it answers, and that it has no light", async () => {
    await load([{ id: "bus", type: "limen-bus", kind: "modbus", port: "/dev/no-such-line" }], [limenBus]);
    assert.equal((await look("bus")).line, "offline");
    const { body } = await helper.request().post("/limen/panel/bus/signal").expect(404);
    assert.equal(body.code, "panel-no-signal");
    await helper.request().post("/limen/panel/bus/open?confirm=gate-1").expect(404);
    await helper.request().get("/limen/panel/other").expect(404);
  });

  it("opens for a test as whoever is signed in, by the vault and from a way in of that door", async () => {
    await load([guard, relay, out, { id: "read", type: "card-read", door: "door", wires: [["out"]] }]);
    const { vault, next } = on!;
    const attempt = attemptOf({ method: "guard" });
    const decided = attemptOf({
      ...attempt,
      outcome: "granted",
      code: "granted",
      record: { index: 1, origin: "limen.test/log" },
    });
    vault.answer("door.test", () => attempt);
    vault.answer("attempt", () => decided);
    const sent = next("out");
    const { body } = await helper.request().post("/limen/panel/relay/open?confirm=gate-1").expect(200);
    assert.equal(body.outcome, "granted");
    assert.deepEqual(vault.requests("door.test"), [{ auth, door: "gate-1" }]);
    const message = (await sent) as { payload: { id: string; ticket?: string } };
    assert.equal(message.payload.id, attempt.id);
    assert.equal(message.payload.ticket, undefined, "the ticket comes from the record, as for anybody");
    assert.deepEqual(vault.requests("redeem"), []);
  });

  it("opens nothing without the door's name, without a way in, or when the vault says no", async () => {
    await load([guard, relay, out]);
    const open = (confirm: string) => helper.request().post(`/limen/panel/relay/open?confirm=${confirm}`);
    assert.equal((await open("gate-2").expect(400)).body.code, "panel-unconfirmed");
    on!.vault.answer("door.test", () => {
      throw new LimenError("not-allowed", { status: 403 });
    });
    assert.equal((await open("gate-1").expect(403)).body.code, "not-allowed");
    await on!.stop();
    await load([relay]);
    assert.equal((await helper.request().get("/limen/panel/relay").expect(200)).body.opens, false);
    assert.equal((await open("gate-1").expect(409)).body.code, "panel-no-way");
    assert.deepEqual(on!.vault.requests("door.test"), []);
  });

  it("forgets what was read after half a minute, and shows no more than a third of a number", () => {
    const clock = handClock("2026-11-24T08:00:00.000Z");
    const heard = new Heard(clock);
    heard.look();
    heard.card({ number: "1234", bits: 16 });
    assert.equal(heard.look().last?.tail, "4");
    clock.pass(31_000);
    assert.deepEqual(heard.look(), { heard: 31 });
    clock.pass(6000); // nobody has looked for a while
    heard.card({ number: "01026F6C3A", bits: 40 });
    assert.equal(heard.look().last, undefined);
  });
});
