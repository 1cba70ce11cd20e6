import { Closed, Type } from "../../../core/schema.ts";
import { DateTime, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { csrfToken } from "../session.ts";
import { byId, emptyAnswer, present } from "../shapes.ts";
import { PasskeyAnswer, PasskeyOptions, SessionAnswer } from "./sessions.ts";

const Label = Type.String({ minLength: 1, maxLength: 40 });

export const passkeys = [
  route({
    method: "post",
    path: "/session/passkey/challenge",
    summary: "A challenge for signing in by passkey: good once, for five minutes.",
    roles: "public",
    answer: PasskeyOptions,
    handle: ({ vault, from }) => vault.call("passkey.challenge", { origin: from }),
  }),
  route({
    method: "post",
    path: "/session/passkey",
    summary: "Sign in with a passkey's answer, staff and residents alike: sets an HttpOnly cookie.",
    roles: "public",
    limit: "sign-in",
    body: Closed({ response: PasskeyAnswer }),
    answer: SessionAnswer,
    async handle({ vault, body, cookie }) {
      const { auth, until, ...who } = await vault.call("passkey.open", body);
      cookie(auth, new Date(until));
      return { ...who, csrf: csrfToken(auth) };
    },
  }),
  route({
    method: "get",
    path: "/session/passkeys",
    summary: "One's own passkeys.",
    roles: "signed-in",
    atRest: true,
    answer: Closed({
      passkeys: Type.Array(
        Closed(
          {
            id: Opaque,
            label: Type.String({ description: "empty for residents: no name of theirs is kept" }),
            since: DateTime,
            used: Type.Optional(DateTime),
            synced: Type.Boolean({ description: "kept by a password manager on several devices" }),
          },
          { title: "Passkey" },
        ),
      ),
    }),
    handle: ({ vault, auth }) => vault.call("passkey.list", { auth }),
  }),
  route({
    method: "post",
    path: "/session/passkeys/challenge",
    summary: "What a browser needs to make a passkey for whoever is signed in.",
    roles: "signed-in",
    fresh: verbs["passkey.prepare"].fresh,
    body: Closed({ name: Type.Optional(Label) }),
    answer: PasskeyOptions,
    handle: ({ vault, auth, from, body }) =>
      vault.call("passkey.prepare", { auth, origin: from, ...present({ name: body.name }) }),
  }),
  route({
    method: "post",
    path: "/session/passkeys",
    summary: "Keep the passkey that a browser made.",
    roles: "signed-in",
    fresh: verbs["passkey.add"].fresh,
    limit: "sign-in",
    body: Closed({ response: PasskeyAnswer, label: Type.Optional(Label) }),
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body }) => vault.call("passkey.add", { auth, ...body }),
  }),
  route({
    method: "patch",
    path: "/session/passkeys/{id}",
    summary: "Name one's own passkey: of staff only.",
    roles: "signed-in",
    params: byId,
    body: Closed({ label: Label }),
    answer: emptyAnswer,
    handle: ({ vault, auth, params, body }) => vault.call("passkey.rename", { auth, id: params.id, ...body }),
  }),
  route({
    method: "delete",
    path: "/session/passkeys/{id}",
    summary: "Remove one's own passkey: from now on it opens nothing.",
    roles: "signed-in",
    fresh: verbs["passkey.remove"].fresh,
    params: byId,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("passkey.remove", { auth, id: params.id }),
  }),
  route({
    method: "delete",
    path: "/persons/{id}/passkeys",
    summary: "For a resident whose phone is gone: their passkeys and sessions end at once.",
    roles: verbs["passkey.forget"].roles!,
    params: byId,
    answer: Closed({ removed: Type.Integer() }),
    handle: ({ vault, auth, params }) => vault.call("passkey.forget", { auth, person: params.id }),
  }),
];
