import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LimenError } from "../../../core/errors.ts";
import doorWatch from "../../../nodes/door-watch/door-watch.ts";
import { hear } from "../../../nodes/door-watch/inputs.ts";
import { act, canAct } from "../../../nodes/lib/acts.ts";
import { registry } from "../../../nodes/lib/registry.ts";
import type { Message } from "../../../nodes/lib/types.ts";
import { vaultOf } from "../../../nodes/lib/vault.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import { onRelease } from "../../../nodes/relay-out/doors.ts";
import { isBurning } from "../../../nodes/relay-out/fire.ts";
import relayOut from "../../../nodes/relay-out/relay-out.ts";
import { attemptOf, FakeVault } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

const modules = [limenSite, limenDoor, relayOut, doorWatch] as never;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const unheard = { relay: "unheard", relayChannel: 1 } as const;

describe("door-watch", () => {
  let on: Bench | undefined;
  let data: string;
  const before = process.env.LIMEN_DATA;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "limen-door-"));
    process.env.LIMEN_DATA = data;
  });
  afterEach(async () => {
    await on?.stop();
    on = undefined;
    if (before === undefined) delete process.env.LIMEN_DATA;
    else process.env.LIMEN_DATA = before;
    rmSync(data, { recursive: true, force: true });
  });

  const load = async (
    settings: Record<string, unknown> = {},
    vault = new FakeVault(),
    { lock = true } = {},
  ): Promise<Bench> => {
    on = await bench(
      modules,
      [
        ...houseNodes
          .filter(({ type }) => type !== "limen-camera")
          .map((node) => (node.type === "limen-door" ? { ...node, openSeconds: 0.5 } : node)),
        { id: "watch", type: "door-watch", door: "door", wires: [["out"], ["fire"]], ...settings },
        ...(lock
          ? [{ id: "relay", type: "relay-out", door: "door", drive: "shelly", wires: [[], ["mqtt"]] }]
          : []),
        { id: "out", type: "helper" },
        { id: "fire", type: "helper" },
        { id: "mqtt", type: "helper" },
      ],
      { vault },
    );
    return on;
  };
  const put = (topic: string, payload: unknown, more: object = {}): void =>
    on?.put("watch", { topic: `limen/gate-1/${topic}`, payload, ...more } as Message);
  const kinds = (): string[] => on!.vault.happened().map(({ kind }) => kind);
  const recorded = async (...wanted: string[]): Promise<void> => {
    while (wanted.some((kind) => !kinds().includes(kind as never))) await pause(10);
  };

  it("records a forced door and one that stays open", async () => {
    const { next } = await load({ held: 1, warn: 0.5 });
    const got = next("out");
    put("contact", "closed");
    put("contact", "open");
    assert.deepEqual((await got).payload, { event: "forced", door: "gate-1" });
    await recorded("forced", "held-warning", "held");
    put("contact", "closed");
    await recorded("closed");
    assert.deepEqual(kinds(), ["forced", "held-warning", "held", "closed"]);
  });

  it("knows who was let in by a ticket, and who did not go", async () => {
    const attempt = attemptOf({ outcome: "granted", code: "granted", ticket: "t".repeat(43) });
    await load(
      {},
      new FakeVault().answer("redeem", () => ({ attempt: attempt.id })),
    );
    put("contact", 0);
    on?.put("relay", { payload: attempt } as Message);
    await recorded("opened");
    put("contact", 1);
    put("contact", 0);
    await recorded("closed");
    on?.put("relay", { payload: attempt } as Message);
    await recorded("not-taken");
    assert.ok(!kinds().includes("forced"));
  });

  it("compares what the lock's relay reports with what it was told", async () => {
    const attempt = attemptOf({ outcome: "granted", code: "granted", ticket: "t".repeat(43) });
    await load(
      { relay: "reports" },
      new FakeVault().answer("redeem", () => ({ attempt: attempt.id })),
    );
    const report = (output: boolean): void =>
      on?.put("watch", { topic: "shelly-gate/status/switch:0", payload: { id: 0, output } } as Message);
    report(false);
    on?.put("relay", { payload: attempt } as Message);
    await recorded("opened");
    report(true);
    await recorded("relay-stuck"); // its half second is over, and two seconds of grace
    report(false);
    await recorded("relay-rests");
    report(true); // somebody used the device's own button
    await recorded("relay-unasked");
  });

  it("lets people out without a ticket, a vault or a wire", async () => {
    const { vault, next, failure } = await load({ exit: "unlock" });
    await vault.stop();
    const command = next("mqtt");
    const failed = failure("watch"); // the record cannot be made now, and that is said
    put("exit", true);
    const { payload, retain } = await command;
    assert.deepEqual((payload as { params: object }).params, { id: 0, on: true, toggle_after: 0.5 });
    assert.equal(retain, false);
    assert.equal(await failed, "vault-away");
    await vault.start();
    await recorded("exit");
  });

  it("leaves the lock alone where a handle opens, and never takes a remembered press", async () => {
    const { node } = await load({ exit: "shunt" });
    let moved = 0;
    (node("mqtt") as unknown as { on(event: string, run: () => void): void }).on("input", () => {
      moved++;
    });
    put("exit", true, { retain: true });
    put("exit", "pressed");
    await recorded("exit");
    assert.equal(moved, 0);
    assert.equal(kinds().length, 1);
  });

  it("releases the door for as long as fire lasts, also over a restart, until a person resets it", async () => {
    const first = await load({ fire: "off-is-fire" });
    const state = first.next("fire");
    put("fire", 1);
    put("fire", 0);
    assert.equal((await state).payload, true);
    await first.next("mqtt");
    await first.next("mqtt"); // again and again
    put("fire-reset", true); // the input still says fire
    await pause(50);
    await first.stop();

    const second = await load({ fire: "off-is-fire" });
    await second.next("mqtt");
    put("fire-reset", true); // the input has not spoken yet
    put("fire", 1);
    await pause(50);
    assert.deepEqual(kinds(), []);
    const reset = second.next("fire");
    put("fire-reset", true);
    assert.equal((await reset).payload, false);
    await recorded("fire-reset");
    await second.stop();

    const third = await load({ fire: "off-is-fire" });
    put("contact", 0);
    put("contact", 1);
    await recorded("forced");
    assert.deepEqual(
      third.vault.happened().map(({ kind }) => kind),
      ["forced"],
    );
  });

  it("is reset by staff too, with the record first, and only when the input is quiet", async () => {
    const auth = "a".repeat(43);
    const { vault, next } = await load({ fire: "off-is-fire" });
    let during = (): Promise<void> => Promise.resolve();
    vault.answer("fire.reset", async () => {
      await during();
      return {};
    });
    const reset = () => act("gate-1", "fire-reset", { auth, reason: "drill" });
    put("fire", 1);
    await assert.rejects(reset(), { code: "no-fire" });
    put("fire", 0);
    await recorded("fire");
    await assert.rejects(reset(), { code: "fire-stands" });
    assert.deepEqual(vault.requests("fire.reset"), []);
    assert.equal(isBurning("gate-1"), true);

    put("fire", 1);
    await vault.stop(); // who asks cannot be checked
    await assert.rejects(reset(), { code: "vault-away" });
    assert.equal(isBurning("gate-1"), true);
    await vault.start();
    while (!vaultOf({ settings: {} as never }).up) await pause(10);

    vault.answer("fire.reset", () => {
      throw new LimenError("not-allowed", { status: 403 });
    });
    await assert.rejects(reset(), { code: "not-allowed" });
    assert.equal(isBurning("gate-1"), true);

    vault.answer("fire.reset", async () => {
      await during();
      return {};
    });
    const says = async (level: number): Promise<void> => {
      put("fire", level);
      await pause(50);
    };
    during = () => says(0); // it burns again while the record is made
    await assert.rejects(reset(), { code: "fire-stands" });
    while (kinds().filter((kind) => kind === "fire").length < 2) await pause(10);
    assert.equal(isBurning("gate-1"), true);

    during = () => Promise.resolve();
    await says(1);
    const state = next("fire");
    const told = next("out");
    assert.equal(await reset(), "gate-1");
    assert.equal((await state).payload, false);
    assert.deepEqual((await told).payload, { event: "fire-reset", door: "gate-1" });
    assert.equal(isBurning("gate-1"), false);
    assert.deepEqual(vault.requests("fire.reset").at(-1), { auth, door: "gate-1", reason: "drill" });
    await pause(50);
    assert.ok(!kinds().includes("fire-reset"), "the vault has recorded it with who and why");
  });

  it("stays released when a redeploy overtakes a reset, and the record says so", async () => {
    const { vault, unload } = await load({ fire: "off-is-fire" });
    put("fire", 0);
    await recorded("fire");
    put("fire", 1);
    await pause(50);
    vault.answer("fire.reset", async () => {
      await unload();
      return {};
    });
    await assert.rejects(act("gate-1", "fire-reset", { auth: "a".repeat(43), reason: "over" }), {
      code: "fire-stands",
    });
    while (kinds().filter((kind) => kind === "fire").length < 2) await pause(10);
    assert.ok(existsSync(join(data, "fire", "gate-1")), "the next start takes it up");
  });

  it("offers no reset where nobody listens for fire", async () => {
    await load();
    assert.equal(canAct("gate-1", "fire-reset"), false);
  });

  it("leaves no release running behind a redeploy, when a lock answers only after it", async () => {
    let asked = 0;
    let refuse = (): void => undefined;
    const withdraw = onRelease("gate-1", () => {
      asked++;
      return new Promise((_, reject) => {
        refuse = () => reject(new Error("the lock's line went away"));
      });
    });
    try {
      const first = await load({ fire: "off-is-fire" }, new FakeVault(), { lock: false });
      put("fire", 0);
      while (asked === 0) await pause(5);
      await first.unload();
      const before = asked;
      refuse();
      await pause(600); // three times what it waits for a lock that did not move
      assert.equal(asked, before);
    } finally {
      withdraw();
    }
  });

  it("releases by fire with the vault away, and puts it on the record when it is back", async () => {
    const { vault, next } = await load({ fire: "off-is-fire" });
    put("fire", 1);
    await vault.stop();
    const released = next("mqtt");
    put("fire", 0);
    await released;
    await next("mqtt");
    await vault.start();
    await recorded("fire");
    assert.deepEqual(kinds(), ["fire"]);
  });

  it("refuses a fire input that is wired and would never be listened to", async () => {
    const { failure } = await load({ from: "osdp", bus: "bus", fireInput: 2, fire: "none" });
    const failed = failure("watch");
    put("contact", 1);
    assert.equal(await failed, "fire-unread");
  });

  it("takes a fire input that falls silent for fire where people leave by this door", async () => {
    const { next } = await load({ fire: "off-is-fire", fireSilence: 5, fireLost: "release" });
    const state = next("fire");
    assert.equal((await state).payload, true); // it never spoke at all
    await recorded("fire");
    assert.equal(on!.vault.happened()[0]?.detail, "input-lost");
  });

  it("raises the top alarm for a reader that is gone, and takes it back", async () => {
    const { status } = await load({ ways: ["card", "pin"], silence: 5 });
    const dead = status("watch", (text) => text.includes("way-silent"));
    const news = async (count: number): Promise<void> => {
      while (on!.vault.readerNews.length < count) await pause(10);
    };
    put("alive/card", "offline", { retain: true });
    await dead;
    await news(1);
    put("alive/card", "online", { retain: true }); // what a broker remembers of it is no life
    put("alive/stranger", 1);
    await pause(30);
    assert.deepEqual(on!.vault.readerNews, ["gate-1 reader-silent card"]);
    put("alive/card", { any: "thing" });
    await news(2);
    assert.equal(on!.vault.readerNews[1], "gate-1 reader-back card");
  });

  it("tells a vault that has just started who is heard from and whether the door stands open", async () => {
    const { vault } = await load({ ways: ["card", "pin"], silence: 600 });
    const levels = (): string[] =>
      vault
        .requests("level")
        .map(({ contact, reader }) => contact ?? `${reader?.name} ${reader?.alive ? "lives" : "is silent"}`);
    put("contact", "open");
    put("contact", "open"); // nothing new
    put("alive/card", "offline");
    put("alive/pin", 1);
    while (levels().length < 3) await pause(10);
    assert.deepEqual(levels(), ["open", "card is silent", "pin lives"]);
    assert.deepEqual(kinds(), []); // a door that was open at the start was not forced
    await vault.stop();
    put("alive/card", 1); // while nobody is there to hear it
    put("contact", "closed");
    await vault.start();
    registry.emit("configured", registry.armed!);
    while (new Set(levels().slice(3)).size < 3) await pause(10);
    assert.deepEqual(new Set(levels().slice(3)), new Set(["card lives", "closed", "pin lives"]));
  });

  it("says once what it finds well at a start, so that an alarm from before is over", async () => {
    await load({ ways: ["card"], silence: 5 });
    put("contact", 0);
    put("alive/card", 1);
    put("contact", 0);
    put("alive/card", 1);
    const well = () => on!.vault.requests("event").filter(({ settles }) => settles);
    const lives = () => on!.vault.requests("level").filter(({ reader }) => reader?.alive);
    while (well().length < 1 || lives().length < 1) await pause(10);
    await pause(30);
    assert.deepEqual(
      well().map(({ kind }) => kind),
      ["closed"],
    );
    assert.equal(lives().length, 1);
    assert.deepEqual(kinds(), []);
  });

  it("keeps its events in order through a vault that goes away", async () => {
    const { vault } = await load();
    put("contact", 0);
    await vault.stop();
    put("contact", 1);
    put("contact", 0);
    put("tamper", 1);
    await vault.start();
    await recorded("forced", "closed", "tamper");
    assert.deepEqual(kinds(), ["forced", "closed", "tamper"]);
  });
});

