import { LimenError } from "../../core/errors.ts";
import type { Actor } from "../handlers.ts";
import { purposes } from "../protocol/common.ts";
import type { Services } from "../services.ts";

interface Look {
  actor: Actor;
  person: string;
  /** Why; nobody needs one for their own data. */
  purpose: (typeof purposes)[number] | undefined;
  /** What is looked at, by name. */
  fields: readonly string[];
}

/**
 * A look at what is held of one person: one's own as it is; anybody else's for a purpose and on record before it is answered
 * (RD-48), a minor's after somebody in charge approved it (RD-49).
 * @throws LimenError `not-allowed`, `purpose-needed`, `minor-needs-approval`, `log-failed`
 */
export async function looked<T>(
  { lookUp, persons, registers: { minors } }: Services,
  { actor, person, purpose, fields }: Look,
  answer: () => T,
): Promise<T> {
  requireOwn(actor, person);
  if (actor.person === person) return answer();
  if (purpose === undefined)
    throw new LimenError("purpose-needed", { field: "/purpose", params: { purposes: purposes.join(", ") } });
  minors.require(actor, person, purpose);
  // of somebody who was erased there is no record to write on, and nobody to be told
  return persons.has(person) ? await lookUp({ actor, purpose, person, fields }, answer) : answer();
}

/**
 * The same for what has an id of its own. Of a resident none and somebody else's are refused alike, or whoever tries ids
 * would learn which there are.
 * @param ownerOf whose it is; may throw that there is none
 * @throws LimenError `not-allowed`
 */
export function requireOwned(actor: Actor, ownerOf: () => string | undefined): void {
  if (actor.role !== "resident") return;
  let owner: string | undefined;
  try {
    owner = ownerOf();
  } catch (error) {
    if (!(error instanceof LimenError && error.status === 404)) throw error;
  }
  requireOwn(actor, owner ?? "");
}

/** A resident's session reaches one person: the one behind it. @throws LimenError `not-allowed` */
export function requireOwn(actor: Actor, person: string): void {
  if (actor.role === "resident" && actor.person !== person) {
    throw new LimenError("not-allowed", { field: "/person", status: 403 });
  }
}
