import { type Attempt, failed, mark, viewOf } from "../../core/entry/book.ts";
import { cameBack, refusal, type Standing } from "../../core/entry/decide.ts";
import { writtenId } from "../../core/entry/emergencies.ts";
import { type Demands, lawful, together, writtenIn } from "../../core/entry/emergency.ts";
import type { EntryRule } from "../../core/entry/rule.ts";
import { serviceDay } from "../../core/entry/schedule.ts";
import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";
import type { Door } from "../site.ts";

/** Asks one entry rule. An attempt that failed before passes through untouched. */
export const decide = (services: Services): Handler<"decide"> => {
  const { book, clock, firstIn, leaves, lockdown, site, zones } = services;
  return ({ attempt: id, node, rule: written }) => {
    const attempt = book.open(id);
    if (failed(attempt)) return viewOf(attempt);
    const { credential } = attempt.view;
    const door = site.door(attempt.view.door);
    // whatever a flow says, nobody waits before their own home for somebody else
    const rule = door.class === "amenity" ? written : { ...written, firstPerson: "off" as const };
    for (const other of rule.interlock) site.door(other); // a misspelt one must not silently hold nothing
    attempt.interlock = rule.interlock;
    const standing = standingOf(services, attempt);
    const day = rule.firstPerson === "off" ? undefined : serviceDay(rule, clock.now());
    if (day !== undefined && standing?.opens?.includes(door.id)) attempt.begins = day;
    const minutesSinceEntry =
      credential === undefined ? undefined : zones.minutesSince(door.zone, credential);
    attempt.passedBack ||= cameBack(rule, { minutesSinceEntry });
    const code = refusal(
      rule,
      attempt,
      standing,
      {
        id: door.id,
        lockedDown: lockdown.has(door.id),
        minutesSinceEntry,
        openInterlocked: leaves.holding(door.id, rule.interlock),
        demands: demandsOf(services, door, rule, attempt),
        timeZone: site.config.timeZone,
        begun: day === undefined || firstIn.begun(door.id, day),
      },
      clock.now(),
    );
    mark(attempt, node, "entry-rule", code);
    return viewOf(attempt);
  };
};

/** Whose rights are asked: a person's, or those of a code that several share. */
function standingOf({ credentials, persons }: Services, attempt: Attempt): Standing | undefined {
  const { view, methods, credentialDoors, credentialHours, shared } = attempt;
  const { person, credential } = view;
  const limits = { credentialDoors, credentialHours };
  if (person === undefined) {
    const standing = shared && credential !== undefined ? credentials.shared.standing(credential) : undefined;
    return standing && { ...standing, ...limits };
  }
  const standing = persons.standing(person);
  if (!standing) return undefined;
  const free = [...methods].every((method) => method === "face" || method === "phone");
  const others = free ? credentials.of(person).filter(({ state }) => state === "active") : [];
  return { ...standing, ...limits, others };
}

/** What emergencies ask of this person here: those the flow states, and those staff declared. */
function demandsOf(
  { credentials, emergencies, site, terms }: Services,
  door: Door,
  rule: EntryRule,
  { view: { person }, shared }: Attempt,
): Demands {
  const written = writtenIn(rule, site.emergencyDays);
  const asked = together([
    ...(written && terms.running(writtenId(written), written) ? [written] : []),
    ...emergencies.at(door.id),
  ]);
  if (!asked.two && !asked.noVisitors) return asked;
  if (person !== undefined) return lawful(asked, door, credentials.kindsOf(person));
  // of a household all must have two ways, because nobody knows which of them is here
  const each = (shared ?? []).map((member) => lawful(asked, door, credentials.kindsOf(member)));
  const two = each.length > 0 && each.every((demands) => demands.two);
  return { ...lawful(asked, door, undefined), two };
}
