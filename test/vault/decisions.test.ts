import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { readPapers } from "../../core/policy/papers/schema.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { type HandClock, handClock } from "../core/hand-clock.ts";
import { estate, openRig, type Rig, tokenFor } from "./rig.ts";

const day = 86_400_000;
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const factsOf = (mode: "1:1" | "1:N", days = 30): string =>
  JSON.stringify({ eventDays: days, method: "face", mode, purpose: "door-entry" });
const texts = { "zh-CN": "告知", "zh-TW": "告知", "en-US": "Notice" };
const notice = (door: string, facts: string): Request<"configure">["notices"][number] => ({
  method: "face",
  doors: [door],
  material: sha256(facts),
  texts,
});

/** A real estate: the main gate searches everybody who agreed, unit 1 checks one card. */
const real = (gate = factsOf("1:N"), unit = factsOf("1:1")): Request<"configure"> => {
  const { site, doors, ...rest } = estate();
  return {
    ...rest,
    site: { ...site, demonstration: false },
    doors: doors.map((door) => ({ ...door, simulated: false })),
    notices: [notice("main-gate", gate), notice("unit-1", unit)],
  };
};
const both = ["main-gate", "unit-1"];
const asked = both.map((id, index) => ({ id, name: id, facts: factsOf(index === 0 ? "1:N" : "1:1") }));

type Entries = Request<"decision.add">["entries"];

