import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { requireOwn } from "./consents.ts";

/** Erasing people, and keeping each data class for its days. */
export const erasureVerbs = ({
  credentials,
  erasures,
  passes,
  persons,
  removal,
  retention,
}: Services): Pick<
  Handlers,
  "erasure.start" | "erasure.read" | "erasure.list" | "retention.preview" | "retention.run"
> => ({
  "erasure.start"({ person }, { actor }) {
    requireOwn(actor, person);
    persons.read(person); // an unknown person is an error, not an erasure
    credentials.endAll(person, actor); // no card opens while the steps run
    return { id: removal.persons([person]) };
  },

  "erasure.read"({ id }, { actor }) {
    if (actor.role === "resident") requireOwn(actor, erasures.order(id).persons[0] ?? "");
    return removal.read(id);
  },

  "erasure.list"({ person }, { actor }) {
    requireOwn(actor, person);
    return { erasures: erasures.of(person) };
  },

  "retention.preview"({ class: name, days }) {
    if (name === "passes") return { entries: passes.over(days), days: 0 };
    return retention.preview({ class: name, days });
  },

  "retention.run"({ class: name, days }) {
    if (name === "passes") return { entries: passes.sweep(days), days: 0 };
    const { erasure: _, ...report } = retention.run({ class: name, days });
    return report;
  },
});
