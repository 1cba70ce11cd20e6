import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { siteFacts } from "../../../../core/policy/papers/facts.ts";
import {
  flowNotices,
  generateNotice,
  noticeVersion,
  paper,
  paperKinds,
  toHtml,
  toText,
} from "../../../../core/policy/papers/index.ts";
import { noticeParts } from "../../../../core/policy/papers/notice.ts";
import { languages } from "../../../../core/words.ts";
import { change, door, flow, lane, plus } from "../build.ts";

const lawful = flow(lane("a", ["card", "pin", "face"]), lane("b", ["card", "face"]), lane("c", ["card"]));
const hash = createHash("sha256").update("flow").digest("hex");

describe("papers of a flow", () => {
  for (const kind of paperKinds)
    it(`${kind}: whole in every language, with nothing left unfilled`, () => {
      for (const language of languages) {
        const document = paper(lawful, kind, { language, hash });
        const text = toText(document);
        assert.doesNotMatch(text, /paper\.|\{\w+\}|undefined|NaN/);
        assert.match(text, language === "en-US" ? /[a-z]{4}/ : /[\u4e00-\u9fff]{4}/);
        if (kind !== "notice" && kind !== "consent-form") assert.ok(text.includes(hash));
        assert.ok(toHtml(document).includes(`lang="${language}"`));
      }
    });

  it("says on a demonstration's papers that they are one, and not on others", () => {
    const real = change(lawful, { site: { demonstration: false } });
    for (const language of languages)
      for (const kind of paperKinds) {
        const mark = paper(lawful, kind, { language, hash }).mark;
        assert.ok(mark);
        assert.notEqual(paper(real, kind, { language, hash }).mark, mark);
      }
  });

  it("have every item of PIPL 17 and 30, Order 19 art. 5 and GDPR 13 in each pack's notice", () => {
    for (const pack of ["cn", "eu", "us-il"])
      for (const language of languages) {
        const document = paper(change(lawful, { site: { pack } }), "notice", { language, hash });
        assert.equal(document.parts.length, noticeParts.length);
        for (const { heading, paragraphs } of document.parts) {
          assert.ok(heading.length > 1);
          assert.ok(paragraphs?.every((paragraph) => paragraph.length > 10));
        }
      }
  });

  it("name the handler, the doors, the days and the other ways as the flow has them", () => {
    const text = toText(paper(lawful, "notice", { language: "en-US", hash }));
    for (const word of [
      "Riverside Property",
      "desk@example.invalid",
      "Door a",
      "Door b",
      "30 days",
      "card, code",
    ])
      assert.ok(text.includes(word), word);
    assert.ok(!text.includes("Door c"), "a door without a face is no business of this notice");
  });

  it("say of entry events the days their own rule keeps them, whatever else is kept how long", () => {
    const keeping = (id: string, fields: object) =>
      plus(lawful, { id, type: "retention-rule", z: "tab", mode: "run", wires: [], ...fields });
    assert.equal(siteFacts(lawful).eventDays, 30);
    assert.equal(siteFacts(keeping("consents", { class: "consents", days: 1096 })).eventDays, 30);
    const tried = keeping("try", { class: "entry-events", days: 366, mode: "preview" });
    assert.equal(siteFacts(tried).eventDays, 30);
    assert.equal(siteFacts(keeping("longer", { class: "entry-events", days: 90 })).eventDays, 90);
  });

  it("never show markup of a label as markup", () => {
    const named = change(lawful, { "door-a": { name: "<script>alert(1)</script>" } });
    for (const kind of paperKinds)
      assert.ok(!toHtml(paper(named, kind, { language: "en-US", hash })).includes("<script"));
  });

  it("list every node that sends anything anywhere, without credentials or queries", () => {
    const sending = plus(
      lawful,
      {
        id: "h",
        type: "http request",
        z: "tab",
        name: "weather",
        url: "https://u:p@w.example/x?key=1",
        wires: [[]],
      },
      { id: "broker", type: "mqtt-broker", broker: "127.0.0.1" },
    );
    const text = toText(paper(sending, "data-flow", { language: "en-US", hash }));
    assert.ok(text.includes("weather | http | https://w.example/x\n"));
    assert.ok(text.includes("a-lock | mqtt | 127.0.0.1"));
    assert.ok(!text.includes("key=1") && !text.includes("u:p"));
  });

  it("have two equal, unticked answers on the consent form", () => {
    const { parts } = paper(lawful, "consent-form", { language: "zh-CN", hash });
    assert.equal(parts.flatMap(({ choices = [] }) => choices).length, 2);
  });

  it("leave open what only people can answer", () => {
    const blanks = (flowNow: typeof lawful) =>
      paper(flowNow, "assessment", { language: "en-US", hash }).parts.flatMap(({ blanks = [] }) => blanks)
        .length;
    const oneToOne = change(lawful, { "a-face": { mode: "1:1" }, "b-face": { mode: "1:1" } });
    assert.equal(blanks(lawful) - blanks(oneToOne), 1, "searching everybody asks one question more");
    const mixed = change(lawful, { "b-face": { mode: "1:1" } });
    assert.equal(blanks(mixed), blanks(lawful), "also where only one door does");
    assert.match(toText(paper(mixed, "assessment", { language: "en-US", hash })), /Mode 1:1, 1:N\./);
  });
});

describe("notices of a flow", () => {
  it("are one for all doors whose facts are the same, two where they differ", () => {
    assert.deepEqual(
      flowNotices(lawful).map(({ doors }) => doors),
      [["a", "b"]],
    );
    assert.equal(flowNotices(change(lawful, { "b-face": { mode: "1:1" } })).length, 2);
    assert.deepEqual(flowNotices(flow(lane("c", ["card"]))), []);
  });

  it("are found by door and carry the hash of their text", () => {
    const notice = generateNotice(lawful, { language: "zh-TW", door: "b" })!;
    assert.equal(notice.hash, createHash("sha256").update(notice.text).digest("hex"));
    assert.equal(notice.id, `door-entry/face/1.0/${notice.hash}`);
    assert.equal(generateNotice(lawful, { language: "zh-TW", door: "c" }), undefined);
  });

  const base = flowNotices(lawful)[0]!;
  const versionOf = (changed: typeof lawful) =>
    noticeVersion(
      { ...base, version: "3.2" },
      flowNotices(changed).find(({ doors }) => doors.includes("a"))!,
    );

  it("keep their version while nothing of them changes, layout and other doors' wires included", () => {
    assert.equal(noticeVersion(undefined, base), "1.0");
    assert.equal(versionOf(lawful), "3.2");
    assert.equal(versionOf(change(lawful, { "a-rule": { x: 500, name: "moved" } })), "3.2");
    assert.equal(versionOf(plus(lawful, door("d"))), "3.2");
  });

  it("get a new minor version for wording, a new major for what somebody agrees to", () => {
    assert.equal(versionOf(change(lawful, { "door-a": { name: "East door" } })), "3.3");
    assert.equal(versionOf(change(lawful, { site: { controllerContact: "new@example.invalid" } })), "3.3");
    for (const material of [
      { "a-face": { mode: "1:1" } },
      { keep: { days: 60 } },
      { site: { controllerName: "Another Company" } },
      { site: { pack: "eu" } },
    ])
      assert.equal(versionOf(change(lawful, material as never)), "4.0", JSON.stringify(material));
  });

  it("speak of a site without a site node without falling over", () => {
    assert.equal(siteFacts([]).doors.length, 0);
    assert.equal(generateNotice([], { language: "en-US" }), undefined);
  });
});
