import { LimenError } from "../errors.ts";
import { Closed, OneOf, type Static, Type } from "../schema.ts";
import { birthday, dayStart, youngerThan } from "./dates.ts";
import { type ConsentRules, channels, type PersonFacts } from "./types.ts";

const grownUp = 18;

/**
 * What giving consent takes. Closed and single: there is no second purpose to name, no box to tick beforehand and no
 * contract or enrolment to be part of (RD-15); a field that is not here is an error.
 */
export const ConsentRequest = Closed({
  person: Type.String(),
  purpose: OneOf(["door-entry"]),
  method: OneOf(["face"]),
  doors: Type.Array(Type.String(), { minItems: 1, uniqueItems: true }),
  /** Id of the notice that was shown. */
  notice: Type.String({ maxLength: 200 }),
  /** What the person did to say yes: pressed a button of its own, or signed. */
  act: OneOf(["button", "signature"]),
  givenBy: OneOf(["self", "guardian"]),
  /** Pseudonym of the guardian, where they are registered. */
  guardian: Type.Optional(Type.String()),
  relation: Type.Optional(OneOf(["parent", "legal-guardian"])),
  channel: OneOf(channels),
  /** The person whose own session this is, on a resident's page. */
  session: Type.Optional(Type.String()),
});
export type ConsentRequest = Static<typeof ConsentRequest>;

/**
 * Who may say yes for whom: everyone for themselves, a guardian for a child under the pack's age, nobody for another
 * adult (RD-23, RD-24; PIPL 14, 31).
 * @param facts of anyone asked about
 * @throws LimenError `person-unknown`, `residency-ended`, `consent-needs-guardian`, `consent-own-only`,
 *   `consent-relation-missing`, `consent-guardian-unfit`
 */
export function requireEntitled(
  request: ConsentRequest,
  rules: ConsentRules,
  facts: (person: string) => PersonFacts | undefined,
  now: Date,
): void {
  const person = facts(request.person);
  if (!person) throw new LimenError("person-unknown", { field: "/person", status: 404 });
  if (!person.resident) throw new LimenError("residency-ended", { field: "/person", status: 409 });
  const child = youngerThan(person.birthDate, rules.guardianAge, now, rules.timeZone);
  const { givenBy, guardian, relation, session } = request;
  if (givenBy === "self") {
    if (child) throw refused("consent-needs-guardian", "/givenBy", { age: rules.guardianAge });
    if (guardian !== undefined || relation !== undefined) throw refused("consent-own-only", "/guardian");
    if (session !== undefined && session !== request.person) throw refused("consent-own-only", "/person");
    return;
  }
  if (!child) throw refused("consent-own-only", "/givenBy");
  if (relation === undefined) throw refused("consent-relation-missing", "/relation");
  if (session !== undefined && session !== guardian) throw refused("consent-guardian-unfit", "/guardian");
  if (guardian === undefined) return;
  const adult = facts(guardian);
  if (guardian === request.person || !adult || youngerThan(adult.birthDate, grownUp, now, rules.timeZone)) {
    throw refused("consent-guardian-unfit", "/guardian");
  }
}

/** When a guardian's consent ends because the child decides from then on; undefined for one's own. */
export function ownFrom(request: ConsentRequest, rules: ConsentRules, facts: PersonFacts): Date | undefined {
  if (request.givenBy === "self" || facts.birthDate === undefined) return undefined;
  return dayStart(birthday(facts.birthDate, rules.guardianAge), rules.timeZone);
}

const refused = (code: string, field: string, params: Record<string, number> = {}): LimenError =>
  new LimenError(code, { field, params, status: 422 });
