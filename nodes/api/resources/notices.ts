import { flowHash } from "../../../core/policy/flow-hash.ts";
import { paper, toText } from "../../../core/policy/papers/index.ts";
import { wrongs, wrongWords } from "../../../core/policy/wording.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { sentence } from "../../../core/words.ts";
import { Id } from "../../../vault/protocol/common.ts";
import { route } from "../route.ts";
import { Language } from "../shapes.ts";
import { flowOf, papers } from "./papers.ts";

const Notice = Closed(
  {
    id: Type.String(),
    version: Type.String(),
    hash: Type.String(),
    language: Language,
    text: Type.String(),
    doors: Type.Array(Id),
  },
  { title: "Notice" },
);

export const notices = [
  route({
    method: "get",
    path: "/notices",
    summary: "Every notice in force, the one of most doors first. Each is agreed to by itself.",
    roles: "public",
    query: Closed({
      method: OneOf(["face"], { default: "face" }),
      language: Type.Optional(Language),
    }),
    answer: Closed({ notices: Type.Array(Notice) }),
    handle: ({ vault, query, language }) => vault.call("notice.list", { language, ...query }),
  }),
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
    answer: Notice,
    handle: ({ vault, query, language }) => vault.call("notice.current", { language, ...query }),
  }),
  route({
    method: "get",
    path: "/notices/entry",
    summary:
      "What everybody is told who enters by card, code, pass or phone, made from the running flow and the register of processors.",
    roles: "public",
    query: Closed({ language: Type.Optional(Language) }),
    answer: Closed(
      {
        language: Language,
        text: Type.String(),
        flow: Type.String({ description: "SHA-256 of the running flow, lower-case hex" }),
      },
      { title: "EntryNotice" },
    ),
    async handle(call) {
      const flow = flowOf(call, "running");
      const { language = call.language } = call.query;
      const { recipients: register } = await call.vault.call("recipient.list", {});
      const hash = flowHash(flow);
      return {
        language,
        text: toText(paper(flow, "entry-notice", { language, hash, register })),
        flow: hash,
      };
    },
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
