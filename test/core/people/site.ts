import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { LogEntry, Recorded } from "../../../core/audit/types.ts";
import type { Clock } from "../../../core/clock.ts";
import {
  Accounts,
  Credentials,
  chipMigrations,
  Persons,
  peopleMigrations,
  SignIn,
  StrongCards,
} from "../../../core/people/index.ts";
import { migrate, openDatabase } from "../../../core/store/database.ts";
import { openKeyRing } from "../../../core/store/keyring.ts";
import { openSubjectKeys } from "../../../core/store/subject-keys.ts";

/** A log that only remembers, for tests that are not about the log. */
export class PlainLog {
  readonly entries: LogEntry[] = [];
  broken = false;

  appendWith(entries: readonly LogEntry[], alongside?: () => void): Recorded[] {
    if (this.broken) throw new Error("the disk is full");
    alongside?.();
    return entries.map((entry) => ({ index: this.entries.push(entry) - 1, origin: "test" }));
  }
}

/** People of a site in a folder of its own; `close` then `openPeople(clock, dir)` is a restart. */
export function openPeople(clock: Clock, dir = mkdtempSync(join(tmpdir(), "limen-people-"))) {
  const ledger = openDatabase(join(dir, "ledger.db"));
  const db: DatabaseSync = openDatabase(join(dir, "people.db"), peopleMigrations, "people");
  migrate(db, "chips", chipMigrations);
  const ring = openKeyRing({ path: join(dir, "keys"), db: ledger, allowUnsafeDisk: true });
  const keys = openSubjectKeys(ring);
  const log = new PlainLog();
  const persons = new Persons({ db, keys, clock, site: "test-site" });
  const faces = new Set<string>();
  const credentials = new Credentials({ db, ring, log, clock, hasFace: (person) => faces.has(person) });
  const strongCards = new StrongCards({ db, ring, credentials });
  const accounts = new Accounts({ db, clock });
  const waits: number[] = [];
  const signIn = new SignIn({
    db,
    clock,
    accounts,
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  const close = () => {
    ring.close();
    db.close();
    ledger.close();
  };
  const remove = () => {
    close();
    rmSync(dir, { recursive: true, force: true });
  };
  return {
    dir,
    db,
    ledger,
    ring,
    keys,
    log,
    persons,
    credentials,
    strongCards,
    accounts,
    signIn,
    waits,
    faces,
    close,
    remove,
  };
}