describe("what a message says of a door", () => {
  const sense = { contact: "off-is-open", fire: "off-is-fire", ...unheard } as const;
  const said = (
    topic: string | undefined,
    payload: unknown,
    retain = false,
    by: Parameters<typeof hear>[1] = sense,
  ) => hear({ topic, payload, retain } as Message, by);

  it("is its topic's last part and its level", () => {
    assert.deepEqual(said("a/b/contact", 0), { door: { input: "contact", open: true } });
    assert.deepEqual(said("contact", "on", true), { door: { input: "contact", open: false } });
    assert.deepEqual(said("contact", 1, false, { ...sense, contact: "on-is-open" }), {
      door: { input: "contact", open: true },
    });
    assert.deepEqual(said("fire", "0"), { door: { input: "fire", alarm: true } });
    assert.equal(said("fire", "broken"), "unreadable");
    assert.equal(said("contact", 1, false, { ...sense, contact: "none" }), undefined);
    assert.equal(said("fire", 0, false, { ...sense, fire: "none" }), undefined);
    assert.equal(said("exit", 0), undefined); // the release of the button
    assert.equal(said("fire-reset", 1, true), undefined);
    assert.equal(said(undefined, 1), undefined);
    assert.equal(said("grant", 1), undefined); // nobody is let in by message
  });
});
