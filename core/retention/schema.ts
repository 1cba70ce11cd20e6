import type { Migration } from "../store/migrate.ts";

/**
 * The erasure part of `ledger.db`. A finished erasure keeps its pseudonyms: they join to nothing any more, and a backup
 * that is older than the erasure has to be told whom not to revive.
 */
export const retentionMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "erasures and holds",
    sql: `
      CREATE TABLE erasure (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        scope TEXT NOT NULL CHECK (scope IN ('face', 'person', 'days')),
        cause TEXT NOT NULL,
        plan TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('running', 'waiting', 'done')),
        -- generations of the KEK before and after, once rotated
        key_from INTEGER,
        key_to INTEGER,
        -- what other holders of copies said
        others TEXT NOT NULL DEFAULT '[]',
        receipt TEXT
      ) STRICT;
      CREATE INDEX erasure_unfinished ON erasure (state) WHERE state <> 'done';
      CREATE TABLE erasure_step (
        erasure TEXT NOT NULL REFERENCES erasure (id),
        step TEXT NOT NULL,
        at TEXT,
        problem TEXT,
        tries INTEGER NOT NULL DEFAULT 0,
        -- where the log has it
        leaf INTEGER,
        PRIMARY KEY (erasure, step)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE hold (
        id TEXT PRIMARY KEY,
        person TEXT,
        from_day TEXT NOT NULL,
        to_day TEXT NOT NULL,
        reason TEXT NOT NULL,
        by TEXT NOT NULL,
        at TEXT NOT NULL,
        expires TEXT NOT NULL,
        lifted TEXT
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    name: "restore gate",
    sql: `
      CREATE TABLE restore_gate (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        site TEXT NOT NULL,
        -- when the backup was made, and how long the log was then
        made TEXT NOT NULL,
        size INTEGER NOT NULL,
        shut TEXT NOT NULL,
        opened TEXT
      ) STRICT;
    `,
  },
];
