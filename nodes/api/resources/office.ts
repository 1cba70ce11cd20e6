import { Papers } from "../../../core/policy/papers/schema.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Day, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer } from "../shapes.ts";

const hold = {
  person: Type.Optional(Opaque),
  from: Day,
  to: Day,
  reason: Type.String({ minLength: 3, maxLength: 400 }),
  expires: DateTime,
};

/** What managers, guards, privacy officers and auditors do beyond the desk. */
export const office = [
  route({
    method: "post",
    path: "/lockdown",
    summary:
      "No entry at these doors until lifted, whatever the way in. The way out and fire release are never touched.",
    roles: verbs["lockdown.set"].roles!,
    body: Closed({
      doors: Type.Array(Id, { minItems: 1, uniqueItems: true, maxItems: 200 }),
      on: Type.Boolean(),
      reason: OneOf(["threat", "police", "works", "drill", "over"]),
    }),
    answer: Closed({ locked: Type.Array(Id, { description: "all doors that are locked down now" }) }),
    handle: ({ vault, auth, body }) => vault.call("lockdown.set", { auth, ...body }),
  }),
  route({
    method: "post",
    path: "/holds",
    summary: "Keep records that a claim needs. It never keeps a face in use (RD-44).",
    roles: verbs["hold.put"].roles!,
    body: Closed(hold),
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("hold.put", { auth, ...body }),
  }),
  route({
    method: "get",
    path: "/holds",
    summary: "Holds in force, with their reasons and ends.",
    roles: verbs["hold.list"].roles!,
    answer: Closed({ holds: Type.Array(Closed({ id: Opaque, ...hold }, { title: "Hold" })) }),
    handle: ({ vault, auth }) => vault.call("hold.list", { auth }),
  }),
  route({
    method: "delete",
    path: "/holds/{id}",
    summary: "Lift a hold: retention goes on where it stopped.",
    roles: verbs["hold.lift"].roles!,
    params: byId,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("hold.lift", { auth, id: params.id }),
  }),
  route({
    method: "get",
    path: "/papers",
    summary: "The owners' decision, the published notice and the assessment, as kept (RD-56, RD-57).",
    roles: verbs["papers.read"].roles!,
    answer: Closed({ papers: Papers }),
    handle: ({ vault, auth }) => vault.call("papers.read", { auth }),
  }),
  route({
    method: "put",
    path: "/papers",
    summary: "Record the papers a face needs before it may start. They count at the next deploy.",
    roles: verbs["papers.put"].roles!,
    fresh: verbs["papers.put"].fresh,
    body: Closed({ papers: Papers }),
    answer: emptyAnswer,
    handle: ({ vault, auth, body }) => vault.call("papers.put", { auth, ...body }),
  }),
  route({
    method: "get",
    path: "/log/coverage",
    summary: "What an auditor checks: is every missing payload covered by an erasure or an expired day?",
    roles: verbs["log.coverage"].roles!,
    answer: Closed({
      findings: Type.Array(Closed({ code: Type.String(), place: Type.String() })),
      size: Type.Integer(),
      checkpoint: Type.String({ description: "signed note" }),
      summary: Type.String({ description: "for `limen verify --coverage`: counts, JSON text" }),
    }),
    handle: ({ vault, auth }) => vault.call("log.coverage", { auth }),
  }),
];
