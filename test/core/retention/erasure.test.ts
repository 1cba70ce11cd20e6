import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { verifyJson } from "../../../core/consent/index.ts";
import { type ErasureReceipt, erasureSteps } from "../../../core/retention/index.ts";
import { handClock } from "../hand-clock.ts";
import { noticeFor, openSite, type SiteOptions, type TestSite } from "./site.ts";

describe("erasure", () => {
  let clock = handClock();
  let site: TestSite;
  let person: string;
  let other: string;
  beforeEach(() => {
    clock = handClock();
    site = openSite(clock);
    site.consents.publish([noticeFor(["gate-1"])]);
    person = site.persons.create({ name: "Resident" });
    other = site.persons.create({ name: "Neighbour" });
    for (const id of [person, other]) {
      site.give(id, ["gate-1"]);
      site.enrol(id);
    }
  });
  afterEach(() => site.remove());

  const restart = (options: SiteOptions = {}) => {
    site.close();
    site = openSite(clock, { dir: site.dir, ...options });
  };
  const receiptOf = (id: string) =>
    verifyJson<ErasureReceipt>(site.erasures.read(id).receipt!, site.signer.publicKey);
  const consentOf = (id: string) => site.consents.standing(id)[0]!;

  it("erases a face at withdrawal and nothing else of the person", () => {
    const generation = site.ring.generation;
    const erasure = site.removal.withdraw(consentOf(person))!;
    assert.deepEqual([...site.memory.values()], [other], "out of memory on return");
    assert.equal(site.consents.check(person, "face", "gate-1"), "consent-withdrawn");
    assert.equal(site.erasures.read(erasure).state, "running");
    assert.equal(site.erasures.read(erasure).receipt, undefined, "not said to be done before it is");
    clock.pass(150);
    site.settle();
    const view = site.erasures.read(erasure);
    assert.equal(view.state, "done");
    assert.deepEqual(
      view.steps.map(({ step }) => step),
      [...erasureSteps],
    );
    assert.ok(view.steps.every(({ at, problem }) => at !== undefined && problem === undefined));
    const receipt = receiptOf(erasure);
    assert.equal(receipt.scope, "face");
    assert.equal(receipt.person, person);
    assert.deepEqual(receipt.keys, { from: generation, to: generation + 1 });
    const copies = receipt.copies.map(({ copy }) => copy);
    for (const copy of [
      "match memory",
      "match index",
      "faces.db",
      "faces.db-wal",
      "ledger.db",
      "ledger.db-wal",
    ]) {
      assert.ok(copies.includes(copy), copy);
    }
    assert.equal(site.log.read(receipt.log.index)?.class, "erasure");
    assert.deepEqual(site.templates.of(person), []);
    assert.deepEqual(site.templateKeys.ids(), [...site.templates.of(other)]);
    assert.equal(site.persons.read(person).name, "Resident");
    assert.equal(site.consents.list(person)[0]?.state, "withdrawn");
    assert.deepEqual(site.log.coverage().findings, []);
  });

  it("erases a whole person: counts per day in the log, and every proof still verifies", () => {
    clock.pass(24 * 3600_000);
    site.credentials.issueCard({
      person,
      notation: "8H10D",
      number: "0040856634",
      hex: "026F6C3A",
      bits: 32,
    });
    const mine = site.log.query({ subject: person }).length;
    assert.ok(mine >= 2);
    const size = site.log.size;
    const erasure = site.removal.persons([person]);
    site.settle();
    assert.equal(site.erasures.read(erasure).state, "done");
    const { counts } = receiptOf(erasure);
    // and the termination of the consent, which is the person's too
    assert.equal(
      counts.reduce((sum, { whole }) => sum + whole, 0),
      mine + 1,
    );
    assert.deepEqual([...new Set(counts.map(({ day }) => day))], ["2026-11-23", "2026-11-24"]);
    assert.throws(() => site.persons.read(person), { code: "person-unknown" });
    assert.equal(site.subjectKeys.get(person), undefined);
    assert.deepEqual(site.consents.list(person), []);
    assert.equal(Object.hasOwn(site.credentials.findCard({ hex: "026F6C3A", bits: 32 }), "code"), true);
    assert.equal(site.log.query({ subject: person }).length, 0);
    assert.deepEqual(site.log.coverage().findings, []);
    for (let index = 0; index < size; index += 1) assert.ok(site.log.inclusion(index).length >= 0);
    restart();
    assert.deepEqual(site.log.coverage().findings, []);
    assert.equal(site.consents.check(other, "face", "gate-1"), undefined);
  });

  it("waits for a reader that keeps the deleted bytes, says so, and finishes when it is gone", () => {
    const reader = new DatabaseSync(join(site.dir, "faces.db"));
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM template").get();
    // a reader is only in the way of bytes that come after its snapshot
    const erasure = site.removal.withdraw(consentOf(person))!;
    site.settle();
    const waiting = site.erasures.read(erasure);
    assert.equal(waiting.state, "waiting");
    assert.equal(waiting.receipt, undefined);
    assert.equal(waiting.steps.find(({ step }) => step === "write-ahead-logs")?.problem, "wal-busy faces.db");
    assert.equal(site.pending.length, 1, "it is tried again by itself");
    site.settle();
    assert.equal(site.erasures.read(erasure).state, "waiting");
    reader.exec("COMMIT");
    reader.close();
    site.settle();
    assert.equal(site.erasures.read(erasure).state, "done");
    assert.ok(site.erasures.read(erasure).steps.every(({ problem }) => problem === undefined));
  });

  it("waits for a copy elsewhere to be confirmed, and names each in the receipt", () => {
    let away = true;
    restart({
      others: {
        confirm: () => {
          if (away) throw new Error("gate 4 is away");
          return [{ copy: "camera buffers", state: "overwritten" }];
        },
      },
    });
    const erasure = site.removal.withdraw(consentOf(person))!;
    site.settle();
    assert.equal(site.erasures.read(erasure).state, "waiting");
    away = false;
    site.settle();
    assert.deepEqual(receiptOf(erasure).copies.at(-1)?.copy, "camera buffers");
  });

  /**
   * Each step's work is done and cannot be written down: as a process that dies there (`a cut`), or a disk that refuses that
   * one row and takes the next (`a fault`).
   */
  for (const step of erasureSteps.slice(1)) {
    for (const kind of ["a cut", "a fault"] as const) {
      for (const scope of ["face", "person"] as const) {
        it(`goes on after ${kind} at the step ${step} (${scope})`, () => {
          site.ledger.exec(
            `CREATE TRIGGER cut BEFORE INSERT ON erasure_step
             WHEN NEW.step = '${step}' ${kind === "a cut" ? "" : "AND NEW.at IS NOT NULL"}
             BEGIN SELECT RAISE(ABORT, 'cut'); END`,
          );
          let erasure: string | undefined;
          try {
            erasure = scope === "face" ? site.removal.face(person) : site.removal.persons([person]);
            site.settle();
          } catch {
            // as a process that is gone would not have answered either
          }
          site.ledger.exec("DROP TRIGGER cut");
          restart();
          erasure ??= String(site.ledger.prepare("SELECT id FROM erasure WHERE state <> 'done'").get()?.id);
          assert.notEqual(site.erasures.read(erasure).state, "done");
          site.erasures.resume();
          assert.equal(site.erasures.read(erasure).state, "done");
          assert.deepEqual(site.templates.of(person), []);
          assert.equal(site.persons.has(person), scope === "face");
          assert.equal(receiptOf(erasure).steps.length, erasureSteps.length);
          assert.deepEqual(site.log.coverage().findings, []);
          assert.equal(site.persons.read(other).name, "Neighbour");
          assert.equal(site.templates.of(other).length, 1);
          restart();
          site.erasures.resume();
          assert.equal(site.erasures.read(erasure).state, "done");
        });
      }
    }
  }

  it("finds its leaves again when a cut came before they were noted", () => {
    site.ledger.exec(
      "CREATE TRIGGER cut BEFORE UPDATE OF leaf ON erasure_step BEGIN SELECT RAISE(ABORT, 'cut'); END",
    );
    const erasure = site.removal.persons([person]);
    for (let time = 0; time < 4; time += 1) site.settle();
    const receipt = receiptOf(erasure);
    assert.ok(receipt.counts.length > 0);
    assert.equal(site.log.read(receipt.log.index)?.fields?.step, "recorded");
  });

  it("tries nothing once it is closed", () => {
    site.removal.face(person);
    site.erasures.close();
    const generation = site.ring.generation;
    site.settle();
    assert.equal(site.ring.generation, generation);
  });

  it("shares one new key among all that were asked for within a moment", () => {
    const generation = site.ring.generation;
    const ids = [site.removal.face(person), site.removal.face(other)];
    site.settle();
    assert.deepEqual(
      ids.map((id) => receiptOf(id).keys.to),
      [generation + 1, generation + 1],
    );
    assert.equal(site.ring.generation, generation + 1);
  });

  it("starts nothing when there is no face, and keeps a face that another consent covers", () => {
    const faceless = site.persons.create({ name: "Faceless" });
    const { consent } = site.give(faceless, ["gate-1"]);
    assert.equal(site.removal.withdraw(consent.id), undefined);
    site.consents.publish([noticeFor(["gate-1", "gate-2"])]);
    const second = site.give(person, ["gate-2"]).consent.id;
    assert.equal(site.removal.withdraw(second), undefined);
    assert.equal(site.templates.of(person).length, 1);
    assert.ok(site.removal.withdraw(consentOf(person)));
  });

  it("erases the face when somebody moves out or refuses", () => {
    site.persons.leave(person);
    const moved = site.removal.leave(person)!;
    const { consent, erasure } = site.removal.refuse({ person: other, method: "face", channel: "desk" });
    site.settle();
    assert.equal(consent.state, "refused");
    assert.deepEqual(
      [receiptOf(moved).cause, receiptOf(erasure!).cause, site.templates.count],
      ["left", "refused", 0],
    );
    assert.equal(site.consents.check(person, "face", "gate-1"), "no-consent");
  });

  it("does not withdraw what it cannot record, nor erase what was not withdrawn", () => {
    site.ledger.exec(
      "CREATE TRIGGER full BEFORE INSERT ON erasure BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    assert.throws(() => site.removal.withdraw(consentOf(person)));
    assert.equal(site.consents.check(person, "face", "gate-1"), undefined);
    assert.equal(site.memory.size, 2);
  });

  it("sweeps faces that rest on nothing, at start and when consents run out", () => {
    restart({ rules: { validMonths: 1 } });
    const third = site.persons.create({ name: "Third" });
    site.give(third, ["gate-1"]);
    site.enrol(third);
    const stray = site.persons.create({ name: "Stray" });
    site.consents.withdraw(site.give(stray, ["gate-1"]).consent.id); // without its erasure
    site.enrol(stray);
    assert.ok(site.removal.sweep());
    site.settle();
    assert.deepEqual(site.templates.of(stray), []);
    assert.equal(site.templates.of(third).length, 1);
    clock.pass(32 * 24 * 3600_000);
    assert.ok(site.removal.sweep());
    assert.equal(site.removal.sweep(), undefined);
    assert.deepEqual(site.templates.of(third), []);
    assert.equal(site.templates.of(person).length, 1);
  });

  it("keeps a held person's records and erases their face; the rest when the hold ends", () => {
    const hold = site.holds.put(
      {
        person,
        from: "2026-11-01",
        to: "2026-11-30",
        reason: "court case 12",
        expires: "2027-05-01T00:00:00Z",
      },
      "manager",
    );
    const erasure = site.removal.persons([person]);
    site.settle();
    assert.equal(site.erasures.read(erasure).state, "waiting");
    assert.equal(
      site.erasures.read(erasure).steps.find(({ step }) => step === "payloads")?.problem,
      "legal-hold",
    );
    assert.deepEqual(site.templates.of(person), [], "never a face");
    assert.notEqual(site.consents.check(person, "face", "gate-1"), undefined);
    assert.equal(site.persons.read(person).name, "Resident");
    site.holds.lift(hold);
    site.settle();
    assert.equal(site.erasures.read(erasure).state, "done");
    assert.ok(!site.persons.has(person));
  });
});
