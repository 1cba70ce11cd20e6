import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openAuditLog } from "../core/audit/log.ts";
import type { Clock } from "../core/clock.ts";
import { consentMigrations } from "../core/consent/index.ts";
import { decisionMigrations } from "../core/decisions/index.ts";
import { alarmMigrations, happeningOf, StandingAlarms } from "../core/entry/alarms.ts";
import { drillMigrations } from "../core/entry/drills.ts";
import { emergencyMigrations } from "../core/entry/emergencies.ts";
import { firstInMigrations } from "../core/entry/first-in.ts";
import { lockdownMigrations } from "../core/entry/lockdown.ts";
import { termMigrations } from "../core/entry/terms.ts";
import { errorCode } from "../core/errors.ts";
import { tallyMigrations } from "../core/faces/tally.ts";
import { chipMigrations, passMigrations, peopleMigrations } from "../core/people/index.ts";
import { retentionMigrations } from "../core/retention/index.ts";
import { rightsMigrations } from "../core/rights/index.ts";
import { migrate, openDatabase } from "../core/store/database.ts";
import { openDayKeys } from "../core/store/day-keys.ts";
import { openKeyRing } from "../core/store/keyring.ts";
import { openSubjectKeys } from "../core/store/subject-keys.ts";
import { changeMigrations } from "./changes.ts";
import type { VaultConfig } from "./config.ts";
import { yardstickMigrations } from "./yardstick.ts";

/** Door events that are looked through for alarms where none is kept: a moment's work at a start. */
const looksBack = 1000;

/**
 * Opens what the vault keeps: three databases, the keys, the log.
 * @throws LimenError `disk-unsafe`, `keys-lost`, `keys-locked`, `store-unsafe`, `store-damaged`, `log-damaged`, `log-behind`
 */
export function openStores(config: VaultConfig, clock: Clock, say: (line: string) => void) {
  const at = (name: string) => join(config.data, name);
  const ledger = openDatabase(at("ledger.db"));
  migrate(ledger, "consents", consentMigrations);
  migrate(ledger, "retention", retentionMigrations);
  migrate(ledger, "lockdown", lockdownMigrations);
  migrate(ledger, "decisions", decisionMigrations);
  migrate(ledger, "rights", rightsMigrations);
  migrate(ledger, "changes", changeMigrations);
  migrate(ledger, "terms", termMigrations);
  migrate(ledger, "emergencies", emergencyMigrations);
  migrate(ledger, "first person in", firstInMigrations);
  migrate(ledger, "exit drills", drillMigrations);
  migrate(ledger, "face tally", tallyMigrations);
  migrate(ledger, "alarms", alarmMigrations);
  const alarms = new StandingAlarms(ledger, clock);
  migrate(ledger, "face calibration", yardstickMigrations);
  const keys = openKeyRing({
    path: at("keys/slots"),
    db: ledger,
    credentials: process.env.CREDENTIALS_DIRECTORY,
    allowUnsafeDisk: config.allowUnsafeDisk,
  });
  for (const warning of keys.warnings) say(`vault: ${warning}`);
  const people = openDatabase(at("people.db"), peopleMigrations, "people");
  migrate(people, "passes", passMigrations);
  migrate(people, "chips", chipMigrations);
  const faces = openDatabase(at("faces.db"));
  const subjectKeys = openSubjectKeys(keys);
  const name = keys.secret("site").toString("hex").slice(0, 8); // tells two sites' logs and seals apart
  const log = openAuditLog({
    db: ledger,
    tilesDir: config.audit,
    // a log goes on under the name it has: after a restore that is not the one its keys would give it
    origin: config.origin ?? originOnRecord(ledger) ?? `limen.local/${name}`,
    ring: keys,
    subjectKeys,
    dayKeys: openDayKeys(keys),
    clock,
    alongside: (entry) => alarms.recorded(entry),
    trouble: (error) =>
      say(`log: tiles could not be written (${errorCode(error)}); tried again with the next entry`),
  });
  alarms.derive(
    log
      .query({ classes: ["door-event"], limit: looksBack })
      .reverse()
      .flatMap(({ fields }) => happeningOf(fields) ?? []),
  );
  return {
    ledger,
    alarms,
    people,
    faces,
    keys,
    subjectKeys,
    templateKeys: keys.keys("template"),
    log,
    siteId: `site-${name}`,
    close() {
      log.close();
      keys.close();
      for (const db of [people, faces, ledger]) db.close();
    },
  };
}

/** The name of the log in this ledger; undefined while there is none. */
function originOnRecord(ledger: DatabaseSync): string | undefined {
  const table = ledger.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'log'").get();
  const row = table && ledger.prepare("SELECT origin FROM log").get();
  return row === undefined ? undefined : String(row.origin);
}
