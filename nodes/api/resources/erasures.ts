import { Closed, Type } from "../../../core/schema.ts";
import { Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, Erasure } from "../shapes.ts";

export const erasures = [
  route({
    method: "post",
    path: "/persons/{id}/erasure",
    summary: "Erase a whole person: face, names, credentials, keys.",
    roles: verbs["erasure.start"].roles!,
    fresh: verbs["erasure.start"].fresh,
    params: byId,
    answer: Closed({ id: Opaque }),
    status: 202,
    handle: ({ vault, auth, params }) => vault.call("erasure.start", { auth, person: params.id }),
  }),
  route({
    method: "get",
    path: "/persons/{id}/erasures",
    summary: "Every erasure of one person's data, with its receipts. Of anybody but oneself a look-up.",
    roles: verbs["erasure.list"].roles!,
    purpose: "unless-own",
    params: byId,
    answer: Closed({ erasures: Type.Array(Erasure) }),
    handle: ({ vault, auth, params, why }) => vault.call("erasure.list", { auth, person: params.id, ...why }),
  }),
  route({
    method: "get",
    path: "/erasures/{id}",
    summary: "How far an erasure is; when it is done, its signed receipt.",
    roles: verbs["erasure.read"].roles!,
    params: byId,
    answer: Erasure,
    handle: ({ vault, auth, params }) => vault.call("erasure.read", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/erasures/receipt",
    summary: "The same for whoever was erased and has no session any more, by the id they were told.",
    roles: "public",
    limit: "receipt",
    body: Closed({ id: Opaque }),
    answer: Erasure,
    handle: ({ vault, body }) => vault.call("erasure.receipt", { id: body.id }),
  }),
];
