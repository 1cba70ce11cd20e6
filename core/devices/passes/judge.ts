import type { AttemptCode } from "../../entry/codes.ts";
import { opensDoor, type ReadPass } from "./token.ts";

/** What the site remembers of one pass. */
export interface PassHistory {
  revoked: boolean;
  /** Openings so far. */
  used: number;
  /** When it first opened a door. */
  first?: Date;
}

/**
 * Whether a pass opens a door now. It needs nobody's word but the box's own memory.
 * @param now wall-clock time: passes are made for hours of the day
 * @returns why not: `credential-blocked`, `pass-invalid` (not yet), `credential-expired`, `no-rights-here`,
 *   `pass-used-up`; undefined when it opens
 */
export function judgePass(
  pass: ReadPass,
  { site, door, now, history }: { site: string; door: string; now: Date; history: PassHistory },
): AttemptCode | undefined {
  if (history.revoked) return "credential-blocked";
  if (now < pass.from) return "pass-invalid";
  if (now >= pass.until) return "credential-expired";
  if (!opensDoor(pass, site, door)) return "no-rights-here";
  if (pass.uses > 0 && history.used >= pass.uses) return "pass-used-up";
  const closes =
    history.first && pass.window > 0 ? history.first.getTime() + pass.window * 60_000 : undefined;
  if (closes !== undefined && now.getTime() >= closes) return "pass-used-up";
  return undefined;
}
