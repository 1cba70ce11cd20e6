import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { entryNoticeParts } from "../../../../core/policy/papers/entry-notice.ts";
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
import type { Recipient } from "../../../../core/rights/index.ts";
import { type Language, languages, sentence } from "../../../../core/words.ts";
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
        assert.ok(text.includes(hash), "which flow it was made from");
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

  /** What each article wants said, and words that say it: what a lawyer would look for, not how we keep it. */
  const items: readonly [article: string, words: Record<Language, RegExp>][] = [
    [
      "PIPL 17(1), GDPR 13(1)(a): who, and contact",
      {
        "en-US": /Riverside Property.*desk@example/,
        "zh-CN": /Riverside Property.*desk@example/,
        "zh-TW": /Riverside Property.*desk@example/,
      },
    ],
    [
      "GDPR 13(1)(b): data protection officer",
      {
        "en-US": /protection of data here: dpo@example/,
        "zh-CN": /保护负责人：dpo@example/,
        "zh-TW": /個資保護聯絡人：dpo@example/,
      },
    ],
    [
      "GDPR 13(1)(a): representative",
      { "en-US": /Representative: Rep Ltd/, "zh-CN": /境内代表：Rep Ltd/, "zh-TW": /當地代表：Rep Ltd/ },
    ],
    [
      "PIPL 17(2), GDPR 13(1)(c): purpose",
      {
        "en-US": /To open Door a, Door b for you/,
        "zh-CN": /为您打开Door a、Door b/,
        "zh-TW": /為您打開Door a、Door b/,
      },
    ],
    [
      "GDPR 13(1)(c): legal basis",
      { "en-US": /consent|written release/, "zh-CN": /同意|书面授权/, "zh-TW": /同意|書面授權/ },
    ],
    [
      "PIPL 17(2): method, kind of data",
      { "en-US": /face template/, "zh-CN": /特征模板/, "zh-TW": /特徵模板/ },
    ],
    [
      "PIPL 17(2), Order 19 art. 5, GDPR 13(2)(a): how long",
      { "en-US": /30 days/, "zh-CN": /30 天/, "zh-TW": /30 天/ },
    ],
    [
      "GDPR 13(1)(e): recipients",
      { "en-US": /Nobody\. No processor/, "zh-CN": /不提供给任何人/, "zh-TW": /不提供給任何人/ },
    ],
    [
      "GDPR 13(1)(f), PIPL 39: abroad",
      { "en-US": /nothing goes abroad/, "zh-CN": /也不出境/, "zh-TW": /不出境|不傳輸至境外|境外/ },
    ],
    [
      "PIPL 30: necessity",
      {
        "en-US": /every door opens without it/,
        "zh-CN": /每扇门不用它都能打开/,
        "zh-TW": /每扇門不用它都能打開/,
      },
    ],
    [
      "PIPL 30: impact",
      {
        "en-US": /cannot be changed like a lost card/,
        "zh-CN": /不能像丢失的卡那样更换/,
        "zh-TW": /不能像.*卡.*更換/,
      },
    ],
    [
      "GDPR 13(2)(b): see, correct, erase, restrict, object, take along",
      {
        "en-US": /copy.*take it.*corrected, restricted or erased, to object/,
        "zh-CN": /复制和转移.*更正、限制处理、反对处理或删除/,
        "zh-TW": /複製與攜帶.*更正、限制處理、反對處理或刪除/,
      },
    ],
    [
      "PIPL 15, GDPR 13(2)(c): withdrawal",
      { "en-US": /How to withdraw/, "zh-CN": /如何撤回/, "zh-TW": /如何撤回/ },
    ],
    [
      "PIPL 16: refusal without harm",
      {
        "en-US": /no consequence of any kind/,
        "zh-CN": /没有任何不利后果/,
        "zh-TW": /沒有任何不利(?:後果|影響)/,
      },
    ],
    [
      "GDPR 13(2)(d), PIPL 65: complaint",
      { "en-US": /to a court/, "zh-CN": /法院起诉/, "zh-TW": /法院(?:起訴|提起訴訟)/ },
    ],
    [
      "GDPR 13(2)(f), PIPL 24: decisions by machine",
      { "en-US": /decides by itself/, "zh-CN": /自动决定/, "zh-TW": /自動決定/ },
    ],
    [
      "PIPL 31: children",
      {
        "en-US": /parent or legal guardian/,
        "zh-CN": /父母或其他监护人/,
        "zh-TW": /父母或其他監護人|父母或監護人/,
      },
    ],
    [
      "Order 19 art. 10, SPC 10: other ways",
      { "en-US": /card, code/, "zh-CN": /卡、密码/, "zh-TW": /卡片?、密碼/ },
    ],
    [
      "A0-17: filing numbers",
      { "en-US": /On file.*MLPS-7/, "zh-CN": /备案编号：MLPS-7/, "zh-TW": /備查編號：MLPS-7/ },
    ],
  ];
  const named = change(lawful, {
    site: { privacyContact: "dpo@example.invalid", representative: "Rep Ltd", filings: "MLPS-7" },
  });
  for (const [article, words] of items)
    it(`have in each pack's notice: ${article}`, () => {
      for (const pack of ["cn", "eu", "us-il"])
        for (const language of languages) {
          const text = toText(paper(change(named, { site: { pack } }), "notice", { language, hash }));
          assert.match(text, words[language], `${pack} ${language}`);
        }
    });

  it("tell those who enter without a face what PIPL 17 and GDPR 13 want told, also where there is no face at all", () => {
    const cards = flow(lane("c", ["card"]));
    for (const language of languages) {
      const text = toText(paper(cards, "entry-notice", { language, hash }));
      for (const word of ["Riverside Property", "desk@example.invalid", "Door c", "30"])
        assert.ok(text.includes(word), `${language}: ${word}`);
      assert.equal(text.match(/^\d+\. /gm)?.length, entryNoticeParts.length + 1, "and which flow it is from");
    }
    for (const kind of ["notice", "consent-form", "assessment"] as const)
      assert.throws(() => paper(cards, kind, { language: "en-US", hash }), { code: "no-face-here" });
  });

  it("name the processors of the register wherever recipients are told", () => {
    const register = [
      {
        name: "Door Works",
        role: "processor",
        contact: "works@example.invalid",
        purpose: "repairs",
        method: "on site",
        data: ["entry-events"],
        until: "2027-12-31",
      },
      {
        name: "Gone Ltd",
        role: "processor",
        contact: "x",
        purpose: "x",
        method: "x",
        data: ["names"],
        until: "2020-01-01",
        ended: "2020-01-01T00:00:00Z",
      },
    ] as const satisfies readonly unknown[] as unknown as Recipient[];
    for (const language of languages)
      for (const kind of ["notice", "entry-notice", "data-flow", "assessment", "record"] as const) {
        const text = toText(paper(lawful, kind, { language, hash, register }));
        assert.match(
          text,
          /Door Works \(works@example\.invalid\)|Door Works（works@example\.invalid）/,
          `${kind} ${language}`,
        );
        assert.ok(!text.includes("Gone Ltd"));
        assert.ok(
          !text.includes(sentence(language, "paper.notice.recipients")),
          "nobody is not said beside somebody",
        );
      }
  });

  it("list nodes nobody here knows, lines, arrivals and every class of data with its days", () => {
    const more = plus(
      lawful,
      { id: "i", type: "influxdb out", z: "tab", name: "statistics", wires: [] },
      { id: "port", type: "serial-port", serialport: "/dev/ttyUSB7" },
      { id: "passes", type: "retention-rule", z: "tab", class: "passes", days: 9, wires: [[]] },
      {
        id: "counted",
        type: "retention-rule",
        z: "tab",
        class: "look-ups",
        days: 8,
        mode: "preview",
        wires: [[]],
      },
    );
    const text = toText(paper(more, "data-flow", { language: "en-US", hash }));
    assert.ok(text.includes("statistics | influxdb out"));
    assert.ok(text.includes("/dev/ttyUSB7"));
    assert.ok(text.includes("ended passes | 9 days"));
    assert.ok(!text.includes("8 days"), "a preview erases nothing");
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
    const [answers, doors] = parts.flatMap(({ choices }) => (choices ? [choices] : []));
    assert.equal(answers?.length, 2);
    assert.deepEqual(doors, ["Door a", "Door b"], "each door by itself");
    const mixed = change(lawful, { "b-face": { mode: "1:1" } });
    const one = paper(mixed, "consent-form", { language: "zh-CN", hash, door: "b" });
    assert.equal(one.parts.flatMap(({ choices = [] }) => choices).length, 2, "one door needs no box");
    const shown = { version: "2.1", hash: "ab".repeat(32) };
    const text = toText(paper(lawful, "consent-form", { language: "en-US", hash, notice: shown }));
    assert.match(text, /version 2\.1, fingerprint (ab){8}\./);
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

  it("ask anew, and say so, where a room code lets a whole flat be compared; a door that searches compares more anyway", () => {
    const one = change(lawful, { "b-face": { mode: "1:1" } });
    const flat = change(lawful, { "b-face": { mode: "1:1", flat: true } });
    const [before, after] = [one, flat].map((now) => generateNotice(now, { language: "en-US", door: "b" })!);
    assert.notEqual(before!.id, after!.id);
    assert.match(before!.text, /your own template alone\b(?!; after)/);
    assert.match(after!.text, /the people of your flat who have agreed as well, and with nobody else’s/);
    const searched = change(lawful, { "b-face": { flat: true } });
    assert.equal(
      generateNotice(searched, { language: "en-US", door: "b" })!.id,
      generateNotice(lawful, { language: "en-US", door: "b" })!.id,
    );
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
    assert.doesNotMatch(toText(paper([], "entry-notice", { language: "en-US", hash })), /undefined|NaN/);
    assert.equal(generateNotice([], { language: "en-US" }), undefined);
  });
});