describe("decision record", () => {
  let rig: Rig;
  let clock: HandClock;
  let auth: string;
  beforeEach(async () => {
    clock = handClock();
    rig = await openRig({ clock });
    auth = await tokenFor(rig);
    await rig.client.call("configure", real());
  });
  afterEach(() => rig.close());

  const today = () => clock.now().toISOString();
  const add = async (...entries: object[]) =>
    (await rig.client.call("decision.add", { auth, entries: entries as Entries })).ids;
  const state = () => rig.client.call("decision.read", { auth, doors: asked });
  const lacking = async () => (await state()).doors.map((door) => door.lacking);
  const armed = async () => (await state()).doors.map((door) => door.armed);

  const vote = (changes = {}) => ({
    kind: "vote",
    doors: both,
    held: today(),
    matter: "ordinary",
    heads: { all: 178, part: 130, agreed: 90 },
    area: { all: 15_400, part: 11_000, agreed: 6000 },
    minutes: "Owners' assembly, minutes 2026-11",
    ...changes,
  });
  const published = (index: number) => ({
    kind: "notice",
    doors: [both[index]],
    facts: asked[index]!.facts,
    published: today(),
    places: ["doors", "letters"],
  });
  const assessment = (index: number, step: string, changes = {}) => ({
    kind: "assessment",
    doors: [both[index]],
    facts: asked[index]!.facts,
    step,
    on: today().slice(0, 10),
    ...changes,
  });
  const answers = { necessity: "Asked for by forty households.", search: "Elders without cards." };

  it("arms a real face step by step, door by door, and says what is lacking meanwhile", async () => {
    assert.deepEqual(await lacking(), [
      ["decision", "notice", "assessment"],
      ["decision", "notice", "assessment"],
    ]);
    await add(vote());
    await add(published(0), published(1));
    assert.deepEqual((await lacking())[1], ["signs", "notice-period", "assessment"]);
    await add({ kind: "signs", doors: both, up: today() });
    await add(assessment(0, "drafted"), assessment(1, "drafted"));
    await add(
      assessment(0, "answered", answers),
      assessment(1, "answered", { necessity: answers.necessity }),
    );
    assert.deepEqual((await lacking())[0], ["notice-period", "assessment"], "answered is not yet approved");
    await add(assessment(0, "approved"), assessment(1, "approved", { review: "2027-11-23" }));
    assert.deepEqual(await lacking(), [["notice-period"], ["notice-period"]]);
    assert.deepEqual(await armed(), [false, false]);
    clock.pass(7 * day);
    assert.deepEqual(await lacking(), [[], []]);
    assert.deepEqual(await armed(), [true, true], "by the days that went by, without another deploy");
    assert.equal((await rig.client.call("configure", real())).faceArmed, true);
    await rig.restart();
    assert.equal((await rig.client.call("configure", real())).faceArmed, true, "and again after a restart");
  });

  it("wants the assessment again after its day of review and after an incident, with 30 days to make it", async () => {
    await add(vote(), published(0), published(1), { kind: "signs", doors: both, up: today() });
    const review = new Date(clock.now().getTime() + 40 * day).toISOString().slice(0, 10);
    await add(
      assessment(0, "approved", answers),
      assessment(1, "approved", { necessity: answers.necessity, review }),
    );
    const ending = async () => (await state()).doors.map((door) => door.ending.map(({ lack }) => lack));
    clock.pass(20 * day);
    assert.deepEqual(await armed(), [true, true]);
    assert.deepEqual(await ending(), [[], []]);
    const incident = (drill: boolean) =>
      rig.client.call("breach.open", {
        auth,
        drill,
        aware: today(),
        kinds: ["faces"],
        doors: [],
        from: today(),
        to: today(),
        cause: "A box was stolen",
        harm: "Faces could be approximated",
        measures: "Keys renewed",
        advice: "Ask at the desk",
      });
    await incident(true);
    assert.deepEqual(await ending(), [[], []], "a drill is none");
    await incident(false);
    assert.deepEqual(await ending(), [["assessment-incident"], ["assessment-incident"]]);
    assert.deepEqual(await lacking(), [[], []], "not at once");
    clock.pass(day);
    await add(assessment(0, "approved", answers));
    assert.deepEqual(await ending(), [[], ["assessment-incident"]]);
    clock.pass(29.5 * day);
    assert.deepEqual(await lacking(), [[], ["assessment-incident"]]);
    assert.deepEqual(await armed(), [true, false]);
    assert.deepEqual(await ending(), [[], ["assessment-due"]], "the review fell due meanwhile");
    clock.pass(30 * day);
    assert.deepEqual((await lacking())[1], ["assessment-due", "assessment-incident"]);
    await add(assessment(1, "approved", { necessity: answers.necessity }));
    assert.deepEqual(await armed(), [true, true]);
  });

  it("stops the one door whose facts changed, and opens every door with a card all the while", async () => {
    await add(vote(), published(0), published(1), { kind: "signs", doors: both, up: today() });
    await add(assessment(0, "approved", answers), assessment(1, "approved", answers));
    clock.pass(8 * day);
    const findings = [{ rule: "notice-in-force", node: "n1", door: "main-gate" }];
    const changed = real(factsOf("1:N", 90));
    const answer = await rig.client.call("configure", { ...changed, flow: { ...changed.flow, findings } });
    assert.deepEqual(answer, { faceArmed: true, relaysArmed: true });
    assert.deepEqual(await armed(), [false, true]);
  });

  it("asks both majorities of heads and of area, and three quarters where common parts change", async () => {
    const short = async (changes: object) => {
      await add(vote(changes));
      return (await lacking())[0]!.filter((lack) => lack === "vote");
    };
    assert.deepEqual(await short({}), []);
    assert.deepEqual(await short({ heads: { all: 178, part: 118, agreed: 118 } }), ["vote"], "118 of 178");
    assert.deepEqual(await short({ heads: { all: 177, part: 118, agreed: 60 } }), [], "exactly two thirds");
    assert.deepEqual(
      await short({ heads: { all: 177, part: 118, agreed: 59 } }),
      ["vote"],
      "half is not more than half",
    );
    assert.deepEqual(await short({ area: { all: 15_400, part: 11_000, agreed: 5500 } }), ["vote"]);
    assert.deepEqual(await short({ matter: "common-parts" }), ["vote"]);
    const most = { heads: { all: 4, part: 4, agreed: 3 }, area: { all: 400, part: 400, agreed: 300 } };
    assert.deepEqual(await short({ ...most, matter: "common-parts" }), []);
  });

  it("takes nothing that cannot be: votes that do not add up, days to come, approval of what is open", async () => {
    const refused = async (entry: object, code: string, field?: string) =>
      await assert.rejects(add(entry), (error: { code: string; field?: string }) => {
        assert.deepEqual([error.code, field && error.field], [code, field]);
        return true;
      });
    await refused(vote({ heads: { all: 10, part: 11, agreed: 1 } }), "decision-bad", "/heads/part");
    await refused(vote({ area: { all: 10, part: 8, agreed: 9 } }), "decision-bad", "/area/agreed");
    await refused(
      vote({ held: new Date(clock.now().getTime() + day).toISOString() }),
      "decision-bad",
      "/held",
    );
    await refused({ ...published(0), published: "2030-01-01T00:00:00Z" }, "decision-bad", "/published");
    await refused(assessment(0, "approved"), "assessment-open");
    await refused(assessment(0, "approved", { necessity: "   " }), "assessment-open");
    await refused(
      { kind: "answer", cites: "entry_0123456789abcdef", given: "2026-11-23", text: "yes" },
      "entry-unknown",
    );
    await refused({ kind: "vote", waiver: true }, "invalid");
    await refused({ kind: "reached-anyhow" }, "invalid");
    const { faces, entries } = await state();
    assert.deepEqual([faces.here, entries.length], [0, 0]);
  });

  it("corrects by adding: the earlier entry stays to be read, and no row is ever altered", async () => {
    const [first] = await add(vote({ heads: { all: 178, part: 100, agreed: 90 } }));
    await assert.rejects(add(vote({ corrects: first })), { code: "decision-bad" });
    const [second] = await add(vote({ corrects: first, reason: "Proxies were not counted." }));
    await assert.rejects(add(vote({ corrects: first, reason: "once more" })), { code: "entry-unknown" });
    assert.deepEqual(
      (await state()).entries.map(({ id, corrected }) => [id, corrected]),
      [
        [first, true],
        [second, false],
      ],
    );
    await add({ kind: "void", corrects: second, reason: "The assembly was not called in time." });
    assert.ok((await lacking())[0]!.includes("decision"));
    const db = new DatabaseSync(join(rig.data, "ledger.db"));
    assert.throws(() => db.exec("UPDATE decision_entry SET body = '{}'"), /never altered/);
    db.close();
  });

  it("has a leaf of the log for every entry, with its fingerprint and none of its words", async () => {
    const [id] = await add({ kind: "question", asked: "2026-11-20", text: "Where is it kept?" });
    const leaf = rig.vault.services.log
      .query({ classes: ["configuration"], limit: 20 })
      .find(({ fields }) => fields?.entry === id);
    const { entries } = await state();
    assert.equal(leaf?.fields?.digest, sha256(JSON.stringify(entries[0]!.entry)));
    assert.equal(leaf?.fields?.kind, "question");
    assert.ok(!JSON.stringify(leaf).includes("Where is"));
    await add({ kind: "answer", cites: id, given: "2026-11-21", text: "On the box at the door." });
  });

  it("is written by manager and privacy officer and read by the owners' committee", async () => {
    for (const role of ["auditor", "technician", "desk", "guard"] as const) {
      const token = await tokenFor(rig, role);
      await assert.rejects(rig.client.call("decision.add", { auth: token, entries: [vote()] as Entries }), {
        code: "not-allowed",
      });
      const read = rig.client.call("decision.read", { auth: token, doors: [] });
      if (role === "auditor" || role === "technician") assert.deepEqual((await read).entries, []);
      else await assert.rejects(read, { code: "not-allowed" });
    }
    auth = await tokenFor(rig, "privacy-officer");
    await add(vote());
    assert.equal((await state()).entries[0]?.role, "privacy-officer");
  });

  it("tells the flow rules what it says in a file, and takes an older file over only when told to", async () => {
    const file = join(rig.data, "papers.json");
    const { facts } = asked[0]!;
    const older = {
      decision: { at: "2026-10-01T10:00:00+08:00", doors: ["main-gate"], quorum: 0.7, agreed: 0.8 },
      notice: { publishedAt: "2026-10-02T10:00:00+08:00", doors: ["main-gate"], facts, signsUp: true },
      assessment: { at: "2026-10-02T10:00:00+08:00", facts, ...answers },
      facesHeld: 1,
    };
    writeFileSync(file, JSON.stringify(older));
    await rig.restart();
    await rig.client.call("configure", real());
    assert.deepEqual(await armed(), [false, false], "a file is no record");
    assert.ok(rig.lines.some((line) => line.includes("not on the decision record")));
    await rig.client.call("papers.put", { auth, papers: older });
    assert.deepEqual(await armed(), [true, false]);
    assert.ok(existsSync(`${file}.before`), "what somebody wrote by hand is kept");
    const written = readPapers(JSON.parse(readFileSync(file, "utf8")));
    assert.deepEqual(
      [written.decision, written.facesHeld],
      [older.decision, 0],
      "faces are counted, not told",
    );
    await add(vote({ doors: ["unit-1"] }));
    const { doors, decision } = readPapers(JSON.parse(readFileSync(file, "utf8")));
    assert.deepEqual([decision, doors?.["unit-1"]?.decision?.matter], [older.decision, "ordinary"]);
  });

  it("keeps assessments and records of processing for three years from when they stopped counting", async () => {
    const record = (text: string) => ({ "zh-CN": text, "zh-TW": text, "en-US": text });
    const deploy = (text: string, hash: string) =>
      rig.client.call("configure", {
        ...real(),
        flow: { hash: hash.repeat(64), findings: [], record: record(text) },
      });
    await deploy("first", "a");
    await deploy("first", "a");
    await add(assessment(0, "approved", answers), assessment(1, "approved", answers));
    const [question] = await add({ kind: "question", asked: "2026-11-20", text: "Who sees it?" });
    const over = (days = 1096) => rig.client.call("retention.preview", { class: "assessment", days });
    await assert.rejects(over(1095), { code: "retention-out-of-bounds" });
    clock.pass(1200 * day);
    auth = await tokenFor(rig);
    assert.equal((await over()).entries, 0, "what is in force, and what waits for an answer, is kept");
    await deploy("second", "b");
    await add(assessment(0, "approved", answers), {
      kind: "answer",
      cites: question,
      given: "2030-03-07",
      text: "Nobody.",
    });
    clock.pass(1096 * day);
    assert.equal((await over()).entries, 0, "not before its last day is over");
    clock.pass(day);
    assert.equal((await over()).entries, 4, "an assessment, a question, its answer, a record of processing");
    assert.equal((await rig.client.call("retention.run", { class: "assessment", days: 1096 })).entries, 4);
    auth = await tokenFor(rig);
    assert.deepEqual(
      (await state()).entries.map(({ entry }) => (entry as { kind: string }).kind),
      ["assessment", "assessment"],
    );
    const { records } = await rig.client.call("decision.records", { auth });
    assert.deepEqual(
      records.map(({ texts, until }) => [texts["en-US"], until]),
      [["second", undefined]],
    );
    assert.equal((await over()).entries, 0);
  });

  it("stands without its file: what cannot be written is told, and arms all the same", async () => {
    await rig.close();
    rig = await openRig({ clock, env: { LIMEN_PAPERS: "/nowhere/papers.json" } });
    auth = await tokenFor(rig);
    await rig.client.call("configure", real());
    await add(vote(), published(0), published(1), { kind: "signs", doors: both, up: today() });
    await add(assessment(0, "approved", answers), assessment(1, "approved", answers));
    clock.pass(8 * day);
    assert.deepEqual(await armed(), [true, true]);
    assert.ok(rig.lines.some((line) => line.includes("/nowhere/papers.json could not be written (ENOENT)")));
  });

  it("counts faces by itself, warns at four fifths, and begins the working days at the number to be filed", async () => {
    const elsewhere = (faces: number) =>
      add({ kind: "elsewhere", community: "Other Court", faces, on: "2026-11-23" });
    await elsewhere(79_999);
    assert.equal((await state()).faces.warn, false);
    await elsewhere(80_000);
    assert.deepEqual((await state()).faces, { here: 0, elsewhere: 80_000, threshold: 100_000, warn: true });
    await elsewhere(99_999);
    assert.equal((await state()).faces.fileBy, undefined);
    await elsewhere(100_000);
    // 30 working days after 2026-11-23, with New Year's Day between: the end of 2027-01-05 in Shanghai
    assert.equal((await state()).faces.fileBy, "2027-01-05T16:00:00.000Z");
    assert.ok(!(await lacking())[0]!.includes("filing"));
    clock.set(new Date("2027-01-05T15:59:00Z"));
    auth = await tokenFor(rig);
    assert.ok(!(await lacking())[0]!.includes("filing"));
    clock.set(new Date("2027-01-05T16:01:00Z"));
    assert.ok((await lacking())[0]!.includes("filing"));
    await add({
      kind: "filing",
      step: "filed",
      on: "2027-01-05",
      number: "31-1",
      authority: "Provincial CAC",
    });
    assert.ok(!(await lacking())[0]!.includes("filing"));
  });
});
