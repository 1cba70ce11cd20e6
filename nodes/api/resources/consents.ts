import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, Consent, consentOut, Language, present } from "../shapes.ts";

const Channel = OneOf(["desk", "resident-page", "paper"]);

export const consents = [
  route({
    method: "post",
    path: "/persons/{id}/consents",
    summary: "Give consent, to the notice that was shown. Answers with a signed receipt.",
    roles: verbs["consent.give"].roles!,
    params: byId,
    body: Closed({
      purpose: OneOf(["door-entry"]),
      method: OneOf(["face"]),
      doors: Type.Array(Id, { minItems: 1, uniqueItems: true, maxItems: 200 }),
      notice: Type.String({ maxLength: 200 }),
      language: Type.Optional(Language),
      given_by: OneOf(["self", "guardian"]),
      guardian: Type.Optional(Opaque),
      relation: Type.Optional(OneOf(["parent", "legal-guardian"])),
      channel: Channel,
    }),
    answer: Closed({ consent: Consent, receipt: Type.String({ description: "signed receipt, JSON text" }) }),
    status: 201,
    async handle({ vault, auth, params, language, body: { given_by, ...body } }) {
      const given = await vault.call("consent.give", {
        auth,
        person: params.id,
        language,
        ...body,
        givenBy: given_by,
      });
      return { consent: consentOut(given.consent), receipt: given.receipt };
    },
  }),
  route({
    method: "get",
    path: "/persons/{id}/consents",
    summary:
      "Consents of one person, with their states, and from when they may be asked after a refusal. Of anybody but oneself a look-up.",
    roles: verbs["consent.list"].roles!,
    purpose: "unless-own",
    params: byId,
    answer: Closed({
      consents: Type.Array(Consent, { description: "newest last" }),
      ask_from: Type.Optional({
        ...DateTime,
        description: "nobody asks them before (RD-22); they themselves may start any time",
      }),
    }),
    async handle({ vault, auth, params, why }) {
      const { consents, askFrom } = await vault.call("consent.list", { auth, person: params.id, ...why });
      return { consents: consents.map(consentOut), ...present({ ask_from: askFrom }) };
    },
  }),
  route({
    method: "post",
    path: "/persons/{id}/withdrawal",
    summary: "Withdraw everything a person gave, unseen: a child's guardian waits for nobody's approval.",
    roles: verbs["consent.withdraw-all"].roles!,
    params: byId,
    answer: verbs["consent.withdraw-all"].answer,
    handle: ({ vault, auth, params }) => vault.call("consent.withdraw-all", { auth, person: params.id }),
  }),
  route({
    method: "post",
    path: "/persons/{id}/refusals",
    summary: "Record a refusal, so that nobody asks again (RD-22).",
    roles: verbs["consent.refuse"].roles!,
    params: byId,
    body: Closed({ method: OneOf(["face"]), channel: Channel }),
    answer: Consent,
    status: 201,
    handle: async ({ vault, auth, params, body }) =>
      consentOut(await vault.call("consent.refuse", { auth, person: params.id, ...body })),
  }),
  route({
    method: "delete",
    path: "/consents/{id}",
    summary: "Withdraw: from here on the face cannot match, and its erasure has begun.",
    roles: verbs["consent.withdraw"].roles!,
    params: byId,
    answer: Closed({ consent: Consent, erasure: Type.Optional(Opaque) }),
    async handle({ vault, auth, params }) {
      const { consent, ...rest } = await vault.call("consent.withdraw", { auth, id: params.id });
      return { consent: consentOut(consent), ...rest };
    },
  }),
];
