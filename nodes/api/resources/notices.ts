import { Closed, OneOf, Type } from "../../../core/schema.ts";
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
  ...papers,
];
