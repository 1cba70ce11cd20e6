import { wrongs, wrongWords } from "../../../core/policy/wording.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { sentence } from "../../../core/words.ts";
import { Id } from "../../../vault/protocol/common.ts";
import { route } from "../route.ts";
import { Language } from "../shapes.ts";
import { papers } from "./papers.ts";

export const notices = [
  route({
    method: "get",
    path: "/notices/current",
    summary:
      "What somebody would agree to, generated from the deployed flow, in the asked or the request's language.",
    roles: "public",
    query: Closed({
      method: OneOf(["face"], { default: "face" }),
      door: Type.Optional(Id),
      language: Type.Optional(Language),
    }),
    answer: Closed(
      {
        id: Type.String(),
        version: Type.String(),
        hash: Type.String(),
        language: Language,
        text: Type.String(),
        doors: Type.Array(Id),
      },
      { title: "Notice" },
    ),
    handle: ({ vault, query, language }) => vault.call("notice.current", { language, ...query }),
  }),
  route({
    method: "post",
    path: "/notices/check",
    summary:
      "What a letter or poster says that it may not, before it is published (RD-07, RD-16). Nothing is kept.",
    roles: ["manager", "privacy-officer", "auditor", "desk"],
    body: Closed({ text: Type.String({ minLength: 1, maxLength: 20_000 }) }),
    answer: Closed({
      found: Type.Array(Closed({ wrong: OneOf(wrongs), words: Type.String(), sentence: Type.String() })),
    }),
    handle: ({ body, language }) => ({
      found: wrongWords(body.text).map((one) => ({
        ...one,
        sentence: sentence(language, "lint.notice.wrong", {
          words: one.words,
          wrong: sentence(language, `plain.${one.wrong}`),
        }),
      })),
    }),
  }),
  ...papers,
];
