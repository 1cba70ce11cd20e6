import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint } from "../../../core/audit/checkpoint.ts";
import { openAuditLog } from "../../../core/audit/log.ts";
import { leafHash, rootOf } from "../../../core/audit/merkle.ts";
import { parseVkey } from "../../../core/audit/note.ts";
import { verifyProofFile } from "../../../core/audit/proof-file.ts";
import type { LogEntry } from "../../../core/audit/types.ts";
import { verifyConsistency, verifyInclusion } from "../../../core/audit/verify-proof.ts";
import { openDatabase } from "../../../core/store/database.ts";
import { openDayKeys } from "../../../core/store/day-keys.ts";
import { openKeyRing } from "../../../core/store/keyring.ts";
import { openSubjectKeys } from "../../../core/store/subject-keys.ts";
import { decision, type TestSite, testSite } from "./site.ts";

describe("audit log", () => {
  let site: TestSite;
  beforeEach(() => {
    site = testSite();
  });
  afterEach(() => site.remove());

  const leaves = () =>
    site.db
      .prepare("SELECT entry FROM leaf ORDER BY idx")
      .all()
      .map(({ entry }) => Buffer.from(entry as Uint8Array));
  const head = () => openCheckpoint(site.log.checkpoint(), [parseVkey(site.log.vkey)!])!;

  it("signs a tree of no entries, then one of each size it grows to", () => {
    assert.equal(head().size, 0);
    for (let number = 0; number < 20; number++) {
      const [recorded] = site.log.appendWith([decision(site, number)]);
      assert.deepEqual(recorded, { index: number, origin: "test.example/gate" });
      assert.equal(head().size, number + 1);
      assert.deepEqual(head().root, rootOf(leaves().map(leafHash)));
    }
  });

  it("commits entries that come together as one, and answers each with its own place", async () => {
    const recorded = await Promise.all(
      Array.from({ length: 1200 }, (_, n) => site.log.append(decision(site, n))),
    );
    assert.deepEqual(
      recorded.map(({ index }) => index).sort((a, b) => a - b),
      [...Array(1200).keys()],
    );
    assert.equal(head().size, 1200);
    assert.deepEqual(head().root, rootOf(leaves().map(leafHash)));
    for (const [number, { index }] of recorded.entries()) {
      assert.equal(site.log.read(index)?.fields?.number, number);
    }
  });

  it("writes entries and what goes with them in one transaction, or none of either", () => {
    site.db.exec("CREATE TABLE card (id TEXT) STRICT");
    const issue = (id: string) => () => void site.db.prepare("INSERT INTO card VALUES (?)").run(id);
    site.log.appendWith([decision(site)], issue("kept"));
    const own = new Error("the caller's own");
    assert.throws(
      () =>
        site.log.appendWith([decision(site)], () => {
          issue("lost")();
          throw own;
        }),
      (error) => error === own,
    );
    const bad = { ...decision(site), fields: { $at: "forged" } };
    assert.throws(() => site.log.appendWith([decision(site), bad], issue("lost too")), {
      code: "log-failed",
    });
    assert.equal(site.log.size, 1);
    assert.deepEqual(
      site.db
        .prepare("SELECT id FROM card")
        .all()
        .map(({ id }) => id),
      ["kept"],
    );
    site.open();
    assert.equal(site.log.size, 1);
    assert.deepEqual(site.log.coverage().findings, []);
  });

  it("says log-failed when the disk is full, appends nothing, and goes on when it is not", async () => {
    site.log.appendWith([decision(site)]);
    const before = site.log.checkpoint();
    const pages = Number(site.db.prepare("PRAGMA page_count").get()!.page_count);
    site.db.exec(`PRAGMA max_page_count=${pages}`);
    const fill = () => site.log.appendWith(Array.from({ length: 200 }, (_, n) => decision(site, n)));
    assert.throws(fill, { code: "log-failed" });
    await assert.rejects(
      Promise.all(Array.from({ length: 200 }, (_, n) => site.log.append(decision(site, n)))),
      { code: "log-failed" },
    );
    assert.equal(site.log.checkpoint(), before);
    site.db.exec("PRAGMA max_page_count=1000000");
    fill();
    assert.equal(head().size, 201);
    assert.deepEqual(site.log.coverage().findings, []);
  });

  it("lets a second writer fail rather than fork", () => {
    const other = openDatabase(join(site.folder, "ledger.db"));
    const ring = openKeyRing({ path: join(site.folder, "keys"), db: other });
    const log = openAuditLog({
      db: other,
      tilesDir: site.tiles,
      origin: site.log.origin,
      ring,
      subjectKeys: openSubjectKeys(ring),
      dayKeys: openDayKeys(ring),
      clock: site.clock,
      publishMs: 0,
    });
    site.log.appendWith([decision(site)]);
    assert.throws(() => log.appendWith([decision(site)]), { code: "log-failed" });
    site.log.appendWith([decision(site)]);
    other.close();
    assert.deepEqual(site.log.coverage().findings, []);
  });

  it("goes on with a clock that was never set", () => {
    site.clock.set(new Date(0));
    const [recorded] = site.log.appendWith([decision(site)]);
    assert.deepEqual((({ at, day }) => ({ at, day }))(site.log.read(recorded!.index)!), {
      at: "1970-01-01T00:00:00.000Z",
      day: "2020-01-01",
    });
    assert.throws(() => site.log.appendWith([{ ...decision(site), at: new Date(Number.NaN) }]), {
      code: "log-failed",
    });
    assert.deepEqual(site.log.coverage().findings, []);
  });

  it("fails an entry alone when its person has no key, and keeps the rest of the batch", async () => {
    site.subjects.create("person_a");
    const results = await Promise.allSettled([
      site.log.append(decision(site, 1, { subject: "person_a" })),
      site.log.append(decision(site, 2, { subject: "person_gone" })),
      site.log.append(decision(site, 3)),
    ]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    assert.equal((results[1] as PromiseRejectedResult).reason.code, "no-subject-key");
    assert.equal(site.log.size, 2);
    assert.deepEqual(site.log.coverage().findings, []);
  });

  it("reads back what was written, after a restart and a new KEK, and nothing of it lies in the clear", () => {
    site.subjects.create("person_a");
    const entry = decision(site, 7, { subject: "person_a", personal: ["credential"] });
    const fields = { ...entry.fields, credential: "cred_marker", score: 0.4321, live: true, nothing: null };
    site.log.appendWith([{ ...entry, fields }]);
    site.ring.rotate();
    site.open();
    const { at, door, ...rest } = site.log.read(0)!;
    assert.deepEqual(rest, {
      index: 0,
      origin: "test.example/gate",
      class: "decision",
      day: "2026-11-23",
      fields,
    });
    assert.equal(at, entry.at.toISOString());
    assert.equal(door, "door-1");
    site.close();
    const raw = readFileSync(join(site.folder, "ledger.db"));
    for (const secret of ["person_a\0", "cred_marker", "0.4321", "granted"])
      assert.ok(!raw.includes(secret), secret);
    site.open();
    assert.equal(site.log.read(1), undefined);
    assert.equal(site.log.read(-1), undefined);
  });

  it("answers queries by class, door, person and time, newest first", () => {
    for (const person of ["person_a", "person_b"]) site.subjects.create(person);
    for (let number = 0; number < 60; number++) {
      const person = number % 2 ? "person_a" : "person_b";
      const entry = decision(site, number, number % 4 ? { subject: person } : {});
      site.log.appendWith([number % 10 ? entry : ({ ...entry, class: "door-event" } as LogEntry)]);
      site.clock.pass(3_600_000);
    }
    const numbers = (filter: Parameters<typeof site.log.query>[0]) =>
      site.log.query(filter).map(({ fields }) => fields?.number);
    const all = [...Array(60).keys()].reverse();
    assert.deepEqual(numbers({}), all);
    assert.deepEqual(numbers({ limit: 3 }), [59, 58, 57]);
    assert.deepEqual(
      numbers({ door: "door-2" }),
      all.filter((n) => n % 3 === 2),
    );
    assert.deepEqual(
      numbers({ subject: "person_a" }),
      all.filter((n) => n % 2 && n % 4),
    );
    assert.deepEqual(numbers({ subject: "person_nobody" }), []);
    assert.deepEqual(
      numbers({ classes: ["door-event"] }),
      all.filter((n) => n % 10 === 0),
    );
    const [since, until] = [new Date("2026-11-23T18:00:00Z"), new Date("2026-11-24T02:00:00Z")];
    assert.deepEqual(
      numbers({ since, until }),
      all.filter((n) => n >= 10 && n <= 18),
    );
  });

  it("gives one person another tag each day", () => {
    site.subjects.create("person_a");
    for (let day = 0; day < 3; day++) {
      site.log.appendWith([decision(site, day, { subject: "person_a" })]);
      site.clock.pass(86_400_000);
    }
    const tags = site.db.prepare("SELECT DISTINCT hex(tag) AS tag FROM payload").all();
    assert.equal(tags.length, 3);
  });

  it("proves entries and growth, and hands out a receipt that needs nothing else", () => {
    site.subjects.create("person_a");
    const roots = [head().root];
    for (let number = 0; number < 300; number++) {
      site.log.appendWith([decision(site, number, number % 2 ? { subject: "person_a" } : {})]);
      roots.push(head().root);
    }
    const all = leaves();
    for (const size of [1, 2, 255, 256, 257, 300]) {
      const index = size - 1;
      assert.ok(
        verifyInclusion(index, size, leafHash(all[index]!), site.log.inclusion(index, size), roots[size]!),
      );
      assert.ok(verifyConsistency(size, 300, roots[size]!, roots[300]!, site.log.consistency(size)));
    }
    const vkeys = [parseVkey(site.log.vkey)!];
    const receipt = verifyProofFile(site.log.proofFile(257, { disclose: true }), vkeys);
    assert.equal(receipt?.index, 257);
    assert.equal(receipt.checkpoint.size, 300);
    assert.equal(receipt.fields?.get("number"), 257);
    assert.equal(receipt.fields.get("$subject"), "person_a");
    const silent = verifyProofFile(site.log.proofFile(257), vkeys);
    assert.equal(silent?.leaf.class, "decision");
    assert.equal(silent.fields, undefined);
    assert.throws(() => site.log.proofFile(300), { code: "no-such-entry" });
    assert.throws(() => site.log.inclusion(5, 301), { code: "no-such-entry" });
    assert.throws(() => site.log.consistency(5, 4), { code: "no-such-entry" });
  });

  it("refuses an altered receipt (each line, each kind of change)", () => {
    for (let number = 0; number < 9; number++) site.log.appendWith([decision(site, number)]);
    const vkeys = [parseVkey(site.log.vkey)!];
    const text = site.log.proofFile(5, { disclose: true });
    assert.ok(verifyProofFile(text, vkeys));
    const lines = text.split("\n");
    lines.forEach((line, at) => {
      if (line === "") return;
      const middle = line.length >> 1;
      const other = line[middle] === "A" ? "B" : "A";
      const altered = lines.with(at, line.slice(0, middle) + other + line.slice(middle + 1)).join("\n");
      assert.equal(verifyProofFile(altered, vkeys), undefined, `line ${at}: ${line}`);
    });
    assert.equal(verifyProofFile(text, []), undefined);
    assert.equal(verifyProofFile("", vkeys), undefined);
  });

  describe("opened again", () => {
    const fill = () => site.log.appendWith(Array.from({ length: 30 }, (_, n) => decision(site, n)));

    it("refuses a tree that does not give its checkpoint", () => {
      for (const tamper of [
        "DELETE FROM leaf WHERE idx = (SELECT max(idx) FROM leaf)",
        "DELETE FROM leaf WHERE idx = 7",
        "UPDATE leaf SET entry = (SELECT entry FROM leaf WHERE idx = 8) WHERE idx = 9",
        "UPDATE log SET size = size - 1",
        "UPDATE log SET note = replace(note, char(10) || '30' || char(10), char(10) || '29' || char(10))",
      ]) {
        site.remove();
        site = testSite();
        fill();
        site.db.exec(tamper);
        assert.throws(() => site.open(), { code: "log-damaged" }, tamper);
      }
    });

    it("never signs a smaller tree than the one it published, and starts anew only under another name", async () => {
      fill();
      site.close();
      const backup = readFileSync(join(site.folder, "ledger.db"));
      site.open();
      fill();
      await site.log.publish();
      const old = head();
      site.close();
      writeFileSync(join(site.folder, "ledger.db"), backup);
      assert.throws(() => site.open(), { code: "log-behind", params: { size: 30, published: 60 } });
      site.db.close();
      site.open({ origin: "test.example/gate/2" });
      assert.equal(site.log.size, 31);
      const cited = site.log.read(30)!;
      assert.equal(cited.fields?.event, "new-origin");
      assert.equal(cited.fields.origin, old.origin);
      assert.equal(cited.fields.size, 30);
      assert.equal(head().origin, "test.example/gate/2");
      assert.deepEqual(site.log.coverage().findings, []);
      await site.log.publish();
      site.open({ origin: "test.example/gate/2" });
      assert.equal(site.log.size, 31);
    });

    it("refuses to go on without its signing key", () => {
      fill();
      site.db.exec("DELETE FROM wrapped_key WHERE kind = 'log'");
      assert.throws(() => site.open(), { code: "log-key-lost" });
    });
  });
});
