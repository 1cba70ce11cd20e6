import type { Attempt } from "./book.ts";
import type { AttemptCode } from "./codes.ts";
import type { Demands } from "./emergency.ts";
import type { EntryRule, WeekSpan } from "./rule.ts";
import { closedBecause, isWithin } from "./schedule.ts";

/** What the vault knows of a person and a door when a rule is asked. */
export interface Standing {
  /** Doors this person may use; undefined: every door of the site. */
  doors?: readonly string[] | undefined;
  /** Doors the credential used is limited to; undefined: those of its person. */
  credentialDoors?: readonly string[] | undefined;
  /** Hours of the credentials used, in `DoorNow.timeZone`: each must be open. */
  credentialHours?: readonly (readonly WeekSpan[])[] | undefined;
  /**
   * For a way that has no limits of its own, a face or a phone: those of this person's cards and codes. One of them must
   * open here now, or refusing a face would open less (RD-02).
   */
  others?: readonly Limits[] | undefined;
  /** Doors whose day begins when this person has come in. */
  opens?: readonly string[];
  resident: boolean;
}

/** What a card or code may be limited to. */
export interface Limits {
  doors?: readonly string[];
  schedule?: readonly WeekSpan[];
}

export interface DoorNow {
  id: string;
  lockedDown: boolean;
  /** Minutes since this credential was last granted in this door's zone; undefined: not remembered. */
  minutesSinceEntry?: number | undefined;
  /** Doors of the rule's interlock that may be standing open; none while fire is latched at this door. */
  openInterlocked?: readonly string[];
  /** What an emergency asks here of this person; it never makes a face the only way. */
  demands?: Demands;
  /** The site's, for the hours of credentials. */
  timeZone?: string;
  /** Whether somebody named for it has come in today. */
  begun?: boolean;
}

/**
 * May this person through this door now? Nothing here depends on the method used, except its assurance: who refuses face
 * meets the same rule (RD-02), and no attribute of a person is asked but residency (RD-06).
 * @param standing undefined for an assisted entry, where staff vouch instead of a credential
 * @returns `undefined` for yes, else why not
 */
export function refusal(
  rule: EntryRule,
  attempt: Attempt,
  standing: Standing | undefined,
  door: DoorNow,
  now: Date,
): AttemptCode | undefined {
  if (door.lockedDown) return "locked-down";
  if (standing) {
    if (!standing.resident) return "residency-ended";
    if (standing.doors && !standing.doors.includes(door.id)) return "no-rights-here";
    if (standing.credentialDoors && !standing.credentialDoors.includes(door.id)) return "no-rights-here";
    const limited = limitedTo(standing, door, now);
    if (limited) return limited;
  } else if (attempt.view.method !== "guard") return "no-such-credential";
  const closed = closedBecause(rule, now);
  if (closed) return closed;
  if (attempt.visitor && door.demands?.noVisitors) return "visitors-closed";
  const waits = rule.firstPerson !== "off" && !door.begun && !standing?.opens?.includes(door.id);
  if (waits && rule.firstPerson === "required" && attempt.view.method !== "guard") return "first-person-in";
  const wanted = rule.assurance === "strong" || door.demands?.two || waits;
  if (wanted && !strong(attempt)) return "second-method-needed";
  if (rule.antiPassback === "timed" && cameBack(rule, door)) return "anti-passback";
  if (door.openInterlocked?.length) return "interlock";
  return undefined;
}

/** Whether this credential came into the zone so recently that it should still be inside. */
export const cameBack = (
  rule: EntryRule,
  { minutesSinceEntry }: Pick<DoorNow, "minutesSinceEntry">,
): boolean =>
  rule.antiPassback !== "off" &&
  minutesSinceEntry !== undefined &&
  minutesSinceEntry < rule.antiPassbackMinutes;

/** Hours and doors of the cards and codes themselves. */
function limitedTo(
  { credentialHours = [], others = [] }: Standing,
  { id, timeZone = "UTC" }: DoorNow,
  now: Date,
): AttemptCode | undefined {
  const open = (hours: readonly WeekSpan[] | undefined) => !hours || isWithin(hours, now, timeZone);
  if (!credentialHours.every(open)) return "credential-outside-hours";
  if (others.length === 0) return undefined;
  const here = others.filter(({ doors }) => !doors || doors.includes(id));
  if (here.length === 0) return "no-rights-here";
  return here.some(({ schedule }) => open(schedule)) ? undefined : "credential-outside-hours";
}

/** Two different ways in one attempt are as hard to copy as one strong credential (design section 7). */
const strong = ({ view, methods }: Attempt): boolean =>
  view.method === "guard" || view.assurance === "strong" || methods.size > 1;
