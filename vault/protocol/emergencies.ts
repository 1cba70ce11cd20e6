import { emergencyReasons } from "../../core/entry/emergency.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, atRest, DateTime, Empty, Id, Opaque, verb } from "./common.ts";

/** What an emergency asks of everybody at a door: no field could switch a way off (RD-13). */
export const EmergencyAsked = Closed({
  reason: OneOf(emergencyReasons),
  end: DateTime,
  two: Type.Boolean({
    description: "two ways in one attempt, or one strong one, of people who have two without a face",
  }),
  noVisitors: Type.Boolean({ description: "visitors' passes rest; staff let visitors in" }),
});

const asked = {
  doors: Type.Array(Id, { minItems: 1, maxItems: 200, uniqueItems: true }),
  reason: OneOf(emergencyReasons),
  note: Type.String({ default: "", maxLength: 120, description: "nobody's name" }),
  end: DateTime,
  two: Type.Boolean({ default: false }),
  noVisitors: Type.Boolean({ default: false }),
};

export const emergencyVerbs = {
  /** Asks more of everybody alike at some doors, for a reason of the list, until an end the policy pack allows. */
  "emergency.declare": verb(
    Closed({ auth: Auth, ...asked, start: Type.Optional(DateTime) }),
    Closed({ id: Opaque }),
    ["manager"],
  ),
  "emergency.end": verb(Closed({ auth: Auth, id: Opaque }), Empty, ["manager"]),
  "emergency.list": atRest(
    verb(
      Closed({ auth: Auth }),
      Closed({
        emergencies: Type.Array(Closed({ id: Opaque, ...asked, start: DateTime, running: Type.Boolean() })),
        mostDays: Type.Integer(),
      }),
      ["manager", "desk", "guard", "auditor", "technician", "privacy-officer"],
    ),
  ),
} as const;
