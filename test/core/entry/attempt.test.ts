import assert from "node:assert/strict";
import { EntryAttempt } from "../../../core/entry/attempt.ts";
import { AttemptBook, failed, mark, viewOf } from "../../../core/entry/book.ts";
import { attemptCodes } from "../../../core/entry/codes.ts";
import { refusal, type Standing } from "../../../core/entry/decide.ts";
import { EntryRule } from "../../../core/entry/rule.ts";
import { TicketDesk } from "../../../core/entry/tickets.ts";
import { parse } from "../../../core/schema.ts";
import { keysOf, languageFor, languages, sentence } from "../../../core/words.ts";
import { handClock } from "../hand-clock.ts";

const resident: Standing = { resident: true };
const door = { id: "main-gate", lockedDown: false };
const rule = (fields: object = {}) => parse(EntryRule, fields);

describe("attempts", () => {
  it("fit their own closed schema from beginning to end", () => {
    const clock = handClock();
    const attempt = new AttemptBook(clock).begin("main-gate", "estate", "card");
    parse(EntryAttempt, attempt.view);
    mark(attempt, "node1", "identify", "no-such-credential");
    parse(EntryAttempt, attempt.view);
    assert.throws(() => parse(EntryAttempt, { ...attempt.view, emotion: "calm" }), { code: "invalid" });
  });

  it("keep the first reason and travel as copies", () => {
    const attempt = new AttemptBook(handClock()).begin("main-gate", "estate", "card");
    mark(attempt, "a", "identify", "no-such-credential");
    mark(attempt, "b", "entry-rule", "outside-hours");
    const view = viewOf(attempt);
    view.outcome = "granted";
    view.checks.length = 0;
    assert.equal(attempt.view.code, "no-such-credential");
    assert.equal(attempt.view.outcome, "pending");
    assert.equal(failed(attempt), true);
  });

  it("are forgotten after a minute, and never pile up", () => {
    const clock = handClock();
    const book = new AttemptBook(clock);
    const { view } = book.begin("main-gate", "estate", "card");
    clock.pass(61_000);
    book.begin("main-gate", "estate", "card");
    assert.throws(() => book.get(view.id), { code: "attempt-unknown" });
    for (let n = 0; n < 6000; n++) book.begin("main-gate", "estate", "card");
    assert.ok(book.size <= 5000);
  });

  it("take nothing more once closed", () => {
    const book = new AttemptBook(handClock());
    const attempt = book.begin("main-gate", "estate", "card");
    attempt.closed = true;
    assert.throws(() => book.open(attempt.view.id), { code: "attempt-closed" });
  });
});

describe("tickets", () => {
  it("open once, one door, within five seconds of sensing, whatever the wall clock does", () => {
    const clock = handClock();
    const desk = new TicketDesk(clock);
    const ticket = desk.issue("attempt", "main-gate", 7, clock.monotonic());
    assert.deepEqual(desk.redeem(ticket, "back-gate"), { code: "ticket-wrong-door", attempt: "attempt" });
    clock.set(new Date("2001-01-01T00:00:00Z"));
    clock.pass(4999);
    assert.deepEqual(desk.redeem(ticket, "main-gate"), { attempt: "attempt", leaf: 7 });
    assert.deepEqual(desk.redeem(ticket, "main-gate"), { code: "ticket-used", attempt: "attempt" });
  });

  it("die while checks are slow", () => {
    const clock = handClock();
    const desk = new TicketDesk(clock);
    const sensed = clock.monotonic();
    clock.pass(3000);
    const ticket = desk.issue("attempt", "main-gate", 7, sensed);
    clock.pass(2001);
    assert.deepEqual(desk.redeem(ticket, "main-gate"), { code: "too-late", attempt: "attempt" });
  });

  it("are unknown when made up, and each is different", () => {
    const desk = new TicketDesk(handClock());
    assert.deepEqual(desk.redeem("granted", "main-gate"), { code: "ticket-unknown" });
    assert.notEqual(desk.issue("a", "main-gate", 1, 0), desk.issue("a", "main-gate", 1, 0));
  });
});

