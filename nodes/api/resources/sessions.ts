import { LimenError } from "../../../core/errors.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Opaque, roles } from "../../../vault/protocol/common.ts";
import { route } from "../route.ts";
import { csrfToken, renewed } from "../session.ts";
import { emptyAnswer, present } from "../shapes.ts";

/** What WebAuthn's browser side takes and gives: JSON texts of WebAuthn 5.1.8 to 5.1.10. */
export const PasskeyOptions = Closed({ options: Type.String() }, { title: "PasskeyOptions" });
export const PasskeyAnswer = Type.String({
  maxLength: 16_384,
  description: "the credential's toJSON(), as text",
});

export const SessionAnswer = Closed(
  {
    role: OneOf(roles),
    name: Type.String(),
    person: Type.Optional(Opaque),
    expires: DateTime,
    csrf: Type.Optional(Type.String({ description: "to be sent as Limen-CSRF with every change" })),
  },
  { title: "Session" },
);

export const sessions = [
  route({
    method: "post",
    path: "/session",
    summary: "Sign in: sets an HttpOnly cookie.",
    roles: "public",
    limit: "sign-in",
    body: Closed({ name: Type.String({ maxLength: 80 }), password: Type.String({ maxLength: 256 }) }),
    answer: SessionAnswer,
    async handle({ vault, body, address, cookie }) {
      const { auth, role, name, expires, until } = await vault.call("session.open", { ...body, address });
      cookie(auth, new Date(until));
      return { role, name, expires, csrf: csrfToken(auth) };
    },
  }),
  route({
    method: "get",
    path: "/session",
    summary: "Who is signed in, and the token a page needs after a reload.",
    roles: "signed-in",
    atRest: true,
    answer: SessionAnswer,
    handle({ session, auth }) {
      const { role, name, person, expires, by } = session!;
      return {
        role,
        name,
        expires,
        ...present({ person }),
        ...(by === "cookie" ? { csrf: csrfToken(auth) } : {}),
      };
    },
  }),
  route({
    method: "delete",
    path: "/session",
    summary: "Sign out: the session ends at once, everywhere.",
    roles: "signed-in",
    atRest: true,
    answer: emptyAnswer,
    async handle({ vault, auth, cookie }) {
      await vault.call("session.close", { auth });
      cookie(undefined);
      return {};
    },
  }),
  route({
    method: "post",
    path: "/session/proof",
    summary:
      "Prove anew who is here, before what cannot be undone: by password, or by a passkey's answer to /session/proof/challenge. The session goes on under another cookie and csrf value, fresh for ten minutes.",
    roles: "signed-in",
    limit: "sign-in",
    body: Closed({
      password: Type.Optional(Type.String({ maxLength: 256 })),
      response: Type.Optional(PasskeyAnswer),
    }),
    atRest: true,
    answer: Closed({ expires: DateTime, csrf: Type.String() }),
    async handle({ vault, auth, session, body, address, cookie }) {
      // a program that holds a session's secret could not be told its next one
      if (session!.by !== "cookie") throw new LimenError("not-by-token", { status: 403 });
      const proved = await vault.call("session.prove", { auth, address, ...body });
      renewed(auth, proved.auth);
      cookie(proved.auth, new Date(proved.until));
      return { expires: proved.expires, csrf: csrfToken(proved.auth) };
    },
  }),
  route({
    method: "post",
    path: "/session/proof/challenge",
    summary: "A challenge for one of one's own passkeys.",
    roles: "signed-in",
    atRest: true,
    answer: PasskeyOptions,
    handle: ({ vault, auth, from }) => vault.call("session.challenge", { auth, origin: from }),
  }),
  route({
    method: "put",
    path: "/session/password",
    summary: "Change one's own password.",
    roles: "signed-in",
    limit: "sign-in",
    body: Closed({
      current: Type.String({ maxLength: 256 }),
      password: Type.String({ minLength: 12, maxLength: 256 }),
    }),
    answer: emptyAnswer,
    async handle({ vault, auth, body }) {
      await vault.call("staff.password", { auth, ...body });
      return {};
    },
  }),
];
