import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Day, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { qrCode } from "../qr.ts";
import { route } from "../route.ts";
import { csrfToken } from "../session.ts";
import { byId, emptyAnswer, present } from "../shapes.ts";
import { SessionAnswer } from "./sessions.ts";

const confirm = verbs["session.confirm"].request.properties;
const Entry = Closed(
  {
    index: Type.Integer({ description: "leaf of the log" }),
    day: Day,
    at: Type.Optional(DateTime),
    door: Type.Optional(Type.String()),
    method: Type.Optional(Type.String()),
    outcome: Type.Optional(Type.String()),
    code: Type.Optional(Type.String()),
    name: Type.Optional(Type.String({ description: "who looked" })),
    role: Type.Optional(Type.String()),
    purpose: Type.Optional(Type.String()),
    what: Type.Optional(Type.String()),
  },
  { title: "OwnEntry" },
);

const { person: known, credentials: _, ...listed } = verbs["own.overview"].answer.properties;
const Overview = Closed(
  {
    person: Closed({
      name: Type.String(),
      flat: Type.Optional(Type.String()),
      birth_date: Type.Optional(Day),
      languages: known.properties.languages,
      proof: known.properties.proof,
    }),
    credentials: Type.Array(
      Closed({
        kind: Type.String(),
        tail: Type.Optional(Type.String()),
        valid_until: Type.Optional(DateTime),
        state: Type.String(),
      }),
    ),
    ...listed,
  },
  { title: "OwnOverview" },
);

export const residents = [
  route({
    method: "post",
    path: "/persons/{id}/invitation",
    summary:
      "A resident's way to their own page: one use, one day. Handed over as a link or QR code at the desk.",
    roles: verbs["resident.invite"].roles!,
    fresh: verbs["resident.invite"].fresh,
    params: byId,
    answer: Closed({
      link: Type.String({ description: "the secret is behind the #, which browsers never send" }),
      qr: Type.String({ description: "the link as an SVG picture" }),
      expires: DateTime,
    }),
    status: 201,
    async handle({ vault, auth, params, origin }) {
      const { invitation, expires } = await vault.call("resident.invite", { auth, person: params.id });
      const link = `${origin}/me#${invitation}`;
      return { link, qr: await qrCode(link), expires };
    },
  }),
  route({
    method: "post",
    path: "/session/invitation",
    summary: "A resident signs in with an invitation: sets an HttpOnly cookie.",
    roles: "public",
    limit: "sign-in",
    body: Closed({ invitation: Type.String({ maxLength: 100 }) }),
    answer: SessionAnswer,
    async handle({ vault, body, address, cookie }) {
      const { auth, person, expires, until } = await vault.call("session.accept", { ...body, address });
      cookie(auth, new Date(until));
      return { role: "resident" as const, name: "", person, expires, csrf: csrfToken(auth) };
    },
  }),
  route({
    method: "post",
    path: "/session/confirmation",
    summary:
      "A resident who came by a link shows a door code or a card's number that has been theirs for a week: entries at doors from before the link are shown too (RD-46).",
    roles: verbs["session.confirm"].roles!,
    limit: "sign-in",
    body: Closed({ code: confirm.code, notation: confirm.notation, number: confirm.number }),
    answer: emptyAnswer,
    handle: ({ vault, auth, body }) => vault.call("session.confirm", { auth, ...body }),
  }),
  route({
    method: "get",
    path: "/persons/{id}/export",
    summary:
      "Everything held about one person, with proofs, as JSON text (RD-52). For others than oneself a look-up, and without entries at doors but those of an approved case (RD-46).",
    roles: verbs["person.export"].roles!,
    fresh: verbs["person.export"].fresh,
    params: byId,
    query: Closed({
      case: Type.Optional({ ...Opaque, description: "an approved inquiry about this person alone" }),
    }),
    answer: Closed({ export: Type.String() }),
    handle: ({ vault, auth, params, query }) =>
      vault.call("person.export", { auth, person: params.id, ...query }),
  }),
  route({
    method: "get",
    path: "/me/overview",
    summary: "What one's own page shows of what is held; everything, with proofs, is the export.",
    roles: verbs["own.overview"].roles!,
    answer: Overview,
    async handle({ vault, auth }) {
      const { person, credentials, ...rest } = await vault.call("own.overview", { auth });
      const { birthDate, ...known } = person;
      return {
        person: { ...known, ...present({ birth_date: birthDate }) },
        credentials: credentials.map(({ validUntil, ...one }) => ({
          ...one,
          ...present({ valid_until: validUntil }),
        })),
        ...rest,
      };
    },
  }),
  route({
    method: "get",
    path: "/me/entries",
    summary: "One's own record: why was I refused, who looked, what changed. Of the session's person alone.",
    roles: verbs["own.entries"].roles!,
    query: Closed({
      kind: OneOf(["decision", "look-up", "consent", "configuration"]),
      limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }),
    }),
    answer: Closed({
      entries: Type.Array(Entry),
      from: Type.Optional({
        ...DateTime,
        description: "entries at doors only from then on: this way in is a link that staff made",
      }),
    }),
    handle: ({ vault, auth, query }) => vault.call("own.entries", { auth, ...query }),
  }),
];
