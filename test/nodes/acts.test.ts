import assert from "node:assert/strict";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import faceMatch from "../../nodes/face-match/face-match.ts";
import guardOpen from "../../nodes/guard-open/guard-open.ts";
import { act, canAct, outcome } from "../../nodes/lib/acts.ts";
import type { Message } from "../../nodes/lib/types.ts";
import { vaultOf } from "../../nodes/lib/vault.ts";
import limenCamera from "../../nodes/limen-camera/limen-camera.ts";
import limenDoor from "../../nodes/limen-door/limen-door.ts";
import limenSite from "../../nodes/limen-site/limen-site.ts";
import { attemptOf } from "./fake-vault.ts";
import { type Bench, bench, houseNodes } from "./harness.ts";

const modules = [limenSite, limenDoor, limenCamera, faceMatch, guardOpen] as never;
const seen = attemptOf({ method: "face", evidence: { score: 0.7, frames: 3, agreeing: 2 } });
const auth = "a".repeat(43);

describe("deliberate acts", () => {
  let on: Bench;
  afterEach(() => on.stop());

  const load = async (face: Record<string, unknown> = {}, extra: object[] = []): Promise<Bench> => {
    on = await bench(modules, [
      ...houseNodes,
      {
        id: "face",
        type: "face-match",
        door: "door",
        camera: "camera",
        buttons: ["limen/gate-1/button"],
        wires: [["out"]],
        ...face,
      },
      { id: "guard", type: "guard-open", door: "door", wires: [["out"]] },
      { id: "out", type: "helper" },
      ...(extra as never[]),
    ]);
    on.vault.answer("match", () => seen);
    return on;
  };
  const press = (payload: unknown, topic = "limen/gate-1/button"): Message =>
    ({ topic, payload, _msgid: "press-1" }) as Message;

  it("a press of a listed button makes one look with the message's own id", async () => {
    const { put, next, vault } = await load();
    const out = next("out");
    put("face", press("1"));
    const { payload, topic } = (await out) as { payload: EntryAttempt; topic: string };
    assert.equal(topic, "gate-1");
    assert.equal(payload.id, seen.id);
    const [match] = vault.requests("match");
    assert.deepEqual(match?.act, { kind: "button", id: "press-1" });
    assert.equal(match?.camera, "cam-1");
    assert.equal(match?.attempt, undefined);
    const settings = { mode: "1:N", risk: 1e-4, frames: 5, agreeing: 2, seconds: 4 };
    assert.deepEqual(match?.settings, settings);
    const declared = [{ node: "face", door: "gate-1", camera: "cam-1", settings }];
    assert.deepEqual(vault.requests("configure")[0]?.looks, declared, "and that is what was declared");
  });

  it("letting go of the button does nothing", async () => {
    const { put, vault, next } = await load();
    for (const payload of ["0", 0, false, "off", "", "released"]) put("face", press(payload));
    const out = next("out");
    put("face", press("pressed"));
    await out;
    assert.equal(vault.requests("match").length, 1);
  });

  it("a timer, motion, a picture or another topic starts no look", async () => {
    const { put, failure, vault } = await load();
    for (const message of [
      press("1", "limen/gate-1/motion"),
      press(Date.now(), ""),
      press(Buffer.from("jpeg")),
      press({ pressed: true }),
      press(undefined),
      { payload: attemptOf(), topic: "gate-1" } as unknown as Message,
    ]) {
      const failed = failure("face");
      put("face", message);
      assert.equal(await failed, "not-an-act");
    }
    assert.equal(vault.requests("match").length, 0);
  });

  it("the door's screen asks through the API, and gets the attempt's id", async () => {
    const { next, vault } = await load();
    const out = next("out");
    assert.equal(await act("gate-1", "face", { kind: "screen", id: "tap-1" }), seen.id);
    assert.equal(((await out).payload as EntryAttempt).id, seen.id);
    assert.deepEqual(vault.requests("match")[0]?.act, { kind: "screen", id: "tap-1" });
  });

  it("there is no such way where the flow has none", async () => {
    await load({ screen: false });
    assert.equal(canAct("gate-1", "face"), false);
    await assert.rejects(act("gate-1", "face", { kind: "screen", id: "x" }), { code: "no-such-way" });
    await assert.rejects(act("gate-9", "assist", { auth, reason: "visitor" }), { code: "no-such-way" });
  });

  it("a face node that leads nowhere is no way in", async () => {
    const { vault } = await load({ wires: [] });
    assert.equal(canAct("gate-1", "face"), false);
    assert.deepEqual(vault.requests("configure")[0]?.doors[0]?.ways, ["guard"]);
  });

  it("a wired one is, and so is the guard's", async () => {
    const { vault } = await load();
    assert.deepEqual(vault.requests("configure")[0]?.doors[0]?.ways, ["face", "guard"]);
  });

  it("1:1 compares whoever showed a card with that one person", async () => {
    const { put, next, vault } = await load({ mode: "1:1" });
    const attempt = attemptOf();
    const out = next("out");
    put("face", { payload: attempt } as unknown as Message);
    await out;
    const [match] = vault.requests("match");
    assert.equal(match?.attempt, attempt.id);
    assert.deepEqual(match?.act, { kind: "attempt", id: attempt.id });
    assert.equal(match?.settings.mode, "1:1");
    assert.equal(canAct("gate-1", "face"), false);
  });

  it("1:1 passes an attempt through that already failed, without a look", async () => {
    const { put, next, vault } = await load({ mode: "1:1" });
    const denied = attemptOf({ outcome: "denied", code: "no-such-credential" });
    const out = next("out");
    put("face", { payload: denied } as unknown as Message);
    assert.equal(((await out).payload as EntryAttempt).id, denied.id);
    assert.equal(vault.requests("match").length, 0);
  });

  it("a camera of another door is refused", async () => {
    const { put, failure } = await load({ camera: "camera-2" }, [
      { ...houseNodes[1], id: "door-2", door: "gate-2" },
      { ...houseNodes[2], id: "camera-2", camera: "cam-2", door: "door-2" },
    ]);
    const failed = failure("face");
    put("face", press("1"));
    assert.equal(await failed, "camera-elsewhere");
  });

  it("the guard opens with a reason and their own session", async () => {
    const { vault, next } = await load();
    const attempt = attemptOf({ method: "guard" });
    vault.answer("assist", () => attempt);
    const out = next("out");
    assert.equal(await act("gate-1", "assist", { auth, reason: "courier" }), attempt.id);
    assert.equal(((await out).payload as EntryAttempt).method, "guard");
    assert.deepEqual(vault.requests("assist")[0], { auth, door: "gate-1", reason: "courier" });
  });

  it("whoever may not open is told so, and nothing is sent", async () => {
    const { vault } = await load();
    vault.answer("assist", () => {
      throw new LimenError("not-allowed", { status: 403 });
    });
    await assert.rejects(act("gate-1", "assist", { auth, reason: "other" }), {
      code: "not-allowed",
      status: 403,
    });
  });

  it("a failed look is on the node and with whoever pressed", async () => {
    const { vault, failure } = await load();
    vault.answer("match", () => {
      throw new LimenError("unknown-camera", { status: 404 });
    });
    const failed = failure("face");
    await assert.rejects(act("gate-1", "face", { kind: "screen", id: "tap" }), { code: "unknown-camera" });
    assert.equal(await failed, "unknown-camera");
  });

  it("looks the vault never answered are told to it with the next one, once, so that they are counted", async () => {
    const { vault } = await load();
    let away = true;
    vault.answer("match", () => {
      if (away) throw new LimenError("vault-away", { status: 503 });
      return seen;
    });
    for (const id of ["tap-1", "tap-2"])
      await assert.rejects(act("gate-1", "face", { kind: "screen", id }), { code: "vault-away" });
    away = false;
    for (const id of ["tap-3", "tap-4"]) await act("gate-1", "face", { kind: "screen", id });
    assert.deepEqual(
      vault.requests("match").map(({ unanswered }) => unanswered),
      [undefined, 1, 2, undefined],
    );
  });
});

