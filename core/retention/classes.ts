import type { LeafClass } from "../audit/types.ts";
import { LimenError } from "../errors.ts";

/** What a data class takes from the log when its days are over. */
interface DataClass {
  classes: readonly LeafClass[];
  part: "personal" | "all";
  /** The policy pack's parameter. */
  parameter: string;
}

/**
 * Kinds of data with a clock of their own (RD-43). `entry-events`: who entered. `security-log`: what doors did, under no
 * name. `look-ups`: who of staff looked at whose data.
 */
export const dataClasses = {
  "entry-events": {
    classes: ["decision"],
    part: "personal",
    parameter: "retention.entry-events.days",
  },
  "security-log": {
    classes: ["decision", "door-event"],
    part: "all",
    parameter: "retention.security-log.days",
  },
  "look-ups": { classes: ["look-up"], part: "all", parameter: "retention.look-ups.days" },
} as const satisfies Record<string, DataClass>;
export type DataClassName = keyof typeof dataClasses;

/** A policy pack's room for one parameter. */
export interface Bound {
  min?: number;
  max?: number;
  article: string;
}

/** Days nobody may go over where the pack says nothing: there is no "for ever". */
const longestDays = 3650;

/** @throws LimenError `retention-out-of-bounds` at /days, with the bound and the article it comes from */
export function requireWithin(days: number, bound: Bound | undefined): void {
  const { min = 1, max = longestDays, article = "" } = bound ?? {};
  if (Number.isInteger(days) && days >= min && days <= max) return;
  throw new LimenError("retention-out-of-bounds", {
    field: "/days",
    params: { days, min, max, article },
    status: 422,
  });
}
