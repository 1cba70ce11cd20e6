import { emergencyReasons } from "../../core/entry/emergency.ts";
import { EntryRule } from "../../core/entry/rule.ts";
import { Closed, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

const {
  antiPassback,
  antiPassbackMinutes,
  emergency,
  emergencyNote,
  emergencyFrom,
  emergencyUntil,
  emergencyTwo,
  emergencyNoVisitors,
  ...rest
} = EntryRule.properties;
const showWhen = { emergency: emergencyReasons };

/** The same rule for every method: there is nothing to choose a method by (RD-02, RD-06). */
export const config = Closed({
  name: Type.String({ default: "", maxLength: 80 }),
  ...rest,
  antiPassback,
  antiPassbackMinutes: { ...antiPassbackMinutes, showWhen: { antiPassback: ["soft", "timed"] } },
  emergency,
  emergencyFrom: { ...emergencyFrom, showWhen, needed: true },
  emergencyUntil: { ...emergencyUntil, showWhen, needed: true },
  emergencyTwo: { ...emergencyTwo, showWhen },
  emergencyNoVisitors: { ...emergencyNoVisitors, showWhen },
  emergencyNote: { ...emergencyNote, showWhen },
});
export const version = 1;
export const palette: Palette = {
  role: "check",
  icon: "font-awesome/fa-calendar-check-o",
  inputs: 1,
  outputs: 1,
};
