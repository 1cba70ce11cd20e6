import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer, present, Schedule } from "../shapes.ts";

const Digits = Type.String({ pattern: "^[0-9]{6,10}$" });
const made = {
  id: Opaque,
  code: Type.Optional({ ...Digits, description: "made here; shown once" }),
  duress: Type.Optional({ ...Digits, description: "made here; shown once" }),
};
const shared = {
  kind: OneOf(["room", "door"], { description: "a household's, or a door's own" }),
  members: Type.Array(Opaque, {
    default: [],
    maxItems: 30,
    uniqueItems: true,
    description: "of a room code",
  }),
  doors: Type.Array(Id, { minItems: 1, maxItems: 200, uniqueItems: true }),
  valid_until: Type.Optional(DateTime),
  schedule: Type.Optional(Schedule),
};

/** Codes for keypads: one's own, with or without a duress code; a household's; a door's. */
export const codes = [
  route({
    method: "put",
    path: "/me/code",
    summary:
      "Set one's own code, chosen or made here, and a code to type under threat: it opens as usual and tells staff silently. The codes before end.",
    roles: ["resident"],
    fresh: verbs["code.set"].fresh,
    body: Closed({
      code: Type.Optional({ ...Digits, description: "absent: one is made; one's present code keeps it" }),
      duress: Type.Optional(
        Type.Union([Type.Literal("new"), Digits], {
          description: "absent: none from now on; new: one is made, far from the code",
        }),
      ),
    }),
    answer: Closed(made),
    handle(call) {
      const { vault, auth, body, session } = call;
      call.spend("own-code", session!.person!);
      return vault.call("code.set", { auth, person: session!.person!, ...present(body) });
    },
  }),
  route({
    method: "put",
    path: "/persons/{id}/code",
    summary:
      "Make somebody a code of their own, on request with a duress code. Shown once; the codes before end.",
    roles: ["manager", "desk"],
    params: byId,
    body: Closed({ duress: Type.Boolean({ default: false }) }),
    answer: Closed(made),
    handle: ({ vault, auth, params, body }) =>
      vault.call("code.set", { auth, person: params.id, ...(body.duress ? { duress: "new" } : {}) }),
  }),
  route({
    method: "post",
    path: "/codes",
    summary: "A room code for a household, or a door's own code with an end. Shown once.",
    roles: verbs["code.share"].roles!,
    body: Closed(shared),
    answer: Closed({ id: Opaque, code: Digits }),
    status: 201,
    handle: ({ vault, auth, body: { valid_until, ...body } }) =>
      vault.call("code.share", { auth, ...body, ...present({ validUntil: valid_until }) }),
  }),
  route({
    method: "get",
    path: "/codes",
    summary: "Room codes and doors' own codes: whose and where, never the digits.",
    roles: verbs["code.list"].roles!,
    answer: Closed({
      codes: Type.Array(
        Closed(
          { id: Opaque, ...shared, state: OneOf(["active", "blocked", "expired"]) },
          { title: "SharedCode" },
        ),
      ),
    }),
    async handle({ vault, auth }) {
      const { codes: all } = await vault.call("code.list", { auth });
      return {
        codes: all.map(({ validUntil, ...rest }) => ({ ...rest, ...present({ valid_until: validUntil }) })),
      };
    },
  }),
  route({
    method: "delete",
    path: "/codes/{id}",
    summary: "Block a room code or a door's own code at once.",
    roles: verbs["code.block"].roles!,
    params: byId,
    body: Closed({ reason: OneOf(["lost", "stolen", "returned", "replaced"]) }),
    answer: emptyAnswer,
    handle: ({ vault, auth, params, body }) => vault.call("code.block", { auth, id: params.id, ...body }),
  }),
];
