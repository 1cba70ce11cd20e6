import assert from "node:assert/strict";
import { lint } from "../../../core/policy/lint.ts";
import { loadPack } from "../../../core/policy/packs.ts";
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

describe("findings by number", () => {
  const articleOf = (id: string, what: string) => {
    const fixture = fixtures[id]?.fail.find((each) => each.what === what);
    assert.ok(fixture, what);
    return lint(fixture.flow, fixture.options).find(({ rule }) => rule === id)?.article;
  };

  it("name the article of the bound that was left", () => {
    const { bounds } = loadPack("cn");
    for (const [id, what, bound] of [
      ["notice-in-force", "a vote short of two thirds", "vote.quorum"],
      [
        "notice-in-force",
        "a majority that does not do for a change of common parts",
        "vote.agreed.common-parts",
      ],
      ["notice-in-force", "a notice of yesterday", "notice.days"],
      ["notice-in-force", "100,001 faces and no filing", "filing.persons"],
      ["emergency-ends", "31 days", "emergency.days"],
    ] as const)
      assert.deepEqual(articleOf(id, what), [bounds[bound]?.article], what);
  });
});
