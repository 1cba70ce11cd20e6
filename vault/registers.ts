import type { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../core/audit/types.ts";
import type { Clock } from "../core/clock.ts";
import type { Signer } from "../core/consent/index.ts";
import type { Persons } from "../core/people/index.ts";
import { loadPack } from "../core/policy/packs.ts";
import { Breaches, Disclosures, Minors, Processors, Requests, rightsPack } from "../core/rights/index.ts";
import type { WrappedKeys } from "../core/store/types.ts";
import type { Site } from "./site.ts";

/** What an office answers for: requests, processors, disclosures, incidents, and who saw minors' data. */
export interface Registers {
  requests: Requests;
  processors: Processors;
  disclosures: Disclosures;
  breaches: Breaches;
  minors: Minors;
  /** Inside an erasure's transaction: what they say of a person goes, that an office acted stays. */
  cut(person: string): void;
  /** What time alone changes: overdue requests, silences that end; and whom a restored file brought back. Call it hourly. */
  sweep(): void;
  /** What the class `requests` would lose, and loses, after so many days. */
  over(days: number, held: (person: string) => boolean): number;
  forget(days: number, held: (person: string) => boolean): number;
}

/** Everybody any register still points to. */
const linked = `
  SELECT person FROM rights_request WHERE person IS NOT NULL UNION SELECT person FROM disclosure WHERE person IS NOT NULL
  UNION SELECT person FROM disclosure_person UNION SELECT person FROM breach_person
  UNION SELECT person FROM minor_approval WHERE person IS NOT NULL`;

export function openRegisters(deps: {
  db: DatabaseSync;
  log: AuditLog;
  clock: Clock;
  keys: Pick<WrappedKeys, "create" | "get" | "destroy">;
  signer: Signer;
  site: Site;
  siteId: string;
  persons: Persons;
}): Registers {
  const { site, persons, siteId, ...rest } = deps;
  const common = { ...rest, site: siteId };
  const packId = () => (site.configured ? site.config.pack : "cn");
  const timeZone = () => (site.configured ? site.config.timeZone : "UTC");
  const pack = () => rightsPack(packId());
  const requests = new Requests({
    ...common,
    rules() {
      const promised = loadPack(packId()).bounds["request.days"]?.default;
      return { pack: pack(), timeZone: timeZone(), ...(promised !== undefined && { promised }) };
    },
  });
  const disclosures = new Disclosures(common);
  const breaches = new Breaches({ ...common, pack });
  const minors = new Minors({
    ...common,
    timeZone,
    birthDate: (person) => (persons.has(person) ? persons.read(person).birthDate : undefined),
  });
  const cut = (person: string): void => {
    for (const register of [requests, disclosures, breaches, minors]) register.cut(person);
  };
  return {
    requests,
    processors: new Processors(common),
    disclosures,
    breaches,
    minors,
    cut,
    over: (days, held) =>
      requests.over(days, held).length + disclosures.over(days, held).length + minors.over(days),
    forget: (days, held) =>
      requests.forget(days, held) + disclosures.forget(days, held) + minors.forget(days),
    sweep() {
      for (const { person } of deps.db.prepare(linked).all())
        if (!persons.has(String(person))) cut(String(person));
      if (!site.configured) return; // clocks run by a pack, which a flow has to name first
      requests.sweep();
      disclosures.sweep();
    },
  };
}
