import { keptDays } from "../../../core/policy/kept.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { purposes } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { NewRequest, OwnRights, PublicRights, RightsRequest } from "../../../vault/protocol/rights.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer, Language } from "../shapes.ts";

const Opaque = byId.properties.id;

/** Requests about one's rights, from both sides of the desk; and who of staff may see minors' data. */
export const requests = [
  route({
    method: "get",
    path: "/rights",
    summary:
      "Who answers here, who works for them, how long an answer takes, where to complain, and how long the running flow keeps what.",
    roles: "public",
    answer: Closed({
      ...PublicRights.properties,
      kept: Type.Array(Closed({ class: Type.String(), days: Type.Integer() }, { title: "Kept" }), {
        description: "classes of data that the running flow erases by itself",
      }),
    }),
    async handle({ vault, flow }) {
      return { ...(await vault.call("rights.public", {})), kept: keptDays(flow() ?? []) };
    },
  }),
  route({
    method: "get",
    path: "/me/rights",
    summary: "One's own requests with their clocks, disclosures one may know of, incidents one was told of.",
    roles: verbs["rights.own"].roles!,
    query: Closed({ language: Type.Optional(Language) }),
    answer: OwnRights,
    handle: ({ vault, auth, query, language }) =>
      vault.call("rights.own", { auth, language: query.language ?? language }),
  }),
  route({
    method: "post",
    path: "/requests",
    summary:
      "Ask for something about one's data, or take a request in at the desk. Answers with a signed receipt.",
    roles: verbs["request.file"].roles!,
    limit: "request",
    body: Closed({ person: Type.Optional(Opaque), ...NewRequest }),
    answer: verbs["request.file"].answer,
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("request.file", { auth, ...body }),
  }),
  route({
    method: "get",
    path: "/requests",
    summary: "Requests by urgency: kinds, clocks, states; no word of what they say.",
    roles: verbs["request.list"].roles!,
    query: Closed({ state: OneOf(["open", "all"], { default: "open" }) }),
    answer: verbs["request.list"].answer,
    handle: ({ vault, auth, query }) => vault.call("request.list", { auth, open: query.state === "open" }),
  }),
  route({
    method: "get",
    path: "/requests/{id}",
    summary: "One request with its words. A recorded look-up at the data of whoever asked.",
    roles: verbs["request.read"].roles!,
    params: byId,
    answer: RightsRequest,
    handle: ({ vault, auth, params }) => vault.call("request.read", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/requests/{id}/answer",
    summary:
      "Answer; or, with a ground and its reasons, refuse. There is no refusal without reasons (PIPL 50).",
    roles: verbs["request.answer"].roles!,
    params: byId,
    body: Closed({
      text: verbs["request.answer"].request.properties.text,
      ground: verbs["request.answer"].request.properties.ground,
    }),
    answer: RightsRequest,
    handle: ({ vault, auth, params, body }) => vault.call("request.answer", { auth, id: params.id, ...body }),
  }),
  route({
    method: "post",
    path: "/requests/{id}/extension",
    summary: "Prolong the time, once, in time, with a reason that whoever asked will read.",
    roles: verbs["request.extend"].roles!,
    params: byId,
    body: Closed({ reason: Type.String({ maxLength: 1000 }) }),
    answer: RightsRequest,
    handle: ({ vault, auth, params, body }) => vault.call("request.extend", { auth, id: params.id, ...body }),
  }),
  route({
    method: "delete",
    path: "/requests/{id}",
    summary: "Take one's own request back.",
    roles: verbs["request.withdraw"].roles!,
    params: byId,
    answer: RightsRequest,
    handle: ({ vault, auth, params }) => vault.call("request.withdraw", { auth, id: params.id }),
  }),
  route({
    method: "get",
    path: "/requests/{id}/receipt",
    summary: "The signed receipt of a request as it stands: kind, times, state, no word of its text.",
    roles: verbs["request.receipt"].roles!,
    params: byId,
    answer: Closed({ receipt: Type.String({ description: "signed receipt, JSON text" }) }),
    handle: ({ vault, auth, params }) => vault.call("request.receipt", { auth, id: params.id }),
  }),

  route({
    method: "post",
    path: "/persons/{id}/approvals",
    summary: "Ask somebody in charge to be let see a minor's data (RD-49).",
    roles: verbs["minor.ask"].roles!,
    params: byId,
    body: Closed({ purpose: OneOf(purposes) }),
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, params, body }) => vault.call("minor.ask", { auth, person: params.id, ...body }),
  }),
  route({
    method: "post",
    path: "/persons/{id}/lost-card",
    summary: "A minor's one card is dead at once, unseen. Of several, an approval is needed to see which.",
    roles: verbs["minor.lost-card"].roles!,
    params: byId,
    answer: Closed({ blocked: Type.Integer({ description: "0: no card, or several: look which" }) }),
    handle: ({ vault, auth, params }) => vault.call("minor.lost-card", { auth, person: params.id }),
  }),
  route({
    method: "get",
    path: "/approvals",
    summary: "Questions for access to minors' data: one's own; of those in charge, everybody's.",
    roles: verbs["minor.list"].roles!,
    answer: verbs["minor.list"].answer,
    handle: ({ vault, auth }) => vault.call("minor.list", { auth }),
  }),
  route({
    method: "post",
    path: "/approvals/{id}/whose",
    summary: "Whose data a question that waits is about: a look-up, which that minor's page shows (RD-49).",
    roles: verbs["minor.whose"].roles!,
    params: byId,
    answer: verbs["minor.whose"].answer,
    handle: ({ vault, auth, params }) => vault.call("minor.whose", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/approvals/{id}",
    summary: "Decide whether an account may see a minor's data, and for how many hours.",
    roles: verbs["minor.decide"].roles!,
    params: byId,
    body: Closed({
      granted: Type.Boolean(),
      hours: Type.Integer({ default: 24, minimum: 1, maximum: 168 }),
    }),
    answer: emptyAnswer,
    handle: ({ vault, auth, params, body }) => vault.call("minor.decide", { auth, id: params.id, ...body }),
  }),
  route({
    method: "get",
    path: "/minors/report",
    summary: "A year's audit of access to minors' data: counts of nobody.",
    roles: verbs["minor.report"].roles!,
    query: Closed({ year: Type.Integer({ minimum: 2020, maximum: 2200 }) }),
    answer: verbs["minor.report"].answer,
    handle: ({ vault, auth, query }) => vault.call("minor.report", { auth, ...query }),
  }),
];
