import assert from "node:assert/strict";
import { askIt, type Document, questionsFor, questionsOf } from "../../cli/bench/questions.ts";
import { openApi } from "../../nodes/api/openapi.ts";
import { routes } from "../../nodes/api/routes.ts";
import { roles } from "../../vault/protocol/common.ts";
import { person, type Stand, secretOf, stand } from "../api/stand.ts";

describe("limen bench api", () => {
  const questions = questionsOf(openApi(routes) as unknown as Document, [person], 3);
  let s: Stand;
  before(async () => {
    s = await stand();
  });
  after(() => s.close());

  it("asks every operation with all that it needs", async () => {
    const form = questions.find(({ name }) => name === "/notices/consent-form");
    assert.match(form?.path({}) ?? "", /\?door=door-face$/);
    const wrong: string[] = [];
    for (const role of roles)
      for (const question of questionsFor(role, questions)) {
        const refused = await askIt(s.root, question, {
          role,
          auth: secretOf(role),
        }).then(
          () => "",
          (error: Error) => error.message,
        );
        // this vault answers next to nothing; what matters is that it was asked
        if (/ (400|401|403|422|429) /.test(refused)) wrong.push(refused);
        s.forward(60_000);
      }
    assert.deepEqual(wrong, []);
  });

  it("fails with the operation's name and the status where the answer is no page's", async () => {
    const form = questions.find(({ name }) => name === "/notices/consent-form")!;
    const blunt = { ...form, path: () => "/notices/consent-form" };
    await assert.rejects(askIt(s.root, blunt, { role: "desk", auth: secretOf("desk") }), {
      message: "/notices/consent-form asked by desk was answered 400 invalid",
    });
  });

  it("does not begin with an operation whose question it does not know", () => {
    const paths = {
      "/new": {
        get: {
          "x-roles": "public" as const,
          parameters: [{ name: "since", in: "query", required: true }],
        },
      },
    };
    assert.throws(() => questionsOf({ paths }, [person], 3), /\/new needs since/);
  });
});
