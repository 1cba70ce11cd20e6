import { Closed, Type } from "../../../core/schema.ts";
import { DateTime, Day, Id, type Role } from "../../../vault/protocol/common.ts";
import { DataClass } from "../../../vault/protocol/consents.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { present } from "../shapes.ts";

const WayParity = Closed(
  {
    method: Type.String(),
    tries: Type.Integer({ description: "attempts that were decided" }),
    opened: Type.Integer({ description: "of those, how many the lock was released for" }),
    success: Type.Optional(Type.Number({ description: "opened / tries" })),
    median_ms: Type.Optional(Type.Number({ description: "from sensing to the lock's release" })),
    p95_ms: Type.Optional(Type.Number()),
    uptime: Type.Number({ description: "share of the time, 0 to 1" }),
    slower: Type.Boolean({ description: "takes more than twice as long as face does at this door" }),
    less_up: Type.Boolean({ description: "was away more than face was" }),
  },
  { title: "WayParity" },
);

const Over = {
  entries: Type.Integer({ description: "entries that are over" }),
  days: Type.Integer({ description: "days they lie on" }),
  oldest: Type.Optional(Type.String()),
};
const request = Closed({ class: DataClass, days: Type.Integer({ minimum: 1, maximum: 3650 }) });
/** A flow's verbs, which reveal nothing personal; over HTTP they are for these. */
const keepers: readonly Role[] = ["manager", "privacy-officer"];

/** What owners' committees, auditors and privacy officers watch over. */
export const oversight = [
  route({
    method: "get",
    path: "/parity",
    summary: "Every way into every door side by side: uptime, success, time to open (RD-05).",
    roles: verbs["door.parity"].roles!,
    query: Closed({ days: Type.Integer({ default: 7, minimum: 1, maximum: 30 }) }),
    answer: Closed({
      from: DateTime,
      to: DateTime,
      doors: Type.Array(
        Closed({ id: Id, name: Type.String(), ways: Type.Array(WayParity) }, { title: "DoorParity" }),
      ),
      partial: Type.Boolean({ description: "a door had more entries than are looked at" }),
    }),
    async handle({ vault, auth, query }) {
      const { doors, ...rest } = await vault.call("door.parity", { auth, ...query });
      return {
        ...rest,
        doors: doors.map(({ ways, ...door }) => ({
          ...door,
          ways: ways.map(({ medianMs, p95Ms, lessUp, ...way }) => ({
            ...way,
            ...present({ median_ms: medianMs, p95_ms: p95Ms }),
            less_up: lessUp,
          })),
        })),
      };
    },
  }),
  route({
    method: "get",
    path: "/look-ups",
    summary: "Who of staff looked at residents' data and what for; never at whose (RD-48).",
    roles: verbs["look-up.list"].roles!,
    query: Closed({ limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }) }),
    answer: Closed({
      looks: Type.Array(
        Closed(
          {
            index: Type.Integer({ description: "leaf of the log" }),
            day: Day,
            at: Type.Optional(DateTime),
            name: Type.Optional(Type.String({ description: "of the account or token that looked" })),
            role: Type.Optional(Type.String()),
            purpose: Type.Optional(Type.String()),
            what: Type.Optional(Type.String()),
          },
          { title: "Look" },
        ),
      ),
    }),
    handle: ({ vault, auth, query }) => vault.call("look-up.list", { auth, ...query }),
  }),
  route({
    method: "post",
    path: "/retention/preview",
    summary: "What a retention run would take now. Changes nothing.",
    roles: [...keepers, "auditor"],
    body: request,
    answer: Closed(Over),
    handle: ({ vault, body }) => vault.call("retention.preview", body),
  }),
  route({
    method: "post",
    path: "/retention/run",
    summary:
      "Destroy the keys of every day that is over and nothing holds. Days outside the policy pack's bounds are refused.",
    roles: keepers,
    fresh: keepers,
    body: request,
    answer: Closed({
      ...Over,
      certificate: Type.Optional(Type.String({ description: "signed receipt, JSON text" })),
    }),
    handle: ({ vault, body }) => vault.call("retention.run", body),
  }),
];
