import { Closed, Type } from "../../core/schema.ts";
import { Auth, DateTime, Day, Id, verb } from "./common.ts";

export const WayParity = Closed({
  method: Type.String(),
  tries: Type.Integer(),
  opened: Type.Integer(),
  success: Type.Optional(Type.Number()),
  medianMs: Type.Optional(Type.Number()),
  p95Ms: Type.Optional(Type.Number()),
  uptime: Type.Number(),
  slower: Type.Boolean(),
  lessUp: Type.Boolean(),
});

/** What owners' committees and auditors watch: numbers about doors and about staff, nothing about residents. */
export const oversightVerbs = {
  /** Every way into every door, side by side, over the last days (RD-05). */
  "door.parity": verb(
    Closed({ auth: Auth, days: Type.Integer({ default: 7, minimum: 1, maximum: 30 }) }),
    Closed({
      from: DateTime,
      to: DateTime,
      doors: Type.Array(Closed({ id: Id, name: Type.String(), ways: Type.Array(WayParity) })),
      /** A door had more than is looked at; its numbers are of the newest part. */
      partial: Type.Boolean(),
    }),
    ["manager", "privacy-officer", "auditor", "technician"],
  ),
  /** Who of staff looked at residents' data, and what for; never at whose (RD-48). */
  "look-up.list": verb(
    Closed({ auth: Auth, limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }) }),
    Closed({
      looks: Type.Array(
        Closed({
          index: Type.Integer(),
          day: Day,
          at: Type.Optional(DateTime),
          name: Type.Optional(Type.String()),
          role: Type.Optional(Type.String()),
          purpose: Type.Optional(Type.String()),
          what: Type.Optional(Type.String()),
        }),
      ),
    }),
    ["manager", "privacy-officer", "auditor"],
  ),
} as const;
