import { failed, mark, viewOf } from "../../core/entry/book.ts";
import { refusal } from "../../core/entry/decide.ts";
import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Asks one entry rule. An attempt that failed before passes through untouched. */
export const decide =
  ({ book, clock, leaves, lockdown, persons, site, zones }: Services): Handler<"decide"> =>
  ({ attempt: id, node, rule }) => {
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
      },
      clock.now(),
    );
    mark(attempt, node, "entry-rule", code);
    return viewOf(attempt);
  };
