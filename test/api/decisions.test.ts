import assert from "node:assert/strict";
import type { Entry } from "../../core/decisions/index.ts";
import { siteFacts } from "../../core/policy/papers/facts.ts";
import { languages } from "../../core/words.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { change, flow, lane } from "../core/policy/build.ts";
import { bearer, call, type Stand, stand } from "./stand.ts";

const running = change(flow(lane("a", ["card", "face"]), lane("b", ["card", "face"]), lane("c", ["card"])), {
  "b-face": { mode: "1:1" },
  site: { demonstration: false },
});
const factsAt = (door: string) => siteFacts(running).doors.find(({ id }) => id === door)?.spelt;
const id = "entry_0123456789abcdef";

describe("decision record over HTTP", () => {
  let s: Stand;
  let added: Entry[];
  let asked: Request<"decision.read">["doors"];
  const vote = {
    kind: "vote",
    doors: ["a"],
    held: "2026-11-20T08:00:00Z",
    matter: "ordinary",
    heads: { all: 178, part: 130, agreed: 90 },
    area: { all: 15_400, part: 11_000, agreed: 6000 },
    minutes: "<b>Office</b>, folder 7",
  };
  before(async () => {
    s = await stand();
    s.handlers["decision.add"] = ({ entries }) => {
      added = entries as Entry[];
      return { ids: entries.map(() => id) };
    };
    s.handlers["decision.read"] = ({ doors }) => {
      asked = doors;
      return {
        doors: doors.map(({ id, name }) => ({
          id,
          name,
          armed: false,
          lacking: ["vote", "notice-period"] as const,
          ending: [{ lack: "assessment-incident" as const, at: "2026-12-24T08:00:00Z" }],
        })),
        faces: { here: 3, elsewhere: 80_000, threshold: 100_000, warn: true, fileBy: "2027-01-05T16:00:00Z" },
        numbers: { vote: true, noticeDays: 7, keptDays: 1096 },
        entries: [
          { id, at: "2026-11-21T08:00:00Z", name: "Wu", role: "manager", corrected: false, entry: vote },
          {
            id: "entry_0123456789abcdeg",
            at: "2026-11-22T08:00:00Z",
            name: "",
            role: "system",
            corrected: true,
            entry: { kind: "reached", faces: 100_000, by: "2027-01-05T16:00:00Z" },
          },
        ],
      } as never;
    };
  });
  beforeEach(() => {
    s.flow = running;
    s.draft = undefined;
    s.forward(3_600_000);
  });
  after(() => s.close());

  const post = (entry: object, of?: string) =>
    call(`${s.url}/decisions`, "POST", { entry, ...(of ? { of } : {}) }, bearer("manager"));

  it("says in the reader's language what each face lacks and what was recorded", async () => {
    for (const language of languages) {
      const { json } = await call(`${s.url}/decisions`, "GET", undefined, {
        ...bearer("auditor"),
        "accept-language": language,
      });
      const { doors, entries, papers, words, faces } = json as never as {
        papers: { kind: string; by_notice: boolean }[];
        doors: {
          id: string;
          mode: string;
          lacking: { code: string; sentence: string }[];
          ending: { code: string; sentence: string }[];
        }[];
        entries: { kind: string; who: string; said: [string, string][] }[];
        words: Record<string, string>;
        faces: object;
      };
      assert.deepEqual(
        doors.map((door) => [door.id, door.mode, door.lacking.map(({ code }) => code)]),
        [
          ["a", "1:N", ["vote", "notice-period"]],
          ["b", "1:1", ["vote", "notice-period"]],
        ],
      );
      assert.deepEqual(
        papers.map(({ kind, by_notice }) => (by_notice ? `${kind} by notice` : kind)),
        ["notice by notice", "consent-form by notice", "entry-notice", "data-flow", "assessment", "record"],
      );
      assert.equal(doors[0]!.ending[0]!.code, "assessment-incident");
      assert.match(doors[0]!.ending[0]!.sentence, /2026-12-24/);
      assert.match(doors[0]!.lacking[0]!.sentence, language === "en-US" ? /Door a/ : /“?「?Door a/);
      assert.deepEqual(faces, {
        here: 3,
        elsewhere: 80_000,
        threshold: 100_000,
        warn: true,
        file_by: "2027-01-05T16:00:00Z",
      });
      const said = entries[0]!.said.map((pair) => pair.join("=")).join(";");
      assert.ok(said.includes("Door a") && said.includes("178") && said.includes("130"), said);
      for (const text of [said, ...Object.values(words), ...entries.map(({ who }) => who)])
        assert.doesNotMatch(text, /decision\.|undefined|^$/);
    }
    s.flow = flow(lane("c", ["card"]));
    const { json } = await call(`${s.url}/decisions`, "GET", undefined, bearer("auditor"));
    const kinds = (json.papers as unknown as { kind: string }[]).map(({ kind }) => kind);
    assert.deepEqual(kinds, ["entry-notice", "data-flow", "record"], "none about faces without one");
    s.flow = running;
    await call(`${s.url}/decisions`, "GET", undefined, bearer("auditor"));
    assert.deepEqual(
      asked.map(({ facts }) => facts),
      [factsAt("a"), factsAt("b")],
    );
  });

  it("fills in what the flow says, once for each set of facts", async () => {
    const published = {
      kind: "notice",
      doors: ["a", "b"],
      published: "2026-11-20T08:00:00Z",
      places: ["doors"],
    };
    assert.equal((await post(published)).status, 201);
    assert.deepEqual(
      added.map((entry) => ("doors" in entry && "facts" in entry ? [entry.doors, entry.facts] : [])),
      [
        [["a"], factsAt("a")],
        [["b"], factsAt("b")],
      ],
    );
    assert.equal(
      (await post({ ...published, facts: "mine" })).status,
      400,
      "nobody types what the flow says",
    );
    assert.equal((await post({ ...published, doors: ["nowhere"] })).status, 400);
    assert.equal((await post(published, "draft")).status, 404, "no flow waits");
    s.draft = change(running, { "a-face": { mode: "1:1" } });
    assert.equal((await post(published, "draft")).status, 201);
    assert.equal(added.length, 1, "both doors check one card there");
  });

  it("says of a letter what it may not say, and keeps nothing of it", async () => {
    const check = (text: string) =>
      call(`${s.url}/notices/check`, "POST", { text }, { ...bearer("manager"), "accept-language": "zh-TW" });
    const before = s.asked.filter(({ verb }) => verb !== "session.check").length;
    const { json } = await check("請於限期內錄入人臉");
    const found = json.found as unknown as { wrong: string; sentence: string }[];
    assert.deepEqual(
      found.map(({ wrong }) => wrong),
      ["deadline"],
    );
    assert.match(found[0]!.sentence, /「限期」：自願選擇沒有期限/);
    assert.deepEqual((await check("沒有期限")).json.found, []);
    assert.equal(s.asked.filter(({ verb }) => verb !== "session.check").length, before);
  });

  it("names the field of the kind that was meant", async () => {
    const { status, json } = await post({ kind: "signs", doors: ["a"] });
    assert.deepEqual([status, json.field], [400, "/entry/up"]);
    assert.equal((await post({ kind: "reached", faces: 1, by: "2027-01-05T16:00:00Z" })).status, 400);
    assert.equal((await post({ kind: "import", papers: {} })).status, 400);
  });

  it("is a paper in every language and form, and shows nothing written as markup", async () => {
    for (const language of languages)
      for (const format of ["html", "text", "pdf"]) {
        const answer = await fetch(`${s.url}/decisions/paper?format=${format}&language=${language}`, {
          headers: bearer("auditor"),
        });
        assert.equal(answer.status, 200);
        const body = Buffer.from(await answer.arrayBuffer());
        if (format === "pdf") {
          assert.equal(body.subarray(0, 5).toString(), "%PDF-");
          continue;
        }
        const text = body.toString("utf8");
        assert.doesNotMatch(text, /decision\.|undefined|\{\w+\}/);
        assert.equal(text.includes("<b>Office"), format === "text");
        assert.ok(text.includes("Door a") && text.includes("178"));
      }
  });
});
