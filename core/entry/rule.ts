import { Closed, OneOf, type Static, Type } from "../schema.ts";
import { methods } from "./attempt.ts";
import { emergencyFields } from "./emergency-fields.ts";

const TimeOfDay = Type.String({ pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$" });

export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** One stretch of the week; `to` before `from` runs over midnight. */
export const WeekSpan = Closed({
  days: Type.Array(OneOf(days), { minItems: 1, uniqueItems: true }),
  from: TimeOfDay,
  to: TimeOfDay,
});

/**
 * The rule an `entry-rule` node carries: when this door opens, for everyone with rights to it. The same hours for every
 * method: there is no field for the method or for what kind of resident somebody is (RD-02, RD-06).
 */
export const EntryRule = Closed(
  {
    timeZone: Type.String({ default: "Asia/Shanghai", description: "IANA name; hours are local there" }),
    /** Empty: always. */
    hours: Type.Array(WeekSpan, { default: [], maxItems: 50 }),
    holidays: Type.Array(Type.String({ format: "date" }), { default: [], maxItems: 400 }),
    /** Hours on holidays; empty: as on a Sunday. */
    holidayHours: Type.Array(Closed({ from: TimeOfDay, to: TimeOfDay }), { default: [], maxItems: 10 }),
    /** Least assurance this door takes; `strong` is also met by two methods in one attempt. */
    assurance: OneOf(["clonable", "strong"], { default: "clonable" }),
    /** Minutes in which the same credential may not enter this zone again; 0: off. */
    antiPassbackMinutes: Type.Integer({ default: 0, minimum: 0, maximum: 240 }),
    /** soft: record and open; timed: refuse. */
    antiPassback: OneOf(["off", "soft", "timed"], { default: "off" }),
    /** Other doors that must not stand open: of the doors of a lock, one at a time. Yields to fire at this door. */
    interlock: Type.Array(Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,47}$" }), {
      default: [],
      maxItems: 20,
      uniqueItems: true,
    }),
    /**
     * Each day waits for a person whom the desk named for this door: `required`: until then nobody else comes in;
     * `relaxes`: until then the door takes only what is strong.
     */
    firstPerson: OneOf(["off", "required", "relaxes"], { default: "off" }),
    /** An emergency with a reason and an end (RD-13): asks more of everybody alike, switches no way off. */
    ...emergencyFields,
  },
  { title: "EntryRule" },
);

export type EntryRule = Static<typeof EntryRule>;
export type WeekSpan = Static<typeof WeekSpan>;
export const anyMethod = methods;
