import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { qrCode } from "../qr.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer } from "../shapes.ts";

const order = {
  kind: OneOf(["visitor", "phone"]),
  from: DateTime,
  until: DateTime,
  uses: Type.Integer({ default: 1, minimum: 0, maximum: 255, description: "0: any number" }),
  window: Type.Integer({ default: 0, minimum: 0, maximum: 1440, description: "minutes after the first use" }),
  doors: Type.Array(Id, {
    default: [],
    maxItems: 8,
    uniqueItems: true,
    description: "empty: the giver's own",
  }),
};

export const passes = [
  route({
    method: "post",
    path: "/persons/{id}/passes",
    summary:
      "A pass for a visitor, or for one's own phone. Its text and code are in this answer for the only time.",
    roles: verbs["pass.issue"].roles!,
    params: byId,
    body: Closed(order),
    answer: Closed({
      id: Opaque,
      text: Type.String({ description: "what the QR code says" }),
      qr: Type.String({ description: "the text as an SVG picture" }),
      code: Type.String({ description: "for a keypad" }),
    }),
    status: 201,
    async handle({ vault, auth, params, body }) {
      const pass = await vault.call("pass.issue", { auth, person: params.id, ...body });
      return { ...pass, qr: await qrCode(pass.text) };
    },
  }),
  route({
    method: "get",
    path: "/persons/{id}/passes",
    summary: "Passes somebody gave, with how often they were used. Of anybody but oneself a look-up.",
    roles: verbs["pass.list"].roles!,
    purpose: "unless-own",
    params: byId,
    answer: Closed({
      passes: Type.Array(
        Closed(
          {
            id: Opaque,
            kind: OneOf(["visitor", "phone"]),
            doors: Type.Array(Id),
            from: DateTime,
            until: DateTime,
            uses: Type.Integer(),
            used: Type.Integer(),
            state: OneOf(["active", "blocked", "expired", "used-up"]),
          },
          { title: "Pass" },
        ),
      ),
    }),
    handle: ({ vault, auth, params, why }) => vault.call("pass.list", { auth, person: params.id, ...why }),
  }),
  route({
    method: "delete",
    path: "/passes/{id}",
    summary: "Revoke a pass at once.",
    roles: verbs["pass.revoke"].roles!,
    params: byId,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("pass.revoke", { auth, id: params.id }),
  }),
];
