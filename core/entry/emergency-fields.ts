import { OneOf, Type } from "../schema.ts";
import { emergencyReasons, moment } from "./emergency.ts";

/** Empty: not set. */
const LocalMoment = Type.String({ default: "", pattern: `^(${moment})?$` });

/**
 * What an emergency may ask. There is no field that could switch a way off, and none for a method: cards, codes and
 * passes of residents go on whatever is written here.
 */
export const emergencyFields = {
  emergency: OneOf(["none", ...emergencyReasons], { default: "none" }),
  /** For whoever reads the rule later: nobody's name. */
  emergencyNote: Type.String({ default: "", maxLength: 120 }),
  emergencyFrom: LocalMoment,
  /** Without an end there is no emergency. */
  emergencyUntil: LocalMoment,
  /** Two ways in one attempt, or one strong one, where that can be had without a face. */
  emergencyTwo: Type.Boolean({ default: false }),
  /** Visitors' passes rest; staff still let visitors in. */
  emergencyNoVisitors: Type.Boolean({ default: false }),
};