describe("the entry rule", () => {
  const attempt = (method: "card" | "face" | "guard" = "card") =>
    new AttemptBook(handClock()).begin("main-gate", "estate", method);
  const ask = (fields: object, standing: Standing | undefined, now = "2026-11-23T03:00:00Z", a = attempt()) =>
    refusal(rule(fields), a, standing, door, new Date(now));

  it("lets residents through doors they may use, and nobody else", () => {
    assert.equal(ask({}, resident), undefined);
    assert.equal(ask({}, { resident: true, doors: ["main-gate"] }), undefined);
    assert.equal(ask({}, { resident: true, doors: ["unit-1"] }), "no-rights-here");
    assert.equal(ask({}, { resident: true, credentialDoors: ["unit-1"] }), "no-rights-here");
    assert.equal(ask({}, { resident: false }), "residency-ended");
    assert.equal(ask({}, undefined), "no-such-credential");
    assert.equal(ask({}, undefined, undefined, attempt("guard")), undefined);
  });

  it("asks the same of a face as of a card, at every hour of the week (RD-02)", () => {
    const hours = {
      timeZone: "Asia/Shanghai",
      hours: [{ days: ["mon", "sat"], from: "06:00", to: "23:00" }],
    };
    for (let hour = 0; hour < 168; hour++) {
      const now = new Date(Date.UTC(2026, 10, 23) + hour * 3_600_000).toISOString();
      assert.equal(ask(hours, resident, now, attempt("face")), ask(hours, resident, now, attempt("card")));
    }
  });

  it("has no field for tenure, origin, age or method (RD-06)", () => {
    for (const field of ["tenure", "tenant", "method", "methods", "age", "origin"]) {
      assert.throws(() => rule({ [field]: "x" }), { code: "invalid", field: `/${field}` });
    }
  });

  it("takes two ways for a door that wants a strong one", () => {
    const one = attempt();
    one.view.assurance = "clonable";
    assert.equal(ask({ assurance: "strong" }, resident, undefined, one), "second-method-needed");
    one.methods.add("pin");
    assert.equal(ask({ assurance: "strong" }, resident, undefined, one), undefined);
  });

  it("opens by a face no door and no hour that one of the person's cards does not (RD-02)", () => {
    const others = [
      { doors: ["unit-1"] },
      { schedule: [{ days: ["mon" as const], from: "08:00", to: "12:00" }], doors: ["main-gate"] },
    ];
    const at = (now: string, standing: Partial<Standing>) =>
      refusal(
        rule(),
        attempt("face"),
        { resident: true, ...standing },
        { ...door, timeZone: "Asia/Shanghai" },
        new Date(now),
      );
    assert.equal(at("2026-11-23T03:00:00Z", { others }), undefined);
    assert.equal(at("2026-11-23T05:00:00Z", { others }), "credential-outside-hours");
    assert.equal(at("2026-11-24T03:00:00Z", { others }), "credential-outside-hours");
    assert.equal(at("2026-11-23T03:00:00Z", { others: [others[0]!] }), "no-rights-here");
    assert.equal(at("2026-11-24T03:00:00Z", { others: [...others, {}] }), undefined);
    assert.equal(at("2026-11-24T03:00:00Z", { others: [] }), undefined, "a face may be all somebody wants");
  });

  it("locks down for everyone, and passes back once", () => {
    const locked = { ...door, lockedDown: true };
    assert.equal(refusal(rule(), attempt(), resident, locked, new Date()), "locked-down");
    const again = { ...door, minutesSinceEntry: 2 };
    const timed = rule({ antiPassback: "timed", antiPassbackMinutes: 5 });
    assert.equal(refusal(timed, attempt(), resident, again, new Date()), "anti-passback");
    assert.equal(
      refusal(rule({ antiPassback: "soft", antiPassbackMinutes: 5 }), attempt(), resident, again, new Date()),
      undefined,
    );
  });
});

describe("words", () => {
  it("are the same in three languages", () => {
    const english = keysOf("en-US").sort();
    for (const language of languages) assert.deepEqual(keysOf(language).sort(), english, language);
  });

  it("say every code, at the door and on one's own page (RD-53)", () => {
    for (const language of languages) {
      for (const code of attemptCodes) {
        for (const key of [`attempt.${code}`, `attempt.${code}.own`])
          assert.notEqual(sentence(language, key), key);
      }
    }
  });

  it("keep the placeholders of every sentence in every language", () => {
    const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const key of keysOf("en-US")) {
      for (const language of languages)
        assert.deepEqual(holes(sentence(language, key)), holes(sentence("en-US", key)), key);
    }
  });

  it("follow the reader's languages", () => {
    assert.equal(languageFor("zh-Hant-TW,zh;q=0.9"), "zh-TW");
    assert.equal(languageFor("zh-HK"), "zh-TW");
    assert.equal(languageFor("zh"), "zh-CN");
    assert.equal(languageFor("de-DE, en;q=0.5"), "en-US");
    assert.equal(languageFor(undefined, "zh-CN"), "zh-CN");
  });
});
