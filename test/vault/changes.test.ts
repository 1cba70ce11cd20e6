import assert from "node:assert/strict";
import { noDiff } from "../../core/policy/changes/diff.ts";
import { waitMs } from "../../vault/changes.ts";
import { operatorAuth, type Role } from "../../vault/protocol/common.ts";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import { handClock } from "../core/hand-clock.ts";
import { estate, openRig, type Rig } from "./rig.ts";

const hash = (letter: string): string => letter.repeat(64);
const [a, b, c] = [hash("a"), hash("b"), hash("c")];
const password = "a long enough password";

describe("change control in the vault", () => {
  let rig: Rig;
  const clock = handClock();
  let told: VaultEvent[];

  before(async () => {
    rig = await openRig({ clock });
    for (const [name, role] of [
      ["ann", "manager"],
      ["ben", "technician"],
      ["ada", "auditor"],
    ] as const)
      await rig.operator.call("staff.add", { auth: operatorAuth, name, role, password });
  });
  after(() => rig?.close());
  beforeEach(() => {
    told = [];
    rig.client.removeAllListeners("event").on("event", (event) => void told.push(event));
  });

  const signIn = async (name: string): Promise<string> =>
    (await rig.client.call("session.open", { name, password, address: "test" })).auth;
  const token = async (auth: string, role: Role = "technician"): Promise<string> =>
    (await rig.client.call("token.create", { auth, role, label: "script", days: 1 })).token;
  const configure = async (
    flow: string,
    twoPersons: boolean,
    findings: { rule: string; node: string }[] = [],
  ) => {
    const request = estate();
    const site = { ...request.site, twoPersons };
    return await rig.client.call("configure", { ...request, site, flow: { hash: flow, findings } });
  };
  const stage = async (auth: string, after: string, before = a) =>
    await rig.client.call("change.stage", {
      auth,
      how: "editor",
      before,
      after,
      diff: { ...noDiff, added: 1 },
    });
  const latest = async (auth: string) =>
    (await rig.client.call("change.list", { auth, limit: 1 })).changes[0]!;
  const code = (wanted: string) => (error: { code?: string }) => error.code === wanted;

  it("records a deploy with who, how and what, for those who watch", async () => {
    const auth = await signIn("ben");
    const diff = { ...noDiff, changed: 1, doors: ["gate"] };
    const { id } = await rig.client.call("change.record", {
      kind: "deployed",
      how: "editor",
      auth,
      before: a,
      after: b,
      rules: [],
      diff,
    });
    const auditor = await signIn("ada");
    const { changes } = await rig.client.call("change.list", { auth: auditor, limit: 5 });
    assert.deepEqual(
      changes.map(({ kind, by, role, how, after }) => [kind, by, role, how, after]),
      [["deployed", "ben", "technician", "editor", b]],
    );
    assert.deepEqual((await rig.client.call("change.read", { auth: auditor, id })).diff, diff);
    await assert.rejects(
      rig.client.call("change.read", { auth: auditor, id: id + 1 }),
      code("change-unknown"),
    );
    await assert.rejects(rig.client.call("change.read", { auth: auditor, id: 0 }), code("change-unknown"));
  });

  it("keeps the difference sealed: nothing of it lies in the ledger", async () => {
    const { readFileSync } = await import("node:fs");
    const { join } = await import("node:path");
    const ledger = ["ledger.db", "ledger.db-wal"].map((name) => {
      try {
        return readFileSync(join(rig.data, name)).toString("latin1");
      } catch {
        return "";
      }
    });
    assert.ok(ledger.some((text) => text.includes("CREATE TABLE staged_change")));
    assert.ok(!ledger.some((text) => text.includes('"doors":["gate"]') || text.includes("flow-deployed")));
  });

  it("records a refusal with the rules, and nobody's name for somebody it does not know", async () => {
    await assert.rejects(
      rig.client.call("change.record", {
        kind: "refused",
        how: "api",
        auth: "x".repeat(43),
        rules: ["another-way"],
      }),
      code("not-signed-in"),
    );
    await rig.client.call("change.record", {
      kind: "refused",
      how: "api",
      rules: ["another-way", "no-leak"],
    });
    const change = await latest(await signIn("ada"));
    assert.deepEqual(
      [change.kind, change.by, change.rules],
      ["refused", undefined, ["another-way", "no-leak"]],
    );
  });

  it("arms any lawful flow while nobody asked for two persons", async () => {
    assert.equal((await configure(a, false)).relaysArmed, true);
    assert.equal((await configure(b, false)).relaysArmed, true);
    assert.equal((await configure(a, true)).relaysArmed, true);
  });

  it("then arms nothing but that flow, not even one that asks for two persons no more", async () => {
    for (const flow of [b, c]) assert.equal((await configure(flow, false)).relaysArmed, false);
    const off = { relays: true, faces: true, why: "second-person", rules: [] };
    const auth = await token(await signIn("ann"), "guard");
    assert.deepEqual((await rig.client.call("door.list", { auth })).off, off);
    assert.deepEqual((await rig.client.call("health", {})).off, off);
    await rig.restart();
    rig.client.on("event", (event) => void told.push(event));
    assert.equal((await configure(b, false)).relaysArmed, false);
    assert.equal((await configure(a, true)).relaysArmed, true);
    await rig.client.call("change.record", {
      kind: "deployed",
      how: "editor",
      auth: await signIn("ben"),
      after: b,
    });
    assert.equal((await configure(b, true)).relaysArmed, false, "recorded is not agreed to");
    assert.equal((await configure(a, true)).relaysArmed, true);
  });

  it("lets somebody else agree, and never the one who brought it, nor a token of theirs", async () => {
    const [ann, ben] = [await signIn("ann"), await signIn("ben")];
    const { id, expires } = await stage(ann, b);
    assert.equal(Date.parse(expires) - clock.now().getTime(), waitMs);
    const listed = await rig.client.call("change.list", { auth: ann, limit: 50 });
    assert.deepEqual(
      listed.waiting.map(({ id: which, by, mine }) => [which, by, mine]),
      [[id, "ann", true]],
    );
    await assert.rejects(rig.client.call("change.approve", { auth: ann, id }), code("same-person"));
    const hers = await token(ann);
    await assert.rejects(rig.client.call("change.approve", { auth: hers, id }), code("same-person"));
    const again = await signIn("ann"); // another session of the same account
    await assert.rejects(rig.client.call("change.approve", { auth: again, id }), code("same-person"));
    await assert.rejects(
      rig.client.call("change.approve", { auth: await signIn("ada"), id }),
      code("not-allowed"),
    );
    assert.equal((await configure(b, true)).relaysArmed, false);

    assert.deepEqual(await rig.client.call("change.approve", { auth: ben, id }), { id, after: b });
    await assert.rejects(rig.client.call("change.approve", { auth: ben, id }), code("change-gone"));
    assert.ok(
      told.some((event) => event.event === "change" && event.kind === "approved" && event.change === id),
    );
    assert.equal((await configure(b, true)).relaysArmed, false, "agreed to is not deployed yet");
    await rig.client.call("change.record", { kind: "deployed", how: "editor", before: a, after: b, of: id });
    const done = await latest(ben);
    assert.deepEqual([done.kind, done.by, done.second, done.of], ["deployed", "ann", "ben", id]);
    assert.equal((await configure(b, true)).relaysArmed, true);
  });

  it("takes no other flow than the one that was agreed to", async () => {
    const { id } = await stage(await signIn("ann"), c, b);
    await rig.client.call("change.approve", { auth: await signIn("ben"), id });
    await rig.client.call("change.record", { kind: "deployed", how: "editor", before: b, after: a, of: id });
    assert.equal((await configure(a, true)).relaysArmed, false);
    assert.equal((await configure(b, true)).relaysArmed, true);
  });

  it("knows a change staged by a token for its maker's", async () => {
    const ann = await signIn("ann");
    const { id } = await stage(await token(ann), c, b);
    await assert.rejects(rig.client.call("change.approve", { auth: ann, id }), code("same-person"));
    await rig.client.call("change.reject", { auth: ann, id });
    assert.equal((await latest(ann)).kind, "rejected");
    assert.deepEqual((await rig.client.call("change.list", { auth: ann, limit: 50 })).waiting, []);
  });

  it("forgets what waited too long, and what another deploy has overtaken", async () => {
    const { id } = await stage(await signIn("ann"), c, b);
    clock.pass(waitMs + 1);
    const ben = await signIn("ben");
    await assert.rejects(rig.client.call("change.approve", { auth: ben, id }), code("change-gone"));
    assert.equal((await latest(ben)).kind, "expired");
    const other = await stage(await signIn("ann"), c, b);
    await rig.client.call("change.record", { kind: "deployed", how: "editor", auth: ben, after: b });
    await assert.rejects(rig.client.call("change.approve", { auth: ben, id: other.id }), code("change-gone"));
    await stage(await signIn("ann"), c, b);
    assert.deepEqual(await rig.client.call("change.forget", {}), { forgotten: 1 });
  });

  it("lets two persons switch two persons off, and one again afterwards", async () => {
    const { id } = await stage(await signIn("ann"), c, b);
    await rig.client.call("change.approve", { auth: await signIn("ben"), id });
    await rig.client.call("change.record", { kind: "deployed", how: "editor", before: b, after: c, of: id });
    assert.equal((await configure(c, false)).relaysArmed, true);
    assert.equal((await configure(a, true)).relaysArmed, true);
  });

  it("lets the operator of the box alone, on record, and nobody else as such", async () => {
    const ann = await signIn("ann");
    const { id } = await stage(ann, b);
    const request = { id, reason: "nobody-there" } as const;
    await assert.rejects(rig.client.call("change.override", { auth: ann, ...request }), code("not-allowed"));
    await assert.rejects(
      rig.client.call("change.override", { auth: operatorAuth, ...request }),
      code("not-signed-in"),
    );
    await rig.operator.call("change.override", { auth: operatorAuth, ...request });
    const { changes } = await rig.client.call("change.list", { auth: ann, limit: 1 });
    assert.deepEqual(
      changes.map(({ kind, by, second, reason }) => [kind, by, second, reason]),
      [["overridden", "ann", "operator", "nobody-there"]],
    );
    await rig.client.call("change.record", { kind: "deployed", how: "editor", before: a, after: b, of: id });
    assert.equal((await configure(b, true)).relaysArmed, true);

    assert.equal((await configure(c, true)).relaysArmed, false);
    await rig.operator.call("change.accept", { auth: operatorAuth, reason: "restored" });
    assert.ok(
      told.some((event) => event.event === "change" && event.kind === "accepted" && event.hash === c),
    );
    assert.equal((await configure(c, true)).relaysArmed, true);
    assert.equal((await latest(ann)).kind, "accepted");
  });

  it("remembers a flow that lacks nothing but its papers: they keep no card from opening", async () => {
    const lacking = [{ rule: "notice-in-force", node: "face" }];
    await rig.operator.call("change.accept", { auth: operatorAuth, reason: "restored" });
    assert.equal((await configure(b, true, lacking)).relaysArmed, false);
    await rig.operator.call("change.accept", { auth: operatorAuth, reason: "restored" });
    assert.equal((await configure(b, true, lacking)).relaysArmed, true);
    assert.equal((await configure(a, true, lacking)).relaysArmed, false);
    assert.equal((await configure(c, true)).relaysArmed, false);
    await rig.operator.call("change.accept", { auth: operatorAuth, reason: "restored" });
    assert.equal((await configure(c, true)).relaysArmed, true);
  });

  it("does not remember an unlawful flow as the one that may run", async () => {
    await configure(c, true, [{ rule: "another-way", node: "x" }]);
    assert.equal((await configure(a, true)).relaysArmed, false);
    assert.equal((await configure(c, true)).relaysArmed, true);
  });
});
