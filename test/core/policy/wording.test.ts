import assert from "node:assert/strict";
import { recordPaper } from "../../../core/decisions/index.ts";
import { packIds } from "../../../core/policy/context.ts";
import { paper, paperKinds, toText } from "../../../core/policy/papers/index.ts";
import { type Wrong, wrongs, wrongWords } from "../../../core/policy/wording.ts";
import { keysOf, languages, sentence } from "../../../core/words.ts";
import { change, flow, lane } from "./build.ts";

/** Sentences as they were pasted on doors and put into terms, by what is wrong with them. */
const said: Readonly<Record<Wrong, readonly string[]>> = {
  irrevocable: [
    "This consent is irrevocable.",
    "Consent cannot be withdrawn.",
    "本授权不可撤销。",
    "本授權一經簽署不得撤回。",
  ],
  unlimited: [
    "kept indefinitely",
    "an unlimited period",
    "人脸信息永久保存",
    "資料長期保存",
    "授权无期限限制",
  ],
  transferable: [
    "We may share your data with partners.",
    "It may be transferred to third parties.",
    "可任意转让",
    "授权第三方使用",
    "得提供合作夥伴使用",
  ],
  deadline: [
    "Enrol within four days.",
    "The deadline is Friday.",
    "Your cards will be deactivated.",
    "请在4天内完成人脸录入",
    "逾期未办理者自负",
    "授权结束后门禁卡功能将取消",
    "請於限期內錄入",
    "三日内登记",
  ],
  safe: [
    "The system is very safe.",
    "It cannot be hacked.",
    "系统非常安全",
    "安全可靠，请放心",
    "絕對安全",
    "特征值不可逆",
    "只是一串数字",
  ],
  deemed: [
    "By entering you agree.",
    "You are deemed to have consented.",
    "未提出异议视为同意",
    "使用即表示同意",
  ],
  forced: [
    "All residents must register their face.",
    "住户必须录入人脸",
    "一律刷脸进门",
    "否则无法进入小区",
    "請務必錄入人臉",
  ],
  theft: ["This prevents theft.", "杜绝小偷进入", "防止盜竊"],
};

/** What a fair notice says, close to what an unfair one does. */
const fair = [
  "There is no deadline, and no card ends because of it.",
  "You may withdraw at any time, without a reason.",
  "Keep the emergency exit clear.",
  "safeguards: encryption at rest",
  "没有期限，随时可以改变主意。",
  "同意可以随时撤回。",
  "不会提供给任何第三方。",
  "Your data is never shared with partners.",
  "10 天内答复，拒绝须说明理由。",
  "請刷卡進門。",
  "丢失的卡当天即可补办。",
];

describe("words that may not stand in a notice", () => {
  for (const wrong of wrongs)
    it(`finds what is ${wrong}, as it was written`, () => {
      for (const text of said[wrong]) {
        const found = wrongWords(text);
        assert.ok(
          found.some((one) => one.wrong === wrong),
          `${text} ${JSON.stringify(found)}`,
        );
        for (const { words } of found) assert.ok(text.includes(words));
      }
    });

  it("finds nothing in fair words", () => {
    for (const text of fair) assert.deepEqual(wrongWords(text), [], text);
  });

  it("finds nothing in any paper of ours, in any language, under any law", () => {
    const town = flow(lane("a", ["card", "face"]), lane("b", ["card", "face"]));
    for (const pack of packIds)
      for (const mode of ["1:1", "1:N"])
        for (const language of languages)
          for (const kind of paperKinds) {
            const changed = change(town, { site: { pack }, "a-face": { mode } });
            const text = toText(paper(changed, kind, { language, hash: "0".repeat(64) }));
            assert.deepEqual(wrongWords(text), [], `${pack} ${mode} ${language} ${kind}`);
          }
    for (const language of languages) {
      const state = {
        site: "Court",
        doors: [],
        faces: { here: 3, elsewhere: 0, threshold: 100_000 },
        entries: [],
      };
      assert.deepEqual(wrongWords(toText(recordPaper(state, language))), []);
    }
  });

  it("says why in every language", () => {
    for (const language of languages)
      for (const wrong of wrongs) {
        assert.ok(keysOf(language).includes(`plain.${wrong}`));
        assert.ok(sentence(language, `plain.${wrong}`).length > 5);
      }
  });
});
