import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Opaque, roles } from "../../../vault/protocol/common.ts";
import { route } from "../route.ts";
import { csrfToken } from "../session.ts";
import { emptyAnswer, present } from "../shapes.ts";

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
      const { auth, role, name, expires } = await vault.call("session.open", { ...body, address });
      cookie(auth, new Date(expires));
      return { role, name, expires, csrf: csrfToken(auth) };
    },
  }),
  route({
    method: "get",
    path: "/session",
    summary: "Who is signed in, and the token a page needs after a reload.",
    roles: "signed-in",
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
    answer: emptyAnswer,
    async handle({ vault, auth, cookie }) {
      await vault.call("session.close", { auth });
      cookie(undefined);
      return {};
    },
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
