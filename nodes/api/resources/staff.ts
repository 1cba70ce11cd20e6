import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Opaque, roles } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer } from "../shapes.ts";

export const staff = [
  route({
    method: "get",
    path: "/staff",
    summary: "Accounts of staff.",
    roles: verbs["staff.list"].roles!,
    answer: Closed({
      staff: Type.Array(
        Closed(
          {
            id: Opaque,
            name: Type.String(),
            role: OneOf(roles),
            disabled: Type.Boolean(),
            waiting: Type.Boolean({ description: "its one-time password was not used yet" }),
            passkeys: Type.Integer(),
          },
          { title: "StaffAccount" },
        ),
      ),
    }),
    handle: ({ vault, auth }) => vault.call("staff.list", { auth }),
  }),
  route({
    method: "post",
    path: "/staff/{id}/reset",
    summary:
      "A one-time password for whoever lost theirs; their sessions and passkeys end. It is shown once.",
    roles: verbs["staff.reset"].roles!,
    fresh: verbs["staff.reset"].fresh,
    params: byId,
    answer: Closed({ password: Type.String() }),
    handle: ({ vault, auth, params }) => vault.call("staff.reset", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/staff/{id}/enable",
    summary: "Give an ended account back, with a one-time password that is shown once.",
    roles: verbs["staff.enable"].roles!,
    fresh: verbs["staff.enable"].fresh,
    params: byId,
    answer: Closed({ password: Type.String() }),
    handle: ({ vault, auth, params }) => vault.call("staff.enable", { auth, id: params.id }),
  }),
  route({
    method: "delete",
    path: "/staff/{id}",
    summary: "End an account: its sessions, passkeys and tokens end at once, what it did stays on record.",
    roles: verbs["staff.disable"].roles!,
    fresh: verbs["staff.disable"].fresh,
    params: byId,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("staff.disable", { auth, id: params.id }),
  }),
  route({
    method: "post",
    path: "/staff",
    summary: "Add a staff account.",
    roles: verbs["staff.add"].roles!,
    fresh: verbs["staff.add"].fresh,
    body: Closed({
      name: Type.String({ minLength: 1, maxLength: 40 }),
      role: OneOf(roles),
      password: Type.String({ minLength: 12, maxLength: 256 }),
    }),
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("staff.add", { auth, ...body }),
  }),
  route({
    method: "post",
    path: "/tokens",
    summary: "Create a bearer token for a program. It is shown once.",
    roles: verbs["token.create"].roles!,
    fresh: verbs["token.create"].fresh,
    body: Closed({
      role: OneOf(roles),
      label: Type.String({ maxLength: 60 }),
      days: Type.Integer({ default: 365, minimum: 1, maximum: 730 }),
    }),
    answer: Closed({ id: Opaque, token: Type.String(), expires: DateTime }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("token.create", { auth, ...body }),
  }),
  route({
    method: "get",
    path: "/tokens",
    summary: "Bearer tokens in use: what each is for and who made it, never the token.",
    roles: verbs["token.list"].roles!,
    answer: verbs["token.list"].answer,
    handle: ({ vault, auth }) => vault.call("token.list", { auth }),
  }),
  route({
    method: "delete",
    path: "/tokens/{id}",
    summary: "Revoke a bearer token at once.",
    roles: verbs["token.revoke"].roles!,
    params: byId,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("token.revoke", { auth, id: params.id }),
  }),
];
