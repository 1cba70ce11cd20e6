import type { AuditLog } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import type { Actor } from "./types.ts";

export interface LookUpRequest {
  actor: Actor;
  /** One of the closed list of purposes. */
  purpose: string;
  /** Whose data. */
  person: string;
  /** What of it, by name. */
  fields: readonly string[];
}

export type LookUp = <T>(request: LookUpRequest, answer: () => T | Promise<T>) => Promise<T>;

/**
 * Look-ups of personal data. The record is durable before anything is read: when it cannot be written there is no answer
 * (RD-48), and the person sees it on their own page.
 * @throws LimenError `log-failed`
 */
export const lookUps = ({ log, clock }: { log: Pick<AuditLog, "append">; clock: Clock }): LookUp =>
  async function lookUp({ actor, purpose, person, fields }, answer) {
    const at = clock.now();
    await log.append({
      class: "look-up",
      at,
      subject: person,
      fields: {
        at: at.toISOString(),
        by: actor.id,
        name: actor.name,
        role: actor.role,
        purpose,
        what: fields.join(" "),
      },
    });
    return await answer();
  };
