import { Closed, Type } from "../../../core/schema.ts";
import { Assurance, DateTime, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, present } from "../shapes.ts";

const given = Closed({
  id: Opaque,
  assurance: Assurance,
  tail: Type.Optional(Type.String({ description: "last digits as printed" })),
});

export const taps = [
  route({
    method: "post",
    path: "/persons/{id}/tapped-card",
    summary:
      "Give the next unknown card tapped at this door's reader within nine seconds. Its number is shown to nobody.",
    roles: verbs["credential.tap"].roles!,
    params: byId,
    body: Closed({ door: Id }),
    answer: given,
    status: 201,
    handle: ({ vault, auth, params, body }) =>
      vault.call("credential.tap", { auth, person: params.id, door: body.door }),
  }),
  route({
    method: "post",
    path: "/persons/{id}/protected-card",
    summary:
      "Give a card that cannot be copied: the next blank NTAG 424 DNA laid on this door's reader within seven seconds is written, proved, and only then issued.",
    roles: verbs["credential.chip"].roles!,
    params: byId,
    body: Closed({
      door: Id,
      doors: Type.Optional(Type.Array(Id, { uniqueItems: true, maxItems: 200 })),
      valid_until: Type.Optional(DateTime),
      signed_url: Type.Boolean({
        default: false,
        description: "signs a URL at every reading, for readers that only read; weaker than being asked",
      }),
      by_number: Type.Boolean({
        default: false,
        description: "also opens, as a card that can be copied, where a reader reads its number alone",
      }),
    }),
    answer: given,
    status: 201,
    handle: ({ vault, auth, params, body: { door, doors, valid_until, signed_url, by_number } }) =>
      vault.call("credential.chip", {
        auth,
        person: params.id,
        door,
        sun: signed_url,
        byNumber: by_number,
        ...present({ doors, validUntil: valid_until }),
      }),
  }),
];
