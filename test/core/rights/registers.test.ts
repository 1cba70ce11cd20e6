import assert from "node:assert/strict";
import { breachDraft, withProcessors } from "../../../core/rights/index.ts";
import type { ProcessorFacts } from "../../../core/rights/processors.ts";
import { languages, sentence } from "../../../core/words.ts";
import { handClock } from "../hand-clock.ts";
import { openRegisters } from "./registers.ts";

const start = "2026-11-24T04:00:00.000Z";
const hourMs = 3_600_000;
const clock = handClock(start);
let s: ReturnType<typeof openRegisters>;
const opener = { id: "staff_0000000000000001", name: "Wu" };
const second = { id: "staff_0000000000000002", name: "Lin" };

const facts: ProcessorFacts = {
  name: "门安科技",
  role: "processor",
  contact: "privacy@example.test",
  purpose: "维护门口设备",
  method: "现场检修",
  data: ["device-logs", "cards"],
  measures: "双人在场，离场清点",
  from: "2026-01-01",
  until: "2027-12-31",
  fees: "每年 3000 元",
  rights: "无",
  ads: "none",
  others: "none",
  end: "delete",
  certificates: [],
};

describe("the registers", () => {
  beforeEach(() => {
    clock.set(new Date(start));
    s = openRegisters(clock);
  });
  afterEach(() => s.remove());

  describe("processors", () => {
    it("are refused while advertising is part of it, or any fact is missing", () => {
      for (const ads of ["banner on the door screen", "", "None of your business"])
        assert.throws(() => s.processors.put({ ...facts, ads }, "staff_1"), {
          code: "processor-ads",
          status: 422,
        });
      for (const field of Object.keys(facts).filter((name) => name !== "certificates")) {
        const { [field as "name"]: _, ...rest } = facts;
        assert.throws(() => s.processors.put(rest, "staff_1"), { code: "invalid", field: `/${field}` });
      }
      assert.throws(() => s.processors.put({ ...facts, until: "2025-01-01" }, "staff_1"), {
        code: "processor-term",
      });
      assert.deepEqual(s.processors.list(), []);
      assert.equal(s.processors.read(s.processors.put({ ...facts, ads: "None" }, "staff_1")).ads, "none");
    });

    it("show a certificate that ran out as expired, and none as more than dated", () => {
      const certificate = (expires: string) => ({ kind: "mlps-3" as const, number: "3301-1", expires });
      const id = s.processors.put(
        { ...facts, certificates: ["2026-11-23", "2026-11-24", "2027-11-24"].map(certificate) },
        "staff_1",
      );
      const states = () => s.processors.read(id).certificates.map(({ state }) => state);
      assert.deepEqual(states(), ["expired", "ends-soon", "dated"]);
      clock.pass(24 * hourMs);
      assert.deepEqual(states(), ["expired", "expired", "dated"]);
    });

    it("are let in only while a contract runs, and out when it ends", () => {
      const old = s.processors.put({ ...facts, until: "2026-11-01" }, "staff_1");
      const access = { token: "token_1", until: "2026-11-24T08:00:00.000Z", reason: "读卡器检修" };
      assert.throws(() => s.processors.admit(old, access, "staff_1"), { code: "processor-over" });
      const id = s.processors.put(facts, "staff_1");
      s.processors.admit(id, access, "staff_1");
      assert.equal(s.processors.read(id).access[0]?.open, true);
      assert.deepEqual(s.processors.end(id, "deleted", "staff_1"), ["token_1"]);
      assert.deepEqual(
        [s.processors.read(id).running, s.processors.read(id).access[0]?.open],
        [false, false],
      );
      assert.throws(() => s.processors.admit(id, access, "staff_1"), { code: "processor-over" });
      assert.throws(() => s.processors.end(id, "deleted", "staff_1"), { code: "processor-over" });
    });

    it("change a notice's words and its material, so that consents rest; one that only mends machines does not", () => {
      const texts = Object.fromEntries(
        languages.map((language) => [language, `4. …\n${sentence(language, "paper.notice.recipients")}\n`]),
      ) as Record<(typeof languages)[number], string>;
      const notice = { material: "a".repeat(64), texts };
      assert.equal(withProcessors(notice, []), notice);
      s.processors.put({ ...facts, data: [] }, "staff_1");
      assert.equal(withProcessors(notice, s.processors.list()), notice);
      const id = s.processors.put(facts, "staff_1");
      const changed = withProcessors(notice, s.processors.list());
      assert.match(changed.material, /^[0-9a-f]{64}$/);
      assert.notEqual(changed.material, notice.material);
      for (const language of languages) {
        assert.ok(changed.texts[language].includes("门安科技"));
        assert.ok(!changed.texts[language].includes(sentence(language, "paper.notice.recipients")));
      }
      s.processors.put({ ...facts, fees: "每年 4000 元" }, "staff_1", id);
      assert.equal(withProcessors(notice, s.processors.list()).material, changed.material);
      s.processors.end(id, "deleted", "staff_1");
      assert.equal(withProcessors(notice, s.processors.list()), notice);
    });
  });

  describe("disclosures", () => {
    const hours = (n: number) => new Date(clock.now().getTime() + n * hourMs).toISOString();
    const ask = (more: object = {}, by = opener) =>
      s.disclosures.open(
        {
          kind: "authority",
          recipient: "西湖区公安分局",
          basis: "criminal-procedure",
          case: "杭公(西)刑字〔2026〕12号",
          why: "电瓶车被盗",
          officer: "警号 012345",
          doors: ["main-gate"],
          from: hours(-10),
          to: hours(-8),
          names: false,
          expires: hours(72),
          ...more,
        },
        by,
      );

    it("need two people with accounts of their own", () => {
      for (const id of ["token_0000000000000001", "operator", "flow"])
        assert.throws(() => ask({}, { id, name: "x" }), { code: "approver-not-a-person" });
      const id = ask();
      assert.throws(() => s.disclosures.requireApproved(id), { code: "disclosure-not-approved" });
      assert.throws(() => s.disclosures.approve(id, opener), { code: "approver-same" });
      assert.throws(() => s.disclosures.approve(id, { id: "token_1", name: "x" }), {
        code: "approver-not-a-person",
      });
      s.disclosures.approve(id, second);
      assert.equal(s.disclosures.requireApproved(id).approver, "Lin");
      assert.throws(() => s.disclosures.approve(id, second), { code: "disclosure-over" });
    });

    it("cannot look ahead, nor far back, nor live for long: there is no feed to be had", () => {
      const bad: [object, string][] = [
        [{ to: hours(1) }, "/to"],
        [{ from: hours(-1), to: hours(-2) }, "/from"],
        [{ from: hours(-24 * 32) }, "/from"],
        [{ from: hours(-24 * 4), names: true }, "/from"],
        [{ expires: hours(24 * 15) }, "/expires"],
        [{ expires: hours(-1) }, "/expires"],
        [{ doors: [] }, "/doors"],
        [{ basis: "security-case" }, "/basis"],
        [{ kind: "inquiry" }, "/basis"],
        [{ withheld: { until: hours(24 * 400), law: "刑事诉讼法" } }, "/withheld/until"],
        [{ withheld: { until: hours(24), law: "" } }, "/withheld/law"],
        [
          { kind: "inquiry", basis: "own-claim", withheld: { until: hours(24), law: "刑事诉讼法" } },
          "/withheld/law",
        ],
      ];
      for (const [more, field] of bad) assert.throws(() => ask(more), { code: "disclosure-bad", field });
      assert.ok(ask({ from: hours(-24 * 3), names: true }));
      assert.ok(ask({ from: hours(-24 * 30), names: true, person: s.persons.create({ name: "周敏" }) }));
    });

    it("end by themselves, and by anybody's no", () => {
      const id = ask();
      s.disclosures.approve(id, second);
      clock.pass(73 * hourMs);
      assert.equal(s.disclosures.read(id).state, "expired");
      assert.throws(() => s.disclosures.requireApproved(id), { code: "disclosure-over" });
      const other = ask();
      s.disclosures.refuse(other, second);
      assert.throws(() => s.disclosures.approve(other, second), { code: "disclosure-over" });
    });

    it("are on the page of everybody concerned at once, or when the law's silence ends", () => {
      const [told, silent] = ["周敏", "陈小明"].map((name) => s.persons.create({ name })) as [string, string];
      const open = ask();
      s.disclosures.approve(open, second);
      s.disclosures.release(open, { entries: 3, persons: [told] }, second);
      assert.equal(s.disclosures.toldTo(told)[0]?.recipient, "西湖区公安分局");
      assert.equal(s.log.query({ classes: ["look-up"], subject: told })[0]?.fields?.name, "西湖区公安分局");

      const quiet = ask({ withheld: { until: hours(48), law: "刑事诉讼法" } });
      s.disclosures.approve(quiet, second);
      s.disclosures.release(quiet, { entries: 2, persons: [silent] }, second);
      assert.deepEqual(s.disclosures.toldTo(silent), []);
      assert.deepEqual(s.log.query({ subject: silent }), []); // an export does not give it away either
      assert.equal(s.disclosures.sweep(), 0);
      clock.pass(49 * hourMs);
      assert.deepEqual([s.disclosures.sweep(), s.disclosures.sweep()], [1, 0]);
      assert.equal(s.disclosures.toldTo(silent).length, 1);
      assert.equal(s.log.query({ subject: silent })[0]?.fields?.disclosure, quiet);
    });

    it("forget whom they concerned when their years are over, unless a hold keeps it", () => {
      const person = s.persons.create({ name: "周敏" });
      const id = ask({ person });
      s.disclosures.approve(id, second);
      s.disclosures.release(id, { entries: 1, persons: [person] }, second);
      clock.pass(400 * 24 * hourMs);
      assert.deepEqual(s.disclosures.over(400), []); // its days begin when it ends
      assert.deepEqual(s.disclosures.over(366), [id]);
      assert.equal(
        s.disclosures.forget(366, (held) => held === person),
        0,
      );
      assert.deepEqual([s.disclosures.forget(366), s.disclosures.forget(366)], [1, 0]);
      const left = s.disclosures.read(id);
      assert.deepEqual([left.person, left.why, left.recipient], [undefined, undefined, "西湖区公安分局"]);
      assert.deepEqual(s.disclosures.toldTo(person), []);
    });

    it("keep that they happened after a person is erased, and no word about the person", () => {
      const person = s.persons.create({ name: "周敏" });
      const id = ask({ person });
      s.disclosures.approve(id, second);
      s.disclosures.release(id, { entries: 1, persons: [person] }, second);
      s.disclosures.cut(person);
      s.subjectKeys.destroy(person);
      const left = s.disclosures.read(id);
      assert.deepEqual(
        [left.person, left.why, left.officer, left.people],
        [undefined, undefined, undefined, 1],
      );
      assert.equal(left.recipient, "西湖区公安分局");
      assert.deepEqual(s.disclosures.toldTo(person), []);
    });
  });

  describe("minors", () => {
    const desk = { id: "staff_0000000000000003", role: "desk", name: "Chen" };
    const manager = { id: "staff_0000000000000001", role: "manager", name: "Wu" };
    let child: string;
    beforeEach(() => {
      child = s.persons.create({ name: "小宝", birthDate: "2008-11-25" });
    });

    it("are seen after somebody in charge said so, for a purpose and a time", () => {
      assert.throws(() => s.minors.require(desk, child, "card-issue"), {
        code: "minor-needs-approval",
        status: 403,
      });
      const id = s.minors.ask(desk, child, "card-issue");
      assert.equal(s.minors.ask(desk, child, "card-issue"), id);
      assert.throws(() => s.minors.decide({ ...desk, role: "manager" }, id, true, 24), {
        code: "approver-same",
      });
      s.minors.decide(manager, id, true, 2);
      s.minors.require(desk, child, "card-issue");
      assert.throws(() => s.minors.require(desk, child, "enrolment"), { code: "minor-needs-approval" });
      assert.throws(() => s.minors.decide(manager, id, false, 1), { code: "approval-decided" });
      clock.pass(3 * hourMs);
      assert.throws(() => s.minors.require(desk, child, "card-issue"), { code: "minor-needs-approval" });
      assert.equal(s.minors.list(desk.id)[0]?.state, "over");
    });

    it("are nobody's business but their own and of those in charge; on the eighteenth birthday all of it ends", () => {
      s.minors.require({ id: child, role: "resident", name: "" }, child, "rights-request");
      s.minors.require(manager, child, "desk-request");
      assert.throws(() => s.minors.require(desk, child, "desk-request"));
      clock.pass(12 * hourMs); // past midnight in Shanghai: eighteen today
      s.minors.require(desk, child, "desk-request");
    });

    it("have a yearly report of counts, of nobody", () => {
      assert.throws(() => s.minors.require(desk, child, "card-issue"));
      s.minors.require(manager, child, "desk-request");
      s.minors.decide(manager, s.minors.ask(desk, child, "card-issue"), true, 2);
      s.minors.require(desk, child, "card-issue");
      s.minors.ask(desk, child, "enrolment");
      const report = s.minors.report(2026);
      assert.deepEqual(report.approvals, { asked: 2, granted: 1, refused: 0, waiting: 1 });
      assert.deepEqual(report.looks, [
        { role: "desk", purpose: "card-issue", outcome: "approved", count: 1 },
        { role: "desk", purpose: "card-issue", outcome: "denied", count: 1 },
        { role: "manager", purpose: "desk-request", outcome: "in-charge", count: 1 },
      ]);
      assert.deepEqual(s.minors.report(2025).looks, []);
      assert.ok(!JSON.stringify(report).includes("person_"));
    });
  });

  describe("incidents", () => {
    const facts = {
      kinds: ["faces", "cards"] as const,
      doors: ["main-gate"],
      from: "2026-11-23T10:00:00.000Z",
      to: "2026-11-24T02:00:00.000Z",
      cause: "门口设备被盗",
      harm: "模板可能被人破解",
      measures: "已更新所有模板",
      advice: "可以随时撤回同意",
    };
    const open = (drill = false) => {
      const persons = ["周敏", "陈小明"].map((name) => s.persons.create({ name }));
      const aware = "2026-11-24T03:00:00.000Z";
      const id = s.breaches.open(
        facts,
        { drill, aware },
        { persons, minors: 1, counts: { faces: 1, cards: 2 } },
        "staff_1",
      );
      return { id, persons };
    };

    it("run their clock from when they became known", () => {
      const { id } = open();
      assert.equal(s.breaches.read(id).due, "2026-11-25T03:00:00.000Z");
      assert.deepEqual([s.breaches.read(id).late, s.breaches.read(id).prompt], [false, true]);
      clock.pass(25 * hourMs);
      assert.equal(s.breaches.read(id).late, true);
      s.breaches.reported(id, "2026-11-24T20:00:00.000Z", "staff_1"); // noted late, done in time
      assert.equal(s.breaches.read(id).late, false);
    });

    it("tell everybody concerned, and nobody in a drill", () => {
      const { id, persons } = open();
      assert.deepEqual(s.breaches.toldTo(persons[0]!), []);
      s.breaches.tell(id, "staff_1");
      assert.equal(s.breaches.toldTo(persons[0]!)[0]?.cause, facts.cause);
      const drill = open(true);
      assert.throws(() => s.breaches.tell(drill.id, "staff_1"), { code: "breach-drill" });
      assert.equal(s.breaches.toldTo(drill.persons[0]!).length, 0);
      s.breaches.cut(persons[0]!);
      assert.deepEqual(s.breaches.toldTo(persons[0]!), []);
      assert.equal(s.breaches.read(id).people, 2);
    });

    it("close with what was learnt", () => {
      const { id } = open();
      assert.throws(() => s.breaches.close(id, "无", "staff_1"), { code: "breach-lessons" });
      s.breaches.close(id, "门口设备须固定在墙内并加防拆报警", "staff_1");
      assert.throws(() => s.breaches.contain(id, "renew-faces", "staff_1"), { code: "breach-closed" });
    });

    it("have drafts in three languages with every item the law asks for, and a drill says so", () => {
      const site = {
        name: "西湖苑",
        controller: "业主委员会",
        contact: "desk@example.test",
        timeZone: "Asia/Shanghai",
      };
      const { id } = open();
      const drill = open(true).id;
      for (const language of languages) {
        for (const to of ["authority", "people"] as const) {
          const text = breachDraft(s.breaches.read(id), site, to, language);
          for (const item of [
            facts.cause,
            facts.harm,
            facts.measures,
            facts.advice,
            site.controller,
            site.contact,
          ])
            assert.ok(text.includes(item), `${language} ${to} ${item}`);
          assert.ok(text.includes(sentence(language, "rights.breach-faces")));
          assert.doesNotMatch(text, /rights\.|\{\w+\}/);
          const marked = breachDraft(s.breaches.read(drill), site, to, language);
          assert.equal(marked.split("\n")[1], sentence(language, "rights.draft.drill"));
        }
        assert.match(breachDraft(s.breaches.read(id), site, "authority", language), /\b2\b/);
      }
    });
  });
});
