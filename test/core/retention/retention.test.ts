import assert from "node:assert/strict";
import { verifyJson } from "../../../core/consent/index.ts";
import type { ErasureReceipt } from "../../../core/retention/index.ts";
import { handClock } from "../hand-clock.ts";
import { openSite, type TestSite } from "./site.ts";

const dayMs = 24 * 3_600_000;

describe("retention", () => {
  let clock = handClock("2026-11-01T08:00:00.000Z");
  let site: TestSite;
  let person: string;
  beforeEach(() => {
    clock = handClock("2026-11-01T08:00:00.000Z");
    site = openSite(clock, {
      bounds: {
        "retention.entry-events.days": { min: 1, max: 366, article: "PIPL 19" },
        "retention.security-log.days": { min: 183, max: 1096, article: "Cybersecurity Law 21" },
      },
    });
    person = site.persons.create({ name: "Resident" });
  });
  afterEach(() => site.remove());

  /** One day at a door: two entries by name, one unknown card, one door event. */
  const oneDay = async () => {
    const at = clock.now();
    const entry = (fields: Record<string, string>) => ({
      class: "decision" as const,
      at,
      door: "gate-1",
      fields,
    });
    await Promise.all([
      site.log.append({
        ...entry({ outcome: "granted", credential: "cred_a" }),
        subject: person,
        personal: ["credential"],
      }),
      site.log.append({ ...entry({ outcome: "granted" }), subject: person }),
      site.log.append(entry({ outcome: "denied" })),
      site.log.append({ class: "door-event", at, door: "gate-1", fields: { kind: "opened" } }),
    ]);
    clock.pass(dayMs);
  };
  const days = async (count: number) => {
    for (let day = 0; day < count; day += 1) await oneDay();
  };

  it("previews and takes every day that is over, and only who it was; the certificate matches the store", async () => {
    await days(10); // 1 to 10 November; now it is the 11th
    const request = { class: "entry-events", days: 7 } as const;
    assert.deepEqual(site.retention.preview(request), { entries: 6, days: 3, oldest: "2026-11-01" });
    const before = site.log.held();
    const report = site.retention.run(request);
    assert.deepEqual([report.entries, report.days, report.oldest], [6, 3, "2026-11-01"]);
    const certificate = verifyJson<ErasureReceipt>(report.certificate!, site.signer.publicKey);
    assert.equal(certificate.scope, "days");
    const gone = (name: "whole" | "personal") =>
      certificate.counts.reduce((sum, count) => sum + count[name], 0);
    assert.deepEqual([gone("whole"), gone("personal")], [3, 3]);
    const rest = (held: typeof before) =>
      held.reduce((sum, { whole, personal }) => sum + whole + personal, 0);
    const erasureLeaves = 3; // asked, payloads, recorded
    assert.equal(rest(before) - rest(site.log.held()), 3 - erasureLeaves);
    assert.deepEqual(site.log.coverage().findings, []);
    assert.deepEqual(site.retention.preview(request), { entries: 0, days: 0 });
    assert.deepEqual(
      site.retention.run(request),
      { entries: 0, days: 0 },
      "nothing left, no leaf for nothing",
    );
    const named = site.log.query({ subject: person, classes: ["decision"] });
    assert.equal(named.length, 14, "seven days of two entries each");
  });

  it("moves with the clock: every day goes on its day", async () => {
    await days(4);
    const left: number[] = [];
    for (let day = 0; day < 6; day += 1) {
      left.push(site.retention.run({ class: "entry-events", days: 3 }).entries);
      clock.pass(dayMs);
    }
    assert.deepEqual(left, [2, 2, 2, 2, 0, 0]);
  });

  it("takes nothing when the clock is set back", async () => {
    await days(3);
    clock.set(new Date("2025-01-01T00:00:00Z"));
    assert.equal(site.retention.run({ class: "entry-events", days: 1 }).entries, 0);
  });

  it("keeps the security log for its own, longer time", async () => {
    await days(2);
    site.retention.run({ class: "entry-events", days: 1 });
    assert.equal(site.log.query({ door: "gate-1", classes: ["decision", "door-event"] }).length, 7);
    clock.pass(200 * dayMs);
    assert.equal(site.retention.preview({ class: "security-log", days: 183 }).entries, 7);
    site.retention.run({ class: "security-log", days: 183 });
    assert.equal(site.log.query({ door: "gate-1", classes: ["decision", "door-event"] }).length, 0);
    assert.deepEqual(site.log.coverage().findings, []);
  });

  it("refuses days outside the pack's bounds, naming the article, and days without end", () => {
    for (const [name, bad] of [
      ["entry-events", 0],
      ["entry-events", 367],
      ["entry-events", 1.5],
      ["security-log", 182],
      ["security-log", 1097],
    ] as const) {
      assert.throws(
        () => site.retention.preview({ class: name, days: bad }),
        (error: { code: string; params: { article: string } }) =>
          error.code === "retention-out-of-bounds" && /PIPL|Cybersecurity/.test(error.params.article),
      );
    }
    assert.throws(() => site.retention.run({ class: "look-ups", days: Number.POSITIVE_INFINITY }), {
      code: "retention-out-of-bounds",
    });
  });

  it("keeps the days of a legal hold until it ends, which it must", async () => {
    await days(6);
    const hold = { from: "2026-11-02", to: "2026-11-03", reason: "accident at gate 1" };
    assert.throws(() => site.holds.put({ ...hold, expires: "2099-01-01T00:00:00Z" }, "manager"), {
      field: "/expires",
    });
    assert.throws(
      () => site.holds.put({ ...hold, reason: " ", expires: "2026-12-01T00:00:00Z" }, "manager"),
      {
        field: "/reason",
      },
    );
    site.holds.put({ ...hold, expires: "2026-11-20T00:00:00Z" }, "manager");
    assert.deepEqual(site.retention.run({ class: "entry-events", days: 1 }).days, 3);
    clock.set(new Date("2026-11-20T00:00:01Z"));
    assert.deepEqual(site.retention.run({ class: "entry-events", days: 17 }).oldest, "2026-11-02");
  });
});

describe("look-ups", () => {
  const clock = handClock();
  const actor = { id: "staff_1", role: "desk", name: "Chen" };
  let site: TestSite;
  let person: string;
  beforeEach(() => {
    site = openSite(clock);
    person = site.persons.create({ name: "Resident" });
  });
  afterEach(() => site.remove());

  it("is on the record before the answer is read", async () => {
    let at = -1;
    const request = { actor, purpose: "desk-request", person, fields: ["name", "flat"] };
    const before = site.log.size;
    const name = await site.lookUp(request, () => {
      at = site.log.size;
      return site.persons.read(person).name;
    });
    assert.equal(name, "Resident");
    assert.equal(at, before + 1);
    const [seen] = site.log.query({ subject: person, classes: ["look-up"] });
    const { by, purpose, what } = seen!.fields!;
    assert.deepEqual({ by, purpose, what }, { by: "staff_1", purpose: "desk-request", what: "name flat" });
  });

  it("gives no answer when it cannot be recorded", async () => {
    site.ledger.exec("CREATE TRIGGER full BEFORE INSERT ON leaf BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    let read = false;
    await assert.rejects(
      site.lookUp({ actor, purpose: "audit", person, fields: ["name"] }, () => {
        read = true;
      }),
      { code: "log-failed" },
    );
    assert.ok(!read);
  });
});
