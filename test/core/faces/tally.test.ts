import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { byAge, enrolments, operationAt, technicalAt } from "../../../core/faces/accuracy.ts";
import { bandOf, FaceTally, tallyMigrations } from "../../../core/faces/tally.ts";
import type { LookCode } from "../../../core/faces/types.ts";
import { migrate } from "../../../core/store/migrate.ts";

const second = 1000;
const day = 86_400_000;

/** A tally over a database in memory, with a clock that is moved by hand. */
function newTally() {
  const db = new DatabaseSync(":memory:");
  migrate(db, "face tally", tallyMigrations);
  let now = Date.parse("2026-03-01T12:00:00Z");
  const clock = { now: () => new Date(now), monotonic: () => now };
  const open = () => new FaceTally({ db, clock });
  const pass = (ms: number) => {
    now += ms;
  };
  return { db, open, pass, since: () => new Date(now - 30 * day), tally: open() };
}

const look = (door: string, code: LookCode) => ({ door, mode: "1:N" as const, risk: 1e-4, code });

describe("counts of looks", () => {
  it("say how often, where and on which day, and nothing else", () => {
    const { db, tally } = newTally();
    tally.looked(look("gate", "no-match"));
    tally.looked({ ...look("gate", "granted"), mode: "1:1", band: "40-64" });
    tally.enrolled(undefined, "18-39");
    tally.enrolled("face-blurred", undefined);
    tally.flush();
    assert.deepEqual(
      db
        .prepare("SELECT * FROM face_tally ORDER BY door, what")
        .all()
        .map((row) => Object.values(row)),
      [
        ["2026-03-01", "", "enrol face-blurred", 1],
        ["2026-03-01", "", "enrol ok", 1],
        ["2026-03-01", "", "enrol-age 18-39 ok", 1],
        ["2026-03-01", "", "verify-age 40-64 ok", 1],
        ["2026-03-01", "gate", "again", 1],
        ["2026-03-01", "gate", "again-granted", 1],
        ["2026-03-01", "gate", "look granted", 1],
        ["2026-03-01", "gate", "look no-match", 1],
      ],
    );
  });

  it("take the next minute at the same door for the same visit, no other door's and no later one", () => {
    const { pass, since, tally } = newTally();
    const counted = (what: string) => tally.read(since()).find((row) => row.what === what)?.n ?? 0;
    tally.otherWay("gate"); // nobody's look failed
    tally.looked(look("gate", "not-live"));
    tally.otherWay("yard");
    assert.equal(counted("other-way"), 0);
    pass(59 * second);
    tally.otherWay("gate");
    tally.otherWay("gate"); // the next person's card
    assert.equal(counted("other-way"), 1);
    tally.looked(look("gate", "no-face"));
    pass(61 * second);
    tally.looked(look("gate", "granted"));
    tally.otherWay("gate");
    assert.deepEqual([counted("again"), counted("other-way")], [0, 1]);
  });

  it("keep what the camera or the box spoiled out of visits and ages: no face erred in it", () => {
    const { since, tally } = newTally();
    tally.looked({ ...look("gate", "camera-silent"), mode: "1:1", band: "40-64" });
    tally.looked(look("gate", "worker-lost"));
    tally.looked(look("gate", "granted"));
    tally.otherWay("gate");
    tally.unanswered("gate", 3);
    tally.unanswered("gate", 0);
    tally.enrolled("camera-frozen", "18-39");
    assert.deepEqual(
      tally.read(since()).map(({ what, n }) => `${what} ${n}`),
      [
        "enrol camera-frozen 1",
        "look camera-silent 1",
        "look granted 1",
        "look vault-away 3",
        "look worker-lost 1",
      ],
    );
    // nor does it end the visit of somebody whose face did fail
    tally.looked(look("gate", "no-match"));
    tally.looked(look("gate", "face-busy"));
    tally.looked(look("gate", "granted"));
    const counted = (what: string) => tally.read(since()).find((row) => row.what === what)?.n ?? 0;
    assert.deepEqual([counted("again"), counted("again-granted")], [1, 1]);
  });

  it("outlive a restart, and go after 400 days", () => {
    const { open, pass, tally } = newTally();
    tally.looked({ ...look("gate", "granted"), risk: 1e-3 });
    tally.flush();
    const later = open();
    assert.deepEqual(later.setting("gate"), { mode: "1:N", risk: 1e-3 });
    assert.equal(later.read(new Date(0)).length, 1);
    pass(400 * day);
    assert.equal(later.read(new Date(0)).length, 1);
    pass(day);
    assert.equal(later.read(new Date(0)).length, 0);
  });

  it("know age only as one of four bands, and not at all where no birth date was stated", () => {
    const now = new Date("2026-03-01");
    assert.deepEqual(
      ["2010-01-01", "1990-01-01", "1970-01-01", "1950-01-01", undefined, "no date"].map((born) =>
        bandOf(born, now),
      ),
      ["under-18", "18-39", "40-64", "65-plus", undefined, undefined],
    );
  });
});

