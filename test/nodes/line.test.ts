import assert from "node:assert/strict";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import auditLog from "../../nodes/audit-log/audit-log.ts";
import consentCheck from "../../nodes/consent-check/consent-check.ts";
import entryRule from "../../nodes/entry-rule/entry-rule.ts";
import { registry } from "../../nodes/lib/registry.ts";
import type { Message } from "../../nodes/lib/types.ts";
import { vaultOf } from "../../nodes/lib/vault.ts";
import limenCamera from "../../nodes/limen-camera/limen-camera.ts";
import limenDoor from "../../nodes/limen-door/limen-door.ts";
import limenSite from "../../nodes/limen-site/limen-site.ts";
import { attemptOf } from "./fake-vault.ts";
import { type Bench, type BenchOptions, bench, houseNodes } from "./harness.ts";

const modules = [limenSite, limenDoor, limenCamera, entryRule, consentCheck, auditLog] as never;
const rule = { timeZone: "Asia/Shanghai", hours: [{ days: ["mon"], from: "07:00", to: "23:00" }] };

describe("sense, check, record: the straight line", () => {
  let on: Bench;
  afterEach(() => on.stop());

  const load = async (options: BenchOptions = {}): Promise<Bench> => {
    on = await bench(
      modules,
      [
        ...houseNodes,
        { id: "rule", type: "entry-rule", ...rule, wires: [["consent"]] },
        { id: "consent", type: "consent-check", wires: [["log"]] },
        { id: "log", type: "audit-log", wires: [["granted"], ["other"]] },
        { id: "granted", type: "helper" },
        { id: "other", type: "helper" },
      ],
      options,
    );
    return on;
  };
  const message = (attempt: EntryAttempt): Message => ({ topic: attempt.door, payload: attempt }) as Message;

  it("asks for rights, then consent, then the record, and passes on what the vault said", async () => {
    const { vault, put, next } = await load();
    const attempt = attemptOf();
    vault.answer("decide", () => ({ ...attempt, checks: [] }));
    vault.answer("consent", () => attempt);
    vault.answer("record", () => ({
      ...attempt,
      outcome: "granted",
      code: "granted",
      record: { index: 7, origin: "limen.test/log" },
      ticket: "ticket-1",
    }));
    const out = next("granted");
    put("rule", message(attempt));
    const { payload, topic } = (await out) as { payload: EntryAttempt; topic: string };
    assert.equal(topic, "gate-1");
    assert.equal(payload.ticket, "ticket-1");
    assert.deepEqual(
      vault.asked.map(({ verb }) => verb),
      ["configure", "decide", "consent", "record"],
    );
    const [decide] = vault.requests("decide");
    assert.equal(decide?.attempt, attempt.id);
    assert.equal(decide?.node, "rule");
    assert.deepEqual(decide?.rule.hours, rule.hours);
    assert.equal(decide?.rule.antiPassback, "off");
  });

  it("passes a denied attempt through both checks untouched, to the record and output 2", async () => {
    const { vault, put, next } = await load();
    const attempt = attemptOf({ outcome: "denied", code: "no-such-credential" });
    vault.answer("record", () => ({ ...attempt, record: { index: 3, origin: "o" } }));
    const out = next("other");
    put("rule", message(attempt));
    assert.equal(((await out).payload as EntryAttempt).code, "no-such-credential");
    assert.deepEqual(
      vault.asked.map(({ verb }) => verb),
      ["configure", "record"],
    );
  });

  it("believes the vault, not the wire: a message edited to granted is asked about all the same", async () => {
    const { vault, put, next } = await load();
    const attempt = attemptOf({ outcome: "granted", code: "granted", ticket: "forged" });
    const refused = attemptOf({ id: attempt.id, outcome: "denied", code: "outside-hours" });
    vault.answer("decide", () => refused);
    vault.answer("record", () => ({ ...refused, record: { index: 1, origin: "o" } }));
    const out = next("other");
    put("rule", message(attempt));
    const { outcome, ticket } = (await out).payload as EntryAttempt;
    assert.equal(outcome, "denied");
    assert.equal(ticket, undefined);
  });

  it("shows the reason for a refusal on the node", async () => {
    const { vault, put, status } = await load();
    vault.answer("decide", () => attemptOf({ outcome: "denied", code: "outside-hours" }));
    const text = status("rule", (shown) => shown.includes("attempt."));
    put("rule", message(attemptOf()));
    assert.equal(await text, "limen/limen-editor:attempt.outside-hours");
  });

  it("records a door's event and passes it to output 2", async () => {
    const { vault, put, next } = await load();
    vault.answer("event", () => ({ index: 12, origin: "o" }));
    const out = next("other");
    put("log", { payload: { door: "gate-1", kind: "forced", at: "2026-11-24T08:00:00Z" } } as Message);
    const { payload } = (await out) as { payload: { record: { index: number } } };
    assert.equal(payload.record.index, 12);
    assert.deepEqual(vault.happened()[0], { door: "gate-1", kind: "forced" });
  });

  it("passes on what door-watch and relay-out have recorded themselves, once", async () => {
    const { vault, put, next } = await load();
    const out = next("other");
    put("log", { payload: { event: "forced", door: "gate-1" } } as Message);
    assert.deepEqual((await out).payload, { event: "forced", door: "gate-1" });
    assert.deepEqual(vault.requests("event"), []);
  });

  it("does not record an event nobody knows", async () => {
    const { vault, put, failure } = await load();
    const failed = failure("log");
    put("log", { payload: { door: "gate-1", kind: "party" } } as Message);
    assert.equal(await failed, "event-invalid");
    assert.equal(vault.happened().length, 0);
  });

  for (const id of ["rule", "consent", "log"]) {
    it(`${id}: refuses what is no attempt, without asking the vault`, async () => {
      const { vault, put, failure } = await load();
      for (const payload of [undefined, "granted", 1, {}, { id: "short", checks: [] }, [], null]) {
        const failed = failure(id);
        put(id, { payload } as Message);
        assert.equal(await failed, "not-an-attempt");
      }
      assert.deepEqual(
        vault.asked.map(({ verb }) => verb),
        ["configure"],
      );
    });

    it(`${id}: a vault that dies in the middle stops the attempt, and the flow lives on`, async () => {
      const { vault, put, failure } = await load();
      const hang = new Promise<never>(() => undefined);
      for (const verb of ["decide", "consent", "record"] as const) vault.answer(verb, () => hang);
      const failed = failure(id);
      put(id, message(attemptOf()));
      while (vault.asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
      await vault.stop();
      assert.equal(await failed, "vault-away");
      const again = failure(id);
      put(id, message(attemptOf()));
      assert.equal(await again, "vault-away");
    });
  }

  it("says what the vault refuses with", async () => {
    const { vault, put, failure } = await load();
    vault.answer("record", () => {
      throw new LimenError("log-failed", { status: 500 });
    });
    const failed = failure("log");
    put("log", message(attemptOf()));
    assert.equal(await failed, "log-failed");
  });

  it("leaves nothing behind after many deploys", async () => {
    // what earlier tests asked may still wait for a flow, and gives up by itself: it is not counted
    const earlier = new Set(registry.listeners("configured"));
    await load();
    const listening = (): number => {
      const vault = vaultOf({ settings: {} as never });
      const waiting = registry.listeners("configured").filter((listener) => !earlier.has(listener));
      return vault.listenerCount("up") + vault.listenerCount("down") + waiting.length;
    };
    const first = listening();
    assert.ok(first > 0);
    for (let deploy = 0; deploy < 10; deploy++) {
      await on.stop();
      await load();
    }
    assert.equal(listening(), first);
    await on.unload();
    assert.equal(listening(), 0);
  });

  it("does nothing before the vault has taken the flow", async () => {
    const { put, failure, vault } = await load({ unconfigured: true });
    const failed = failure("rule");
    put("rule", message(attemptOf()));
    assert.equal(await failed, "not-configured");
    assert.deepEqual(vault.asked, []);
  });
});

describe("site, door and camera", () => {
  let on: Bench;
  afterEach(() => on.stop());

  it("are told to the vault as one configuration, secrets from the credentials", async () => {
    const camera = {
      id: "camera",
      type: "limen-camera",
      door: "door",
      camera: "cam-1",
      kind: "http-jpeg",
      url: "http://127.0.0.1/jpg",
      zoneLeft: 20,
      zoneWidth: 60,
    };
    on = await bench(modules, [...houseNodes.slice(0, 2), camera], {
      credentials: { camera: { user: "viewer", password: "hidden" } },
    });
    const [configured] = on.vault.requests("configure");
    assert.deepEqual(configured?.site.controller, { name: "Property office", contact: "office@example.org" });
    assert.deepEqual(configured?.doors[0], {
      id: "gate-1",
      name: "Gate",
      class: "gate",
      failMode: "secure",
      longSeconds: 15,
      openSeconds: 5,
      zone: "ground",
      simulated: true,
      fire: "hardware",
      egress: true,
      ways: [],
      watched: { kinds: [], readers: [] },
    });
    assert.deepEqual(configured?.cameras[0], {
      id: "cam-1",
      door: "gate-1",
      kind: "http-jpeg",
      url: "http://127.0.0.1/jpg",
      maxAgeMs: 2000,
      zone: { x: 0.2, y: 0, width: 0.6, height: 1 },
      user: "viewer",
      password: "hidden",
    });
  });

  for (const [what, flow, code] of [
    ["a camera without an address", [{ ...houseNodes[2]!, kind: "http-mjpeg" }], "config-invalid"],
    ["a camera without a topic", [{ ...houseNodes[2]!, kind: "mqtt" }], "config-invalid"],
    ["a camera at no door", [{ ...houseNodes[2]!, door: "nowhere" }], "config-missing"],
  ] as const) {
    it(`${what} is refused`, async () => {
      on = await bench(modules, [...houseNodes.slice(0, 2)]);
      await on.stop();
      on = await bench(modules, [...houseNodes.slice(0, 2), ...flow], { unconfigured: true });
      const failed = on.failure("camera");
      on.put("camera", {} as Message);
      assert.equal(await failed, code);
    });
  }

  it("a time zone nobody knows is refused", async () => {
    on = await bench(modules, [{ ...houseNodes[0]!, timeZone: "Mars/Olympus" }], { unconfigured: true });
    const failed = on.failure("site");
    on.put("site", {} as Message);
    assert.equal(await failed, "config-invalid");
  });

  it("two doors of one id are refused as a whole", async () => {
    const twin = { ...houseNodes[1]!, id: "door-2" };
    on = await bench(modules, [...houseNodes, twin], { unconfigured: true });
    assert.throws(() => registry.describe({ hash: "0".repeat(64), findings: [] }, []), {
      code: "door-twice",
    });
  });
});
