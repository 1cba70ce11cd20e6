import { Closed, Type } from "../../../core/schema.ts";
import { DateTime, Id } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";

export const events = [
  route({
    method: "get",
    path: "/events",
    summary: "What doors did, newest first: when, how and why, never who (RD-46).",
    roles: verbs["event.list"].roles!,
    query: Closed({
      door: Type.Optional(Id),
      since: Type.Optional(DateTime),
      limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }),
    }),
    atRest: true,
    answer: Closed({
      events: Type.Array(
        Closed(
          {
            index: Type.Integer({ description: "leaf of the log" }),
            at: DateTime,
            door: Id,
            kind: Type.String(),
            method: Type.Optional(Type.String()),
            outcome: Type.Optional(Type.String()),
            code: Type.Optional(Type.String()),
          },
          { title: "DoorEvent" },
        ),
      ),
    }),
    handle: ({ vault, auth, query }) => vault.call("event.list", { auth, ...query }),
  }),
];
