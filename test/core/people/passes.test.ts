import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../../../core/audit/types.ts";
import { Passes, passMigrations, peopleMigrations } from "../../../core/people/index.ts";
import { migrate } from "../../../core/store/database.ts";
import { handClock } from "../hand-clock.ts";

const hour = 3_600_000;

function desk(secret = 1, lapsed: () => string[] = () => []) {
  const db = new DatabaseSync(":memory:");
  migrate(db, "people", peopleMigrations);
  migrate(db, "passes", passMigrations);
  db.prepare(
    "INSERT INTO person (id, sealed, doors, state, since) VALUES ('person_a', x'00', NULL, 'resident', '')",
  ).run();
  const log = { appendWith: (_: unknown, write: () => void) => write() } as unknown as AuditLog;
  const clock = handClock();
  const passes = new Passes({
    db,
    ring: { secret: () => Buffer.alloc(32, secret) },
    log,
    clock,
    site: "site-1",
    tickets: { lapsed },
  });
  const at = (ms: number) => new Date(clock.now().getTime() + ms).toISOString();
  const order = {
    person: "person_a",
    kind: "visitor",
    from: at(0),
    until: at(24 * hour),
    uses: 1,
    window: 0,
    doors: [],
  } as const;
  return { db, clock, passes, order, at };
}
const gate = { reader: "r1", door: "main-gate" };

describe("passes", () => {
  it("open by scan or by typing, once, for whoever holds them", () => {
    const { passes, order } = desk();
    const { id, text, code } = passes.issue(order);
    assert.deepEqual(passes.find(text, gate), {
      credential: id,
      person: "person_a",
      assurance: "strong",
      visitor: true,
    });
    assert.deepEqual(
      passes.find(` ${code.slice(0, 4)} ${code.slice(4, 8)}-${code.slice(8)}`, gate),
      passes.find(text, gate),
    );
    assert.equal(passes.take(id, "a"), true);
    assert.equal(passes.take(id, "b"), false, "of two readers at once, one opens");
    assert.deepEqual(passes.find(text, gate), { code: "pass-used-up" });
  });

  it("keep to their time, their doors and their window", () => {
    const { passes, order, clock, at } = desk();
    const later = passes.issue({ ...order, from: at(hour), uses: 0, window: 30, doors: ["main-gate"] });
    assert.deepEqual(passes.find(later.text, gate), { code: "pass-invalid" });
    clock.pass(hour);
    assert.deepEqual(passes.find(later.text, { ...gate, door: "unit-1" }), { code: "no-rights-here" });
    passes.take(later.id, "a");
    clock.pass(29 * 60_000);
    assert.equal("code" in passes.find(later.text, gate), false);
    clock.pass(2 * 60_000);
    assert.deepEqual(passes.find(later.text, gate), { code: "pass-used-up" });
    clock.pass(48 * hour);
    assert.deepEqual(passes.find(later.text, gate), { code: "credential-expired" });
  });

  it("get a use back whose ticket lapsed, and never one that was redeemed, restart or not", () => {
    const lapsed: string[] = [];
    const { db, clock, passes, order } = desk(1, () => lapsed.splice(0));
    const { id, text } = passes.issue(order);
    const used = () => passes.of("person_a")[0]?.used;
    const again = () =>
      new Passes({
        ...{ db, clock, site: "site-1", ring: { secret: () => Buffer.alloc(32, 1) } },
        log: { appendWith: () => [] } as unknown as AuditLog,
      });
    assert.ok(passes.take(id, "first"));
    assert.deepEqual(passes.find(text, gate), { code: "pass-used-up" }, "its ticket is still out");
    lapsed.push("first", "somebody else's");
    assert.equal("code" in passes.find(text, gate), false);
    lapsed.push("first");
    assert.equal(used(), 0, "once");
    assert.ok(passes.take(id, "second"));
    again();
    assert.equal(used(), 0, "a restart voids the ticket");
    assert.ok(passes.take(id, "third"));
    passes.unspent("third");
    assert.ok(passes.take(id, "fourth"));
    passes.redeemed("fourth");
    lapsed.push("fourth");
    assert.equal(used(), 1);
    passes.unspent("fourth");
    again();
    assert.equal(used(), 1);
    assert.deepEqual(passes.find(text, gate), { code: "pass-used-up" });
  });

  it("open nothing once revoked", () => {
    const { passes, order } = desk();
    const { id, text } = passes.issue({ ...order, uses: 0 });
    passes.revoke(id);
    passes.revoke(id);
    assert.deepEqual(passes.find(text, gate), { code: "credential-blocked" });
    assert.equal(passes.take(id, "b"), false);
    assert.equal(passes.of("person_a")[0]?.state, "blocked");
  });

  it("of another site, forged or mangled are worth nothing", () => {
    const { passes, order } = desk();
    const { text } = passes.issue(order);
    assert.deepEqual(desk(2).passes.find(text, gate), { code: "pass-invalid" });
    for (let at = 0; at < text.length; at += 7) {
      const other = text[at] === "A" ? "B" : "A";
      const mangled = text.slice(0, at) + other + text.slice(at + 1);
      assert.deepEqual(passes.find(mangled, gate), { code: "pass-invalid" });
    }
  });

  it("lock the keypad after guesses at typed codes, and say nothing of which", () => {
    const { passes, order } = desk();
    const { code } = passes.issue({ ...order, uses: 0 });
    let tries = 0;
    let last: unknown;
    do last = passes.find("000000000000", gate);
    while ((last as { code: string }).code === "pass-invalid" && ++tries < 50);
    assert.deepEqual(last, { code: "locked-out" });
    assert.deepEqual(passes.find(code, gate), { code: "locked-out" });
  });

  it("are refused when they are too long, over, or nobody's", () => {
    const { passes, order, at } = desk();
    assert.throws(() => passes.issue({ ...order, until: at(100 * 24 * hour) }), { code: "pass-too-long" });
    assert.throws(() => passes.issue({ ...order, from: at(-2 * hour), until: at(-hour) }), {
      field: "/until",
    });
    assert.throws(() => passes.issue({ ...order, until: order.from }), { field: "/until" });
    assert.throws(() => passes.issue({ ...order, person: "person_b" }), { code: "person-unknown" });
  });

  it("go when they have been over for long enough", () => {
    const { passes, order, clock } = desk();
    passes.issue(order);
    clock.pass(40 * 24 * hour);
    assert.equal(passes.sweep(30), 1);
    assert.deepEqual(passes.of("person_a"), []);
  });
});