describe("waiting for an attempt's outcome", () => {
  let on: Bench;
  beforeEach(async () => {
    on = await bench([] as never, []);
  });
  afterEach(() => on.stop());
  const client = () => vaultOf({ settings: {} as never });
  const over = (attempt: EntryAttempt): EntryAttempt => ({
    ...attempt,
    outcome: "granted",
    code: "granted",
    record: { index: 1, origin: "o" },
  });

  it("answers at once when it is over", async () => {
    on.vault.answer("attempt", () => over(seen));
    assert.equal((await outcome(client(), seen.id, 1000)).outcome, "granted");
  });

  it("hears the vault say so", async () => {
    const asked = Promise.withResolvers<void>();
    on.vault.answer("attempt", () => {
      asked.resolve();
      return seen;
    });
    const waiting = outcome(client(), seen.id, 10_000);
    await asked.promise;
    on.vault.broadcast({ event: "attempt", attempt: over(attemptOf()) }); // another one
    on.vault.broadcast({ event: "attempt", attempt: over(seen) });
    assert.equal((await waiting).id, seen.id);
  });

  it("gives up in time, or answers a decision that was never recorded", async () => {
    on.vault.answer("attempt", () => seen);
    await assert.rejects(outcome(client(), seen.id, 20), { code: "outcome-late", status: 504 });
    on.vault.answer("attempt", () => ({ ...seen, outcome: "denied", code: "not-live" }));
    assert.equal((await outcome(client(), seen.id, 20)).code, "not-live");
  });

  it("says when nobody knows the attempt", async () => {
    on.vault.answer("attempt", () => {
      throw new LimenError("attempt-unknown", { status: 404 });
    });
    await assert.rejects(outcome(client(), seen.id, 1000), { code: "attempt-unknown" });
  });
});
