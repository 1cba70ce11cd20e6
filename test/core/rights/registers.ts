import { signerFrom } from "../../../core/consent/index.ts";
import {
  Breaches,
  Disclosures,
  Minors,
  Processors,
  Requests,
  rightsMigrations,
  rightsPack,
} from "../../../core/rights/index.ts";
import { migrate } from "../../../core/store/database.ts";
import type { HandClock } from "../hand-clock.ts";
import { openSite, type SiteOptions } from "../retention/site.ts";

/** A site's registers on real files. */
export function openRegisters(clock: HandClock, options: SiteOptions & { pack?: string } = {}) {
  const site = openSite(clock, options);
  const { ledger: db, log, subjectKeys: keys, persons } = site;
  migrate(db, "rights", rightsMigrations);
  const pack = rightsPack(options.pack ?? "cn");
  const timeZone = "Asia/Shanghai";
  const common = { db, log, clock, keys, site: "test-site" };
  return {
    ...site,
    requests: new Requests({
      ...common,
      signer: signerFrom(Buffer.alloc(32, 3)),
      rules: () => ({ pack, timeZone }),
    }),
    disclosures: new Disclosures(common),
    processors: new Processors(common),
    breaches: new Breaches({ ...common, pack: () => pack }),
    minors: new Minors({
      ...common,
      timeZone: () => timeZone,
      birthDate: (person) => (persons.has(person) ? persons.read(person).birthDate : undefined),
    }),
  };
}
