import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { Assurance, DateTime, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer, present, Schedule } from "../shapes.ts";

export const credentials = [
  route({
    method: "post",
    path: "/persons/{id}/credentials",
    summary: "Give a card or a PIN. No reason is asked, no fee is known here.",
    roles: verbs["credential.issue"].roles!,
    params: byId,
    body: Closed({
      kind: OneOf(["card", "pin"]),
      notation: Type.Optional(
        Type.String({
          maxLength: 16,
          description: "how the number is written: 8H10D, 6H8D, WG26, WG37, 10H, UID, SITE",
        }),
      ),
      number: Type.Optional(Type.String({ maxLength: 40, description: "as printed on the card" })),
      doors: Type.Optional(Type.Array(Id, { uniqueItems: true, maxItems: 200 })),
      valid_until: Type.Optional(DateTime),
      schedule: Type.Optional(Schedule),
    }),
    answer: Closed({
      id: Opaque,
      assurance: Assurance,
      pin: Type.Optional(Type.String({ description: "shown once" })),
    }),
    status: 201,
    handle: ({ vault, auth, params, body: { valid_until, ...body } }) =>
      vault.call("credential.issue", {
        auth,
        person: params.id,
        ...body,
        ...present({ validUntil: valid_until }),
      }),
  }),
  route({
    method: "put",
    path: "/credentials/{id}/hours",
    summary:
      "Limit one card or code to stretches of the week, in the site's time zone; an empty list lifts it.",
    roles: verbs["credential.hours"].roles!,
    params: byId,
    body: Closed({ schedule: { ...Schedule, minItems: 0 } }),
    answer: emptyAnswer,
    handle: ({ vault, auth, params, body: { schedule } }) =>
      vault.call("credential.hours", { auth, id: params.id, ...(schedule.length > 0 ? { schedule } : {}) }),
  }),
  route({
    method: "delete",
    path: "/credentials/{id}",
    summary: "Block a credential at once.",
    roles: verbs["credential.block"].roles!,
    params: byId,
    body: Closed({ reason: OneOf(["lost", "stolen", "returned", "broken", "replaced"]) }),
    answer: emptyAnswer,
    handle: ({ vault, auth, params, body }) =>
      vault.call("credential.block", { auth, id: params.id, reason: body.reason }),
  }),
];
