import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Request } from "../../vault/protocol/index.ts";
import { handClock } from "../core/hand-clock.ts";
import { estate, openRig, type Rig, tokenFor } from "./rig.ts";

describe("alarms of doors in the vault", () => {
  const clock = handClock();
  let rig: Rig;
  let guard: string;
  beforeEach(async () => {
    rig = await openRig({ clock });
    await rig.client.call("configure", estate());
    guard = await tokenFor(rig, "guard");
  });
  afterEach(() => rig.close());

  type Event = Request<"event">;
  const happen = (kind: Event["kind"], more: Partial<Event> = {}) =>
    rig.client.call("event", { door: "main-gate", kind, ...more });
  const alarms = async (auth = guard) => {
    const { doors } = await rig.client.call("door.list", { auth });
    return Object.fromEntries(doors.map(({ id, alarms }) => [id, alarms?.map(({ kind }) => kind)]));
  };
  const openings = async (count: number) => {
    for (let n = 0; n < count; n++) {
      await happen("opened");
      await happen("closed");
    }
  };

  it("stand through sixty openings and a restart, and end with what ends them", async () => {
    await happen("reader-silent", { detail: "osdp 1" });
    await openings(60);
    assert.deepEqual(await alarms(), { "main-gate": ["reader-silent"], "unit-1": undefined });
    await rig.restart();
    await rig.client.call("configure", estate());
    assert.deepEqual((await alarms())["main-gate"], ["reader-silent"]);
    await happen("reader-back", { detail: "osdp 1" });
    assert.equal((await alarms())["main-gate"], undefined);
    await rig.restart();
    await rig.client.call("configure", estate());
    assert.equal((await alarms())["main-gate"], undefined);
  });

  it("are taken from the log again where the store lost them", async () => {
    await happen("camera-silent", { detail: "main-camera silent" });
    await openings(3);
    const ledger = new DatabaseSync(join(rig.data, "ledger.db"));
    ledger.exec("DELETE FROM door_alarm");
    ledger.close();
    assert.equal((await alarms())["main-gate"], undefined);
    await rig.restart();
    await rig.client.call("configure", estate());
    assert.deepEqual((await alarms())["main-gate"], ["camera-silent"]);
  });

  it("end with what a node finds well at its start, which is no event of its own", async () => {
    const kinds = async () =>
      (await rig.client.call("event.list", { auth: guard, door: "main-gate", limit: 10 })).events.map(
        ({ kind }) => kind,
      );
    const well = { detail: "serial in a", settles: true };
    assert.deepEqual(await happen("reader-back", well), {});
    assert.deepEqual(await kinds(), []);
    await happen("reader-silent", { detail: "serial in a" });
    assert.notEqual((await happen("reader-back", well)).index, undefined);
    assert.deepEqual(await kinds(), ["reader-back", "reader-silent"]);
    assert.equal((await alarms())["main-gate"], undefined);
  });

  it("show fire though it could not be recorded", async () => {
    const { log } = rig.vault.services;
    log.append = () => Promise.reject(new Error("no space left"));
    await assert.rejects(happen("fire"));
    assert.deepEqual((await alarms())["main-gate"], ["fire"]);
  });

  it("mark a door where a code was typed under threat for those alone who act on it, through any crowd", async () => {
    await happen("duress");
    await openings(30);
    for (const [role, marked] of [
      ["guard", true],
      ["manager", true],
      ["desk", undefined],
      ["auditor", undefined],
    ] as const) {
      const { doors } = await rig.client.call("door.list", { auth: await tokenFor(rig, role) });
      assert.equal(doors.find(({ id }) => id === "main-gate")?.marked, marked, role);
      assert.doesNotMatch(JSON.stringify(doors), /duress/);
    }
  });

  it("end where the deployed flow watches what they are about no more, on the record, and only there", async () => {
    const flow = (watched: { kinds: never[] | ["forced"]; readers: string[] }, cameras = true) => {
      const { doors, ...rest } = estate();
      return {
        ...rest,
        ...(!cameras && { cameras: [] }),
        doors: doors.map((door) => (door.id === "main-gate" ? { ...door, watched } : door)),
      };
    };
    await happen("reader-silent", { detail: "osdp 1 line" });
    await happen("reader-silent", { detail: "osdp 2 line" });
    await happen("camera-silent", { detail: "main-camera silent" });
    await happen("forced");
    await happen("tamper");
    await rig.client.call("configure", flow({ kinds: ["forced"], readers: ["osdp 1 line", "osdp 2 line"] }));
    const standing = ["reader-silent", "forced", "camera-silent", "tamper"];
    assert.deepEqual((await alarms())["main-gate"], standing);
    await rig.client.call("configure", flow({ kinds: ["forced"], readers: ["osdp 2 line"] }));
    assert.deepEqual((await alarms())["main-gate"], standing, "the other reader is dead too");
    await rig.client.call("configure", flow({ kinds: [], readers: [] }, false));
    assert.deepEqual((await alarms())["main-gate"], ["tamper"]);
    const { events } = await rig.client.call("event.list", { auth: guard, door: "main-gate", limit: 4 });
    assert.ok(events.every(({ kind }) => kind === "not-watched"));
    // wired again and dead: an alarm of its own
    await rig.client.call("configure", flow({ kinds: [], readers: ["osdp 1 line"] }));
    const level = (alive: boolean) =>
      rig.client.call("level", { door: "main-gate", reader: { name: "osdp 1 line", alive } });
    await level(false);
    assert.deepEqual((await alarms())["main-gate"], ["reader-silent", "tamper"]);
    // a door that is not said to be watched keeps what it has; one that is gone takes it along
    await rig.client.call("configure", estate());
    assert.deepEqual((await alarms())["main-gate"], ["reader-silent", "tamper"]);
    const { doors, cameras, ...rest } = estate();
    await rig.client.call("configure", {
      ...rest,
      doors: doors.filter(({ id }) => id !== "main-gate"),
      cameras: cameras.filter(({ door }) => door !== "main-gate"),
    });
    await rig.client.call("configure", estate());
    assert.deepEqual((await alarms())["main-gate"], ["tamper"]);
  });

  it("say that nobody gets out where an exit drill failed, until one that does; a drill grows old", async () => {
    const drill = async (door = "main-gate") => {
      const { doors } = await rig.client.call("door.list", { auth: guard });
      return doors.find(({ id }) => id === door)?.drill;
    };
    const flow = () => {
      const { site, ...rest } = estate();
      return { ...rest, site: { ...site, drillDays: 30 } };
    };
    await rig.client.call("configure", flow());
    assert.deepEqual(await drill(), { due: true });
    const record = (opened: boolean, auth = guard) =>
      rig.client.call("door.drill", { auth, door: "main-gate", opened });
    await assert.rejects(
      tokenFor(rig, "desk").then((desk) => record(true, desk)),
      { code: "not-allowed" },
    );
    await record(false);
    assert.deepEqual((await alarms())["main-gate"], ["exit-failed"]);
    assert.equal((await drill())?.due, true);
    await rig.restart();
    await rig.client.call("configure", flow());
    assert.deepEqual((await alarms())["main-gate"], ["exit-failed"]);
    await record(true);
    assert.equal((await alarms())["main-gate"], undefined);
    assert.deepEqual(await drill(), { at: clock.now().toISOString(), due: false });
    clock.pass(31 * 24 * 3_600_000);
    guard = await tokenFor(rig, "guard");
    assert.equal((await drill())?.due, true);
    const { events } = await rig.client.call("event.list", { auth: guard, door: "main-gate", limit: 2 });
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["exit-drill", "exit-failed"],
    );
    const shut = estate().doors.map((door) => ({ ...door, egress: false }));
    await rig.client.call("configure", { ...flow(), doors: shut });
    assert.equal(await drill(), undefined);
    await assert.rejects(record(true), { code: "no-way-out" });
  });
});
