import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { openCheckpoint } from "../../../core/audit/checkpoint.ts";
import { checkCoverage } from "../../../core/audit/coverage.ts";
import { leafHash } from "../../../core/audit/merkle.ts";
import { parseVkey } from "../../../core/audit/note.ts";
import type { LeafClass } from "../../../core/audit/types.ts";
import { verifyLog } from "../../../core/audit/verify-log.ts";
import { verifyConsistency, verifyInclusion } from "../../../core/audit/verify-proof.ts";
import { truncateWal } from "../../../core/store/database.ts";
import { decision, type TestSite, testSite } from "./site.ts";

describe("erasing from the log", () => {
  let site: TestSite;
  beforeEach(() => {
    site = testSite();
  });
  afterEach(() => site.remove());

  const people = Array.from({ length: 10 }, (_, n) => `person_${n}`);
  /** 1,000 entries of ten people over four days, some partly personal, some of nobody. */
  function fill(): void {
    for (const person of people) site.subjects.create(person);
    for (let from = 0; from < 1000; from += 50) {
      const numbers = Array.from({ length: 50 }, (_, n) => from + n);
      site.log.appendWith(
        numbers.map((n) => {
          const entry = decision(site, n, { subject: people[n % 10]! });
          return n % 3 ? entry : { ...entry, personal: ["number"] };
        }),
      );
      site.clock.pass(5 * 3_600_000);
    }
  }
  const leaves = () =>
    site.db
      .prepare("SELECT entry FROM leaf ORDER BY idx")
      .all()
      .map(({ entry }) => Buffer.from(entry as Uint8Array));
  const rootNow = () => openCheckpoint(site.log.checkpoint(), [parseVkey(site.log.vkey)!])!.root;
  const codes = () => site.log.coverage().findings.map(({ code, place }) => `${code}: ${place}`);

  it("keeps every proof, and covers every gap, after 700 of 1,000 payloads are gone", async () => {
    const roots = [rootNow()];
    fill();
    const size = site.log.size;
    roots[size] = rootNow();
    const erased = site.log.eraseSubjects(people.slice(0, 7));
    assert.equal(erased.entries, 700);
    assert.equal(site.log.size, size + 1);
    for (const [index, leaf] of leaves().entries()) {
      const proof = site.log.inclusion(index);
      assert.ok(verifyInclusion(index, size + 1, leafHash(leaf), proof, rootNow()), `entry ${index}`);
    }
    const growth = site.log.consistency(size);
    assert.ok(verifyConsistency(size, size + 1, roots[size]!, rootNow(), growth));
    const { findings, summary } = site.log.coverage();
    assert.deepEqual(findings, []);
    assert.deepEqual(checkCoverage(leaves(), summary), []);
    await site.log.publish();
    assert.deepEqual(verifyLog(site.tiles, { vkey: site.log.vkey, coverage: summary }).findings, []);
    const held = site.log.held().filter((count) => count.class === "decision");
    assert.equal(
      held.reduce((sum, { whole }) => sum + whole, 0),
      300,
    );
  });

  it("finds the day when one payload is removed by hand, or one more", () => {
    fill();
    site.log.eraseSubjects(people.slice(0, 7));
    site.db.exec("DELETE FROM payload WHERE idx = 8");
    assert.deepEqual(codes(), ["payload-gap: 2026-11-23 decision"]);
    site.db.exec("DELETE FROM payload WHERE idx = 998");
    assert.deepEqual(codes(), ["payload-gap: 2026-11-23 decision", "payload-gap: 2026-11-27 decision"]);
  });

  it("finds the entry when a payload was altered, moved, re-sealed for another one or lost its key", () => {
    fill();
    const sql = (text: string) => site.db.exec(text);
    sql("UPDATE payload SET shared = zeroblob(60) WHERE idx = 3");
    sql("UPDATE payload SET who = (SELECT who FROM payload WHERE idx = 5) WHERE idx = 4");
    sql("UPDATE payload SET day = day + 1 WHERE idx = 10");
    assert.deepEqual(codes().sort().slice(0, 3), [
      "payload-altered: entry 10",
      "payload-altered: entry 3",
      "payload-altered: entry 4",
    ]);
    site.subjects.destroy("person_9");
    assert.ok(codes().includes("payload-unreadable: entry 19"));
    sql("UPDATE payload SET idx = 5000 WHERE idx = 30");
    assert.ok(codes().includes("payload-alien: entry 5000"));
  });

  it("finds a personal part removed by hand", () => {
    fill();
    site.db.exec("UPDATE payload SET personal = NULL, who = NULL, tag = NULL WHERE idx = 6");
    assert.deepEqual(codes(), ["personal-gap: 2026-11-23 decision"]);
  });

  it("finds counts that were dropped or changed", () => {
    fill();
    const { index } = site.log.eraseSubjects(["person_1"], { fields: { reason: "withdrawn" } });
    const { summary } = site.log.coverage();
    const check = (erasures: typeof summary.erasures) =>
      checkCoverage(leaves(), { ...summary, erasures }).map(({ code }) => code);
    assert.deepEqual(check(summary.erasures), []);
    assert.ok(check([]).includes("erasure-unstated"));
    const [stated] = summary.erasures;
    const altered = { index, disclosures: stated!.disclosures.toReversed() };
    assert.ok(check([altered]).includes("erasure-altered"));
    assert.ok(check([{ index, disclosures: stated!.disclosures.slice(1) }]).includes("erasure-altered"));
    assert.ok(check([{ ...stated!, index: 3 }]).includes("erasure-altered"));
  });

  it("leaves nothing of the erased but the leaf, or what was not personal", () => {
    fill();
    site.log.eraseSubjects(["person_1"]);
    const whole = site.log.read(1)!;
    assert.deepEqual(whole, {
      index: 1,
      origin: "test.example/gate",
      class: "decision",
      day: "2026-11-23",
      erased: true,
    });
    const partly = site.log.read(21)!;
    assert.deepEqual(partly.fields, { method: "card", outcome: "granted" });
    assert.equal(partly.erased, true);
    assert.deepEqual(site.log.query({ subject: "person_1" }), []);
    assert.equal(site.log.read(2)?.fields?.number, 2);
  });

  it("names nobody and no entry in the erasure's own leaf", () => {
    fill();
    const { index, counts } = site.log.eraseSubjects(["person_1"], { fields: { reason: "withdrawn" } });
    const { fields } = site.log.read(index)!;
    assert.equal(fields?.reason, "withdrawn");
    for (const name of Object.keys(fields!))
      assert.match(name, /^(reason|(gone|personal) \d{4}-\d\d-\d\d decision)$/);
    assert.equal(
      counts.reduce((sum, { whole, personal }) => sum + whole + personal, 0),
      100,
    );
  });

  it("ends a day: first who, then all of it, and still covers every gap", () => {
    fill();
    const [first, second] = site.log.held().map(({ day }) => day);
    const classes: LeafClass[] = ["decision", "door-event"];
    const names = site.log.eraseDays([first!], { classes, part: "personal" });
    assert.ok(names.entries > 0);
    assert.deepEqual(codes(), []);
    assert.equal(site.log.read(3)?.fields?.outcome, "granted");
    assert.equal(site.log.read(3)?.fields?.number, undefined);
    assert.equal(site.log.read(1)?.erased, true);
    site.log.eraseDays([first!, second!], { classes });
    assert.deepEqual(codes(), []);
    assert.equal(site.log.read(3)?.fields, undefined);
    assert.equal(
      site.log.held().some(({ day, class: name }) => day === first && name === "decision"),
      false,
    );
    assert.throws(() => site.log.eraseDays([first!], { classes: ["erasure"] }), TypeError);
  });

  it("destroys a day's keys for good: its records cannot be opened even from an older copy of the file", () => {
    fill();
    const day = site.log.held()[0]!.day;
    const rows = site.db.prepare("SELECT * FROM payload WHERE idx = 0").get()!;
    site.log.eraseDays([day], { classes: ["decision"] });
    truncateWal(site.db);
    site.ring.rotate();
    const columns = Object.keys(rows);
    site.db
      .prepare(`INSERT INTO payload (${columns.join()}) VALUES (${columns.map(() => "?").join()})`)
      .run(...(Object.values(rows) as (string | number | Buffer)[]));
    assert.equal(site.log.read(0)?.fields, undefined);
    assert.ok(codes().includes("payload-unreadable: entry 0"));
  });

  it("is checked in turns while it grows and is erased from", async () => {
    fill();
    let turns = 0;
    const watch = setInterval(() => {
      turns += 1;
      if (turns < 4) site.log.eraseSubjects([people[turns]!]);
      else site.log.appendWith([decision(site)]);
    }, 1);
    const { findings, summary } = await site.log.coverageInTurns();
    clearInterval(watch);
    assert.deepEqual(findings, []);
    assert.ok(turns > 3, "others had their turn");
    assert.equal(summary.erasures.length, 3);
  });

  it("closes, after a restore, what no key opens any more, and counts it", () => {
    fill();
    site.log.eraseSubjects(["person_3"]);
    site.db.exec("DELETE FROM wrapped_key WHERE kind = 'subject' AND id IN ('person_1', 'person_2')");
    assert.ok(codes().length > 0);
    assert.equal(site.log.eraseUnreadable({ fields: { cause: "restored" } }).entries, 200);
    assert.deepEqual(codes(), []);
    assert.deepEqual(site.log.read(21)?.fields, { method: "card", outcome: "granted" });
    assert.equal(site.log.read(1)?.fields, undefined);
    assert.equal(site.log.eraseUnreadable().entries, 0);
  });

  it("leaves no byte of an erased payload in the files once the WAL is truncated", () => {
    fill();
    const blobs = () =>
      site.db
        .prepare("SELECT personal FROM payload WHERE personal IS NOT NULL AND idx % 10 = 1")
        .all()
        .map(({ personal }) => Buffer.from(personal as Uint8Array));
    const before = blobs();
    assert.equal(before.length, 100);
    truncateWal(site.db);
    const count = (wanted: Buffer[]) => {
      const files = ["ledger.db", "ledger.db-wal"].map((name) => readFileSync(join(site.folder, name)));
      return wanted.filter((blob) => files.some((file) => file.includes(blob.subarray(0, 40)))).length;
    };
    assert.equal(count(before), 100);
    site.log.eraseSubjects(["person_1"]);
    assert.deepEqual(truncateWal(site.db), { busy: false });
    assert.equal(count(before), 0);
  });

  it("covers its gaps after any sequence of writing and erasing (property)", () => {
    for (const person of people) site.subjects.create(person);
    const act = fc.oneof(
      fc.record({ write: fc.integer({ min: 1, max: 9 }), who: fc.nat(9), part: fc.boolean() }),
      fc.record({ erase: fc.nat(9) }),
      fc.record({ day: fc.nat(3), personal: fc.boolean() }),
      fc.record({ hours: fc.integer({ min: -30, max: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 25 }), (acts) => {
        for (const step of acts) {
          if ("write" in step) {
            const entries = Array.from({ length: step.write }, (_, n) => {
              const entry = decision(site, n, n % 4 ? { subject: people[step.who]! } : {});
              return step.part ? { ...entry, personal: ["number"] } : entry;
            });
            site.log.appendWith(entries);
          } else if ("erase" in step) site.log.eraseSubjects([people[step.erase]!]);
          else if ("day" in step) {
            const days = [...new Set(site.log.held().map(({ day }) => day))].slice(0, step.day);
            site.log.eraseDays(days, {
              classes: ["decision"],
              part: step.personal ? "personal" : "all",
            });
          } else site.clock.set(new Date(site.clock.now().getTime() + step.hours * 3_600_000));
        }
        assert.deepEqual(codes(), []);
      }),
      { numRuns: 25 },
    );
  });
});
