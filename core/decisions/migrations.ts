import type { Migration } from "../store/migrate.ts";

/**
 * The decision record's part of `ledger.db`: append-only by trigger. An entry is never altered; another one may stand in
 * its place and says so. Only the end of its years takes it away.
 */
export const decisionMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "decision record and records of processing",
    sql: `
      CREATE TABLE decision_entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        at TEXT NOT NULL,
        by TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        body TEXT NOT NULL
      ) STRICT;
      CREATE TRIGGER decision_entry_fixed BEFORE UPDATE ON decision_entry
        BEGIN SELECT RAISE(ABORT, 'an entry of the decision record is never altered'); END;
      -- what was done with personal data under each deployed flow (PIPL 55, 56; GDPR 30), word for word
      CREATE TABLE processing_record (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        flow TEXT NOT NULL,
        at TEXT NOT NULL,
        -- when another flow took its place; null: it is the one in force
        until TEXT,
        texts TEXT NOT NULL
      ) STRICT;
    `,
  },
];
