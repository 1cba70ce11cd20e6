import type { Migration } from "../store/migrate.ts";

/**
 * The consent part of `ledger.db`. `consent_change` is append-only by trigger: a state is whatever its last row says, and
 * no row is ever altered. It names no person; the link from a consent to its person is cut when the person is erased.
 */
export const consentMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "notices and consents",
    sql: `
      CREATE TABLE notice (
        id TEXT NOT NULL,
        method TEXT NOT NULL,
        major INTEGER NOT NULL,
        minor INTEGER NOT NULL,
        material TEXT NOT NULL,
        language TEXT NOT NULL,
        hash TEXT NOT NULL,
        doors TEXT NOT NULL,
        text TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (id, language),
        UNIQUE (method, major, minor, language)
      ) STRICT, WITHOUT ROWID;
      -- which notice is in force at which door, as the deployed flow last said
      CREATE TABLE notice_in_force (
        method TEXT NOT NULL,
        door TEXT NOT NULL,
        major INTEGER NOT NULL,
        minor INTEGER NOT NULL,
        PRIMARY KEY (method, door)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE consent (
        id TEXT PRIMARY KEY,
        person TEXT,
        method TEXT NOT NULL,
        doors TEXT NOT NULL,
        notice TEXT NOT NULL,
        material TEXT NOT NULL,
        language TEXT NOT NULL,
        -- record and facts, under the person's key
        sealed BLOB
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX consent_person ON consent (person);
      CREATE TABLE consent_change (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        consent TEXT NOT NULL REFERENCES consent (id),
        state TEXT NOT NULL CHECK (state IN ('given', 'refused', 'withdrawn', 'suspended', 'expired', 'terminated')),
        at TEXT NOT NULL,
        by TEXT NOT NULL CHECK (by IN ('self', 'guardian', 'staff', 'system')),
        channel TEXT,
        reason TEXT
      ) STRICT;
      CREATE INDEX consent_change_consent ON consent_change (consent, seq);
      CREATE TRIGGER consent_change_fixed BEFORE UPDATE ON consent_change
        BEGIN SELECT RAISE(ABORT, 'a change of consent is never altered'); END;
      CREATE TRIGGER consent_change_kept BEFORE DELETE ON consent_change
        BEGIN SELECT RAISE(ABORT, 'a change of consent is never deleted'); END;
      -- the latest time this ledger has seen: a clock set back revives nothing that ran out
      CREATE TABLE consent_clock (one INTEGER PRIMARY KEY CHECK (one = 1), latest INTEGER NOT NULL) STRICT;
      INSERT INTO consent_clock VALUES (1, 0);
    `,
  },
];
