import assert from "node:assert/strict";
import { addMonths } from "../../../core/consent/dates.ts";
import { handClock } from "../hand-clock.ts";
import { noticeFor, openSite, type TestSite } from "../retention/site.ts";

describe("consents", () => {
  let clock = handClock();
  let site: TestSite;
  let person: string;
  beforeEach(() => {
    clock = handClock();
    site = openSite(clock);
    site.consents.publish([noticeFor(["gate-1", "gate-2"])]);
    person = site.persons.create({ name: "Resident" });
  });
  afterEach(() => site.remove());

  const restart = (options = {}) => {
    site.close();
    site = openSite(clock, { dir: site.dir, ...options });
  };
  const check = (door = "gate-1", of = person) => site.consents.check(of, "face", door);
  const allStates = (id: string) => site.consents.history(id).map(({ state }) => state);

  it("has nobody agree until somebody did, and needs none for other ways", () => {
    for (let at = 0; at < 20; at += 1) site.persons.create({ name: `Resident ${at}` });
    assert.equal(site.consents.peopleAt("face", "gate-1").size, 0);
    assert.equal(check(), "no-consent");
    assert.equal(site.consents.check(person, "card", "gate-1"), undefined);
  });

  it("lets the doors agreed to and no others, across a restart", () => {
    const { consent } = site.give(person, ["gate-1"]);
    assert.equal(check("gate-1"), undefined);
    assert.equal(check("gate-2"), "no-consent");
    assert.deepEqual([...site.consents.peopleAt("face", "gate-1")], [person]);
    restart();
    assert.equal(check("gate-1"), undefined);
    assert.equal(check("gate-2"), "no-consent");
    assert.deepEqual(site.consents.list(person), [consent]);
  });

  it("takes one purpose, an act, and nothing else beside", () => {
    const notice = site.consents.notices.current({ method: "face", language: "zh-CN" }).id;
    const good = {
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["gate-1"],
      notice,
      act: "button",
      givenBy: "self",
      channel: "desk",
    };
    for (const [name, bad] of Object.entries({
      "two purposes": { purpose: ["door-entry", "marketing"] },
      "another purpose": { purpose: "attendance" },
      "ticked before": { act: "pre-ticked" },
      "a box": { preTicked: true },
      "part of a contract": { contract: "lease-12" },
      "an enrolment session of something else": { enrolment: "card" },
      "no door": { doors: [] },
      "no act": { act: undefined },
      "an identity number": { idNumber: "110101199001011234" },
    })) {
      assert.throws(() => site.consents.give({ ...good, ...bad }), { code: "invalid" }, name);
    }
    assert.equal(check(), "no-consent");
    assert.equal(site.consents.give(good).consent.state, "given");
  });

  it("takes a consent only under a notice in force at every one of its doors", () => {
    const old = site.consents.notices.current({ method: "face", language: "zh-CN" }).id;
    assert.throws(() => site.give(person, ["gate-1", "gate-9"]), { code: "notice-not-in-force" });
    assert.throws(() => site.give(person, ["gate-1"], { notice: "door-entry/face/1.0/none" }), {
      code: "notice-not-in-force",
    });
    site.consents.publish([noticeFor(["gate-1", "gate-2"], "b")]);
    assert.throws(() => site.give(person, ["gate-1"], { notice: old }), { code: "notice-not-in-force" });
  });

  it("stops at once when withdrawn, for good, and says so once", () => {
    const { consent } = site.give(person, ["gate-1"]);
    const before = site.log.size;
    assert.equal(site.consents.withdraw(consent.id).state, "withdrawn");
    assert.equal(check(), "consent-withdrawn");
    site.consents.withdraw(consent.id);
    assert.equal(site.log.size, before + 1);
    restart();
    assert.equal(check(), "consent-withdrawn");
    assert.deepEqual(allStates(consent.id), ["given", "withdrawn"]);
    site.give(person, ["gate-1"]);
    assert.equal(check(), undefined);
  });

  it("writes row and leaf together or not at all", () => {
    const { consent } = site.give(person, ["gate-1"]);
    site.ledger.exec("CREATE TRIGGER full BEFORE INSERT ON leaf BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    assert.throws(() => site.consents.withdraw(consent.id), { code: "log-failed" });
    assert.equal(check(), undefined, "what was not recorded did not happen");
    assert.deepEqual(allStates(consent.id), ["given"]);
    site.ledger.exec("DROP TRIGGER full");
    site.consents.withdraw(consent.id);
    assert.equal(check(), "consent-withdrawn");
    const { findings } = site.log.coverage();
    assert.deepEqual(findings, []);
  });

  it("never alters or deletes a change of state", () => {
    site.give(person, ["gate-1"]);
    assert.throws(() => site.ledger.exec("UPDATE consent_change SET state = 'refused'"), /never altered/);
    assert.throws(() => site.ledger.exec("DELETE FROM consent_change"), /never deleted/);
  });

  it("is suspended when what matters in the notice changes, not when its wording does", () => {
    const { consent } = site.give(person, ["gate-1"]);
    site.consents.publish([noticeFor(["gate-1", "gate-2"], "a", "better words")]);
    assert.equal(check(), undefined);
    const { version } = site.consents.notices.current({ method: "face", language: "en-US" });
    assert.equal(version, "1.1");
    site.consents.publish([noticeFor(["gate-1", "gate-2"], "b")]);
    assert.equal(check(), "consent-suspended");
    assert.equal(site.consents.notices.current({ method: "face", language: "en-US" }).version, "2.0");
    restart();
    assert.equal(check(), "consent-suspended");
    site.consents.publish([noticeFor(["gate-1", "gate-2"], "a")]);
    assert.equal(check(), "consent-suspended", "asked anew, not revived by going back");
    const again = site.give(person, ["gate-1"]);
    assert.equal(check(), undefined);
    assert.deepEqual(allStates(consent.id), ["given", "suspended", "terminated"]);
    assert.equal(again.consent.state, "given");
  });

  it("rests while no flow declares a notice for the door, and finds it again with the same one", () => {
    site.give(person, ["gate-1"]);
    site.consents.publish([]);
    assert.equal(check(), "consent-suspended");
    assert.throws(() => site.consents.notices.current({ method: "face", language: "zh-CN" }), {
      code: "no-notice",
    });
    site.consents.publish([noticeFor(["gate-1", "gate-2"])]);
    assert.equal(check(), undefined);
    assert.equal(site.consents.notices.current({ method: "face", language: "zh-CN" }).version, "1.0");
  });

  it("records a refusal, respects it for a year, and lets the person start any time", () => {
    assert.equal(site.consents.askFrom(person), undefined);
    const refused = site.consents.refuse({ person, method: "face", channel: "desk" });
    assert.equal(refused.state, "refused");
    assert.equal(check(), "consent-refused");
    const until = addMonths(new Date(refused.since), 12);
    restart();
    assert.equal(check(), "consent-refused");
    for (let visit = 0; visit < 30; visit += 1) {
      clock.pass(10 * 24 * 3600_000);
      assert.deepEqual(site.consents.askFrom(person), until, `visit ${visit}`);
      assert.throws(() => site.give(person, ["gate-1"], { channel: "desk" }), {
        code: "consent-refusal-respected",
      });
    }
    site.give(person, ["gate-1"], { channel: "resident-page", session: person, act: "button" });
    assert.equal(check(), undefined);
    const other = site.persons.create({ name: "Other" });
    site.consents.refuse({ person: other, method: "face", channel: "desk" });
    clock.pass(366 * 24 * 3600_000);
    assert.equal(site.consents.askFrom(other), undefined);
    site.give(other, ["gate-1"], { channel: "desk" });
  });

  it("ends a live consent when the person refuses", () => {
    const { consent } = site.give(person, ["gate-1"]);
    site.consents.refuse({ person, method: "face", channel: "desk" });
    assert.equal(check(), "consent-refused");
    assert.deepEqual(allStates(consent.id), ["given", "withdrawn"]);
  });

  it("needs a guardian under 14, with the relation, and asks the child anew at 14", () => {
    const child = site.persons.create({ name: "Child", birthDate: "2012-11-24" }); // 13 years 364 days
    const parent = site.persons.create({ name: "Parent", birthDate: "1985-01-01" });
    assert.throws(() => site.give(child, ["gate-1"]), { code: "consent-needs-guardian" });
    const asGuardian = { givenBy: "guardian", guardian: parent, relation: "parent" };
    assert.throws(() => site.give(child, ["gate-1"], { ...asGuardian, relation: undefined }), {
      code: "consent-relation-missing",
    });
    assert.throws(() => site.give(child, ["gate-1"], { ...asGuardian, guardian: child }), {
      code: "consent-guardian-unfit",
    });
    const { consent } = site.give(child, ["gate-1"], asGuardian);
    assert.equal(consent.relation, "parent");
    assert.equal(check("gate-1", child), undefined);
    clock.set(new Date("2026-11-23T15:59:59Z"));
    assert.equal(check("gate-1", child), undefined);
    clock.set(new Date("2026-11-23T16:00:00Z")); // midnight in Shanghai
    assert.equal(check("gate-1", child), "consent-suspended");
    clock.set(new Date("2026-11-23T15:00:00Z"));
    assert.equal(check("gate-1", child), "consent-suspended", "a clock set back makes nobody younger");
    clock.set(new Date("2026-11-23T16:00:00Z"));
    site.consents.sweep();
    assert.deepEqual(allStates(consent.id), ["given", "suspended"]);
    assert.throws(() => site.give(child, ["gate-1"], asGuardian), { code: "consent-own-only" });
    site.give(child, ["gate-1"]);
    assert.equal(check("gate-1", child), undefined);
  });

  it("lets no adult consent for another", () => {
    const spouse = site.persons.create({ name: "Spouse", birthDate: "1990-05-05" });
    const unknownAge = site.persons.create({ name: "Grandmother" });
    for (const adult of [spouse, unknownAge]) {
      assert.throws(
        () =>
          site.give(adult, ["gate-1"], { givenBy: "guardian", guardian: person, relation: "legal-guardian" }),
        { code: "consent-own-only" },
      );
      assert.throws(() => site.give(adult, ["gate-1"], { session: person, channel: "resident-page" }), {
        code: "consent-own-only",
      });
    }
  });

  it("reconsiders when a birth date is corrected", () => {
    site.give(person, ["gate-1"]);
    site.persons.update(person, { birthDate: "2015-01-01" });
    site.consents.reconsider(person);
    assert.equal(check(), "consent-suspended");
  });

  it("ends with residency", () => {
    const { consent } = site.give(person, ["gate-1"]);
    site.persons.leave(person);
    site.consents.terminate([person], "left");
    assert.equal(check(), "no-consent");
    assert.deepEqual(allStates(consent.id), ["given", "terminated"]);
    assert.throws(() => site.give(person, ["gate-1"]), { code: "residency-ended" });
  });

  it("runs out where the pack says so, and a clock set back does not revive it, nor a restart", () => {
    restart({ rules: { validMonths: 36 } });
    const { consent } = site.give(person, ["gate-1"]);
    clock.set(new Date("2029-11-23T07:59:59Z"));
    assert.equal(check(), undefined);
    clock.set(new Date("2029-11-23T08:00:00Z"));
    assert.equal(check(), "consent-expired");
    assert.deepEqual(site.consents.sweep(), [person]);
    clock.set(new Date("2026-11-24T00:00:00Z"));
    assert.equal(check(), "consent-expired");
    restart();
    assert.equal(check(), "consent-expired");
    assert.deepEqual(allStates(consent.id), ["given", "expired"]);
  });

  it("is not spoilt by a clock that was ten years ahead for a moment", () => {
    restart({ rules: { validMonths: 36 } });
    const early = site.give(person, ["gate-1"]).consent.id;
    const then = clock.now();
    clock.set(new Date("2036-11-23T08:00:00Z"));
    assert.equal(check(), "consent-expired");
    clock.set(then);
    assert.equal(check(), "consent-expired", "what was seen to have run out is not revived");
    site.give(person, ["gate-2"]);
    assert.equal(check("gate-2"), undefined);
    assert.equal(check("gate-1"), "consent-expired");
    assert.deepEqual(allStates(early), ["given", "expired"]);
    restart({ rules: { validMonths: 36 } });
    assert.equal(check("gate-2"), undefined);
    assert.equal(check("gate-1"), "consent-expired");
  });

  it("flags a consent given soon after another way in was lost", () => {
    const number = { notation: "8H10D", number: "0040856634", hex: "026F6C3A", bits: 32 };
    const { id } = site.credentials.issueCard({ person, ...number });
    const calm = site.give(person, ["gate-1"]);
    assert.ok(!site.consents.possiblyCoerced(calm.consent.id));
    site.credentials.block(id, "lost");
    clock.pass(71 * 3600_000);
    const pressed = site.give(person, ["gate-1"]);
    assert.ok(site.consents.possiblyCoerced(pressed.consent.id));
    assert.match(pressed.receipt, /possiblyCoerced/);
    clock.pass(2 * 3600_000);
    assert.ok(!site.consents.possiblyCoerced(site.give(person, ["gate-1"]).consent.id));
  });

  it("lets nothing happen under a consent whose key is gone", () => {
    const { consent } = site.give(person, ["gate-1"]);
    site.subjectKeys.destroy(person);
    restart();
    assert.equal(check(), "consent-expired", "what cannot be opened lets nothing happen");
    assert.throws(() => site.consents.receipt(consent.id), { code: "consent-no-receipt" });
  });
});
