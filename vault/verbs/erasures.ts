import { overBefore } from "../../core/decisions/index.ts";
import { loadPack } from "../../core/policy/packs.ts";
import { requireWithin } from "../../core/retention/classes.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { looked, requireOwn, requireOwned } from "./looks.ts";

/** Erasing people, and keeping each data class for its days. */
export const erasureVerbs = (
  services: Services,
): Pick<
  Handlers,
  | "erasure.start"
  | "erasure.read"
  | "erasure.receipt"
  | "erasure.list"
  | "retention.preview"
  | "retention.run"
> => {
  const {
    clock,
    consents,
    credentials,
    decisions,
    erasures,
    holds,
    passes,
    persons,
    recordChange,
    records,
    registers,
    removal,
    retention,
    site,
  } = services;
  const held = (person: string) => holds.onAny([person]);
  const bounded = (days: number, name: "credentials" | "consents" | "assessment" | "requests"): number => {
    requireWithin(days, loadPack(site.config.pack).bounds[`retention.${name}.days`]);
    return days;
  };
  /** Decisions, assessments and records of processing that have not counted for so many days. */
  const papersOver = (days: number) => {
    const limit = new Date(clock.now().getTime() - bounded(days, "assessment") * 86_400_000).toISOString();
    return { limit, ids: overBefore(decisions.entries, limit), records: records.over(limit) };
  };
  return {
    "erasure.start"({ person }, { actor }) {
      requireOwn(actor, person);
      persons.read(person); // an unknown person is an error, not an erasure
      credentials.endAll(person, actor); // no card opens while the steps run
      return { id: removal.persons([person]) };
    },

    "erasure.read"({ id }, { actor }) {
      requireOwned(actor, () => erasures.order(id).persons[0]);
      return removal.read(id);
    },

    "erasure.receipt": ({ id }) => removal.read(id),

    async "erasure.list"({ person, purpose }, { actor }) {
      const look = { actor, person, purpose, fields: ["erasures"] };
      return { erasures: await looked(services, look, () => erasures.of(person)) };
    },

    "retention.preview"({ class: name, days }) {
      if (name === "passes") return { entries: passes.over(days), days: 0 };
      if (name === "credentials")
        return { entries: credentials.over(bounded(days, name), held).length, days: 0 };
      if (name === "consents") return { entries: consents.over(bounded(days, name), held).length, days: 0 };
      if (name === "requests") {
        return { entries: registers.over(bounded(days, name), held), days: 0 };
      }
      if (name === "assessment") {
        const over = papersOver(days);
        return { entries: over.ids.length + over.records, days: 0 };
      }
      return retention.preview({ class: name, days });
    },

    async "retention.run"({ class: name, days }) {
      if (name === "passes") return { entries: passes.sweep(days), days: 0 };
      if (name === "credentials") {
        const entries = credentials.sweep(bounded(days, name), held);
        if (entries > 0) await recordChange("credentials-over", { entries, days });
        return { entries, days: 0 };
      }
      if (name === "consents") {
        const entries = consents.sweepEnded(bounded(days, name), held);
        if (entries > 0) await recordChange("consents-over", { entries, days });
        return { entries, days: 0 };
      }
      if (name === "requests") {
        const entries = registers.forget(bounded(days, name), held);
        if (entries > 0) await recordChange("requests-over", { entries, days });
        return { entries, days: 0 };
      }
      if (name === "assessment") {
        const over = papersOver(days);
        decisions.drop(over.ids);
        const entries = over.ids.length + records.sweep(over.limit);
        if (entries > 0) await recordChange("assessments-over", { entries, days });
        return { entries, days: 0 };
      }
      const { erasure: _, ...report } = retention.run({ class: name, days });
      return report;
    },
  };
};
