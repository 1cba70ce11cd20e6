import type { Attempt } from "./book.ts";
import type { AttemptCode } from "./codes.ts";
import type { Demands } from "./emergency.ts";
import type { EntryRule } from "./rule.ts";
import { closedBecause } from "./schedule.ts";

/** What the vault knows of a person and a door when a rule is asked. */
export interface Standing {
  /** Doors this person may use; undefined: every door of the site. */
  doors?: readonly string[] | undefined;
  /** Doors the credential used is limited to; undefined: those of its person. */
  credentialDoors?: readonly string[] | undefined;
  resident: boolean;
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
  } else if (attempt.view.method !== "guard") return "no-such-credential";
  const closed = closedBecause(rule, now);
  if (closed) return closed;
  if (attempt.visitor && door.demands?.noVisitors) return "visitors-closed";
  if ((rule.assurance === "strong" || door.demands?.two) && !strong(attempt)) return "second-method-needed";
  if (
    rule.antiPassback === "timed" &&
    door.minutesSinceEntry !== undefined &&
    door.minutesSinceEntry < rule.antiPassbackMinutes
  ) {
    return "anti-passback";
  }
  if (door.openInterlocked?.length) return "interlock";
  return undefined;
}

/** Two different ways in one attempt are as hard to copy as one strong credential (design section 7). */
const strong = ({ view, methods }: Attempt): boolean =>
  view.method === "guard" || view.assurance === "strong" || methods.size > 1;
