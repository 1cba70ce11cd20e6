import { failed, mark, viewOf } from "../../core/entry/book.ts";
import { refusal } from "../../core/entry/decide.ts";
import { writtenId } from "../../core/entry/emergencies.ts";
import { type Demands, lawful, together, writtenIn } from "../../core/entry/emergency.ts";
import type { EntryRule } from "../../core/entry/rule.ts";
import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";
import type { Door } from "../site.ts";

/** Asks one entry rule. An attempt that failed before passes through untouched. */
export const decide = (services: Services): Handler<"decide"> => {
  const { book, clock, leaves, lockdown, persons, site, zones } = services;
  return ({ attempt: id, node, rule }) => {
    const attempt = book.open(id);
    if (failed(attempt)) return viewOf(attempt);
    const { person, credential } = attempt.view;
    const door = site.door(attempt.view.door);
    for (const other of rule.interlock) site.door(other); // a misspelt one must not silently hold nothing
    attempt.interlock = rule.interlock;
    const standing = person === undefined ? undefined : persons.standing(person);
    const code = refusal(
      rule,
      attempt,
      standing && { ...standing, credentialDoors: attempt.credentialDoors },
      {
        id: door.id,
        lockedDown: lockdown.has(door.id),
        minutesSinceEntry: credential === undefined ? undefined : zones.minutesSince(door.zone, credential),
        openInterlocked: leaves.holding(door.id, rule.interlock),
        demands: demandsOf(services, door, rule, person),
      },
      clock.now(),
    );
    mark(attempt, node, "entry-rule", code);
    return viewOf(attempt);
  };
};

/** What emergencies ask of this person here: those the flow states, and those staff declared. */
function demandsOf(
  { credentials, emergencies, site, terms }: Services,
  door: Door,
  rule: EntryRule,
  person: string | undefined,
): Demands {
  const written = writtenIn(rule, site.emergencyDays);
  const asked = together([
    ...(written && terms.running(writtenId(written), written) ? [written] : []),
    ...emergencies.at(door.id),
  ]);
  if (!asked.two && !asked.noVisitors) return asked;
  return lawful(asked, door, person === undefined ? undefined : credentials.kindsOf(person));
}
