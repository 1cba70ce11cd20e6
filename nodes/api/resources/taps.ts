import { Closed, Type } from "../../../core/schema.ts";
import { Assurance, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId } from "../shapes.ts";

export const taps = [
  route({
    method: "post",
    path: "/persons/{id}/tapped-card",
    summary:
      "Give the next unknown card tapped at this door's reader within nine seconds. Its number is shown to nobody.",
    roles: verbs["credential.tap"].roles!,
    params: byId,
    body: Closed({ door: Id }),
    answer: Closed({
      id: Opaque,
      assurance: Assurance,
      tail: Type.Optional(Type.String({ description: "last digits as printed" })),
    }),
    status: 201,
    handle: ({ vault, auth, params, body }) =>
      vault.call("credential.tap", { auth, person: params.id, door: body.door }),
  }),
];
