import assert from "node:assert/strict";
import { lint } from "../../../core/policy/lint.ts";
import { rules } from "../../../core/policy/rules/index.ts";
import { say } from "../../../core/policy/say.ts";
import { keysOf, languages } from "../../../core/words.ts";
import { fixtures } from "./fixtures/index.ts";

describe("flow rules", () => {
  it("each have flows that pass and flows that fail", () => {
    for (const { id } of rules) {
      assert.ok((fixtures[id]?.pass.length ?? 0) > 0, `${id} has no passing fixture`);
      assert.ok((fixtures[id]?.fail.length ?? 0) > 0, `${id} has no failing fixture`);
    }
    assert.deepEqual(
      Object.keys(fixtures).filter((id) => !rules.some((rule) => rule.id === id)),
      [],
    );
  });

  for (const [id, { pass, fail }] of Object.entries(fixtures)) {
    describe(id, () => {
      for (const { what, flow, options } of pass)
        it(`passes: ${what}`, () => {
          const found = lint(flow, options).filter(({ rule }) => rule === id);
          assert.deepEqual(found, []);
        });
      for (const { what, flow, options, says } of fail)
        it(`refuses: ${what}`, () => {
          const found = lint(flow, options).filter(({ rule }) => rule === id);
          assert.ok(found.length > 0, "nothing was found");
          if (says)
            assert.deepEqual(
              [...new Set(found.map(({ params }) => String(params.variant)))].sort(),
              [...says].sort(),
            );
          for (const { node } of found)
            assert.ok(node === "" || flow.some((each) => each.id === node), `${node} is not in the file`);
        });
      it("says everything in every language", () => {
        for (const { flow, options } of fail)
          for (const finding of lint(flow, options).filter(({ rule }) => rule === id)) {
            assert.ok(finding.article.length > 0);
            for (const language of languages) {
              const { sentence, hint } = say(finding, language);
              assert.doesNotMatch(`${sentence} ${hint}`, /rule\.|\{\w+\}|@\w/);
            }
          }
      });
    });
  }

  it("have a name, and the same words, in every language", () => {
    for (const { id } of rules)
      for (const language of languages) {
        const keys = keysOf(language);
        assert.ok(keys.includes(`rule.${id}.name`), `${language} rule.${id}.name`);
        assert.ok(keys.includes(`rule.${id}.hint`), `${language} rule.${id}.hint`);
      }
    const ours = (language: (typeof languages)[number]) =>
      keysOf(language)
        .filter((key) => /^(rule|way|data|paper)\./.test(key))
        .sort();
    assert.deepEqual(ours("zh-CN"), ours("en-US"));
    assert.deepEqual(ours("zh-TW"), ours("en-US"));
  });

  it("find nothing at all in a lawful flow", () => {
    for (const id of ["another-way", "consent-before-face", "no-tenure-rule"])
      assert.deepEqual(lint(fixtures[id]!.pass[0]!.flow), []);
  });
});