describe("what counts are told", () => {
  const rows = (counts: Record<string, number>, door = "gate") =>
    Object.entries(counts).map(([what, n]) => ({ door, what, n }));

  it("none of a door with fewer than 30 looks", () => {
    assert.equal(operationAt(rows({ "look granted": 28, "look no-match": 1 }), "gate"), undefined);
    const told = operationAt(rows({ "look granted": 24, "look no-match": 6, again: 2 }), "gate")!;
    assert.deepEqual(
      [told.looks, told.refused.share, told.again, told.againGranted, told.otherWay],
      [30, 0.2, 2, 0, 0],
    );
    assert.ok(told.refused.low < 0.2 && told.refused.high > 0.2);
    assert.equal(operationAt(rows({ "look granted": 900 }, "yard"), "gate"), undefined);
  });

  it("failures of camera and box on a line of their own, and in no rate of faces", () => {
    const counts = { "look granted": 27, "look no-face": 3, "look camera-silent": 60, "look worker-lost": 2 };
    const told = operationAt(rows(counts), "gate")!;
    assert.deepEqual([told.looks, told.refused.share, told.notAcquired.share], [30, 0.1, 0.1]);
    assert.ok(told.reasons.every(({ code }) => code !== "camera-silent"));
    const few = { "look granted": 29, "look camera-silent": 60 };
    assert.equal(operationAt(rows(few), "gate"), undefined, "sixty silent cameras make no look");
    assert.deepEqual(technicalAt(rows(counts), "gate"), {
      n: 62,
      reasons: [
        { code: "camera-silent", n: 60 },
        { code: "worker-lost", n: 2 },
      ],
    });
    assert.equal(technicalAt(rows({ "look granted": 99, "look vault-away": 4 }), "gate"), undefined);
    const desk = rows({ "enrol ok": 27, "enrol no-face": 3, "enrol camera-silent": 9 }, "");
    assert.deepEqual([enrolments(desk)!.failed.n, enrolments(desk)!.failed.share], [30, 0.1]);
    assert.deepEqual(technicalAt(desk), { n: 9, reasons: [{ code: "camera-silent", n: 9 }] });
  });

  it("rare reasons only in a heap that is not rare", () => {
    const reasons = (counts: Record<string, number>) => operationAt(rows(counts), "gate")!.reasons;
    assert.deepEqual(
      reasons({ "look granted": 100, "look no-match": 20, "look not-live": 3, "look no-face": 4 }),
      [
        { code: "no-match", n: 20 },
        { code: "other", n: 7 },
      ],
    );
    assert.deepEqual(
      reasons({ "look granted": 100, "look no-match": 20, "look no-face": 9, "look not-live": 1 }),
      [
        { code: "no-match", n: 20 },
        { code: "other", n: 10 },
      ],
    );
  });

  it("failures to enrol and ages from 30 on", () => {
    const few = rows({ "enrol ok": 29, "enrol-age 18-39 ok": 29, "verify-age 65-plus ok": 29 }, "");
    assert.equal(enrolments(few), undefined);
    assert.ok(byAge(few).every(({ enrol, verify }) => !enrol && !verify));
    const enough = rows(
      {
        "enrol ok": 29,
        "enrol face-blurred": 11,
        "enrol-age 18-39 ok": 29,
        "enrol-age 18-39 failed": 1,
        "verify-age 65-plus ok": 45,
        "verify-age 65-plus failed": 5,
      },
      "",
    );
    assert.equal(enrolments(enough)!.failed.share, 11 / 40);
    const told = byAge(enough);
    assert.equal(told.find(({ band }) => band === "18-39")!.enrol!.n, 30);
    assert.equal(told.find(({ band }) => band === "65-plus")!.verify!.share, 0.1);
    assert.equal(told.filter(({ enrol, verify }) => enrol ?? verify).length, 2);
  });

  it("no age from which another could be worked out by subtracting", () => {
    const of = (counts: Record<string, number>) =>
      byAge(
        rows(Object.fromEntries(Object.entries(counts).map(([band, n]) => [`enrol-age ${band} ok`, n])), ""),
      ).flatMap(({ band, enrol }) => (enrol ? [band] : []));
    assert.deepEqual(of({ "18-39": 60, "40-64": 35, "65-plus": 5 }), ["18-39"], "5 and 35 are 40");
    assert.deepEqual(of({ "18-39": 60, "40-64": 35, "65-plus": 29, "under-18": 1 }), ["18-39", "40-64"]);
    assert.deepEqual(of({ "18-39": 60, "40-64": 35 }), ["18-39", "40-64"]);
    assert.deepEqual(of({ "18-39": 30, "65-plus": 1 }), []);
  });
});
