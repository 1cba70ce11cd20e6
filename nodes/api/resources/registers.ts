import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import {
  Breach,
  Disclosure,
  NewBreach,
  NewDisclosure,
  ProcessorFacts,
} from "../../../vault/protocol/registers.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer, Language } from "../shapes.ts";

const SignedFile = Closed({ file: Type.String({ description: "signed JSON text" }) });

/** Registers an office answers for: processors, disclosures, incidents, certificates. */
export const registers = [
  route({
    method: "get",
    path: "/processors",
    summary: "Who works on people's data in this site's name, under which contract (RD-51).",
    roles: verbs["processor.list"].roles!,
    answer: verbs["processor.list"].answer,
    handle: ({ vault, auth }) => vault.call("processor.list", { auth }),
  }),
  route({
    method: "post",
    path: "/processors",
    summary: "Enter a processor. A fact that is missing, or advertising, and it is not taken.",
    roles: verbs["processor.put"].roles!,
    body: ProcessorFacts,
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("processor.put", { auth, facts: body }),
  }),
  route({
    method: "put",
    path: "/processors/{id}",
    summary: "What the contract says now. Another purpose or other data make a new notice: consents rest.",
    roles: verbs["processor.put"].roles!,
    params: byId,
    body: ProcessorFacts,
    answer: Closed({ id: Opaque }),
    handle: ({ vault, auth, params, body }) =>
      vault.call("processor.put", { auth, id: params.id, facts: body }),
  }),
  route({
    method: "post",
    path: "/processors/{id}/end",
    summary: "The contract is over; say what became of the data. Every access ends.",
    roles: verbs["processor.end"].roles!,
    params: byId,
    body: Closed({ fate: OneOf(["returned", "deleted"]) }),
    answer: emptyAnswer,
    handle: ({ vault, auth, params, body }) => vault.call("processor.end", { auth, id: params.id, ...body }),
  }),
  route({
    method: "post",
    path: "/processors/{id}/access",
    summary: "Let a processor's technician in for some hours: a token that is over by itself.",
    roles: verbs["processor.admit"].roles!,
    fresh: verbs["processor.admit"].fresh,
    params: byId,
    body: Closed({
      hours: Type.Integer({ minimum: 1, maximum: 24 }),
      reason: Type.String({ minLength: 3, maxLength: 200 }),
    }),
    answer: verbs["processor.admit"].answer,
    status: 201,
    handle: ({ vault, auth, params, body }) =>
      vault.call("processor.admit", { auth, id: params.id, ...body }),
  }),
  route({
    method: "delete",
    path: "/processor-access/{id}",
    summary: "End a processor's access before its time.",
    roles: verbs["processor.dismiss"].roles!,
    params: byId,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("processor.dismiss", { auth, id: params.id }),
  }),

  route({
    method: "get",
    path: "/disclosures",
    summary: "The register: what left, or was put together, why, and who agreed (RD-60).",
    roles: verbs["disclosure.list"].roles!,
    answer: verbs["disclosure.list"].answer,
    handle: ({ vault, auth }) => vault.call("disclosure.list", { auth }),
  }),
  route({
    method: "post",
    path: "/disclosures",
    summary:
      "Open a case: recipient, basis, doors, a time that is over, an end. Nothing is read before somebody else agrees.",
    roles: verbs["disclosure.open"].roles!,
    body: Closed(NewDisclosure),
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("disclosure.open", { auth, ...body }),
  }),
  route({
    method: "post",
    path: "/disclosures/{id}/approval",
    summary: "The second person agrees, signed in anew with an account of their own.",
    roles: verbs["disclosure.approve"].roles!,
    fresh: verbs["disclosure.approve"].fresh,
    params: byId,
    answer: Disclosure,
    handle: ({ vault, auth, params }) => vault.call("disclosure.approve", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/disclosures/{id}/refusal",
    summary: "Say no, before or after somebody agreed.",
    roles: verbs["disclosure.refuse"].roles!,
    params: byId,
    answer: Disclosure,
    handle: ({ vault, auth, params }) => vault.call("disclosure.refuse", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/disclosures/{id}/release",
    summary:
      "What was approved, signed. It is on the page of everybody concerned first, unless a law forbids that until a day.",
    roles: verbs["disclosure.release"].roles!,
    fresh: verbs["disclosure.release"].fresh,
    params: byId,
    answer: SignedFile,
    handle: ({ vault, auth, params }) => vault.call("disclosure.release", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/evidence",
    summary:
      "Everything a regulator asks first, signed, in one file: log, notices, papers, counts, registers.",
    roles: verbs["evidence.pack"].roles!,
    answer: SignedFile,
    handle: ({ vault, auth }) => vault.call("evidence.pack", { auth }),
  }),

  route({
    method: "get",
    path: "/breaches",
    summary: "Incidents and drills with their clocks (RD-59).",
    roles: verbs["breach.list"].roles!,
    answer: verbs["breach.list"].answer,
    handle: ({ vault, auth }) => vault.call("breach.list", { auth }),
  }),
  route({
    method: "post",
    path: "/breaches",
    summary: "Open an incident or a drill. Who is affected is counted from the stores.",
    roles: verbs["breach.open"].roles!,
    body: Closed(NewBreach),
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("breach.open", { auth, ...body }),
  }),
  route({
    method: "get",
    path: "/breaches/{id}/draft",
    summary: "Draft of the notice to the authority or to people, with the items the law asks for.",
    roles: verbs["breach.draft"].roles!,
    params: byId,
    query: Closed({
      to: OneOf(["authority", "people"], { default: "authority" }),
      language: Type.Optional(Language),
    }),
    answer: Closed({ text: Type.String() }),
    handle: ({ vault, auth, params, query, language }) =>
      vault.call("breach.draft", { auth, id: params.id, to: query.to, language: query.language ?? language }),
  }),
  route({
    method: "post",
    path: "/breaches/{id}/measures",
    summary:
      "`renew-faces` gives every template another secret rotation; `other` notes what was done elsewhere.",
    roles: verbs["breach.contain"].roles!,
    fresh: verbs["breach.contain"].fresh,
    params: byId,
    body: Closed({ measure: verbs["breach.contain"].request.properties.measure }),
    answer: Breach,
    handle: ({ vault, auth, params, body }) => vault.call("breach.contain", { auth, id: params.id, ...body }),
  }),
  route({
    method: "post",
    path: "/breaches/{id}/report",
    summary: "Note when the authority was told.",
    roles: verbs["breach.report"].roles!,
    params: byId,
    body: Closed({ at: DateTime }),
    answer: Breach,
    handle: ({ vault, auth, params, body }) => vault.call("breach.report", { auth, id: params.id, ...body }),
  }),
  route({
    method: "post",
    path: "/breaches/{id}/letters",
    summary:
      "Whom to write to, with the guardians of minors. Each name is a look-up that its person reads (RD-48, RD-59).",
    roles: verbs["breach.affected"].roles!,
    fresh: verbs["breach.affected"].fresh,
    params: byId,
    answer: verbs["breach.affected"].answer,
    handle: ({ vault, auth, params }) => vault.call("breach.affected", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/breaches/{id}/telling",
    summary: "Put it on the page of everybody concerned.",
    roles: verbs["breach.tell"].roles!,
    fresh: verbs["breach.tell"].fresh,
    params: byId,
    answer: Breach,
    handle: ({ vault, auth, params }) => vault.call("breach.tell", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/breaches/{id}/end",
    summary: "Close it with what was learnt.",
    roles: verbs["breach.close"].roles!,
    params: byId,
    body: Closed({ lessons: Type.String({ maxLength: 4000 }) }),
    answer: Breach,
    handle: ({ vault, auth, params, body }) => vault.call("breach.close", { auth, id: params.id, ...body }),
  }),

  route({
    method: "get",
    path: "/certificates",
    summary: "Finished erasures with their signed receipts, newest first.",
    roles: verbs["certificate.list"].roles!,
    query: Closed({ limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }) }),
    answer: verbs["certificate.list"].answer,
    handle: ({ vault, auth, query }) => vault.call("certificate.list", { auth, ...query }),
  }),
];
