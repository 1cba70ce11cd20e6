import type { Migration } from "../store/migrate.ts";

/**
 * The registers of people's rights in `ledger.db`. What says something about a person is sealed under that person's key, or,
 * for somebody who is not registered, under a key of the row's own; what is in clear (kind, times, outcome) is what an office
 * has to answer for after the person is erased, and names nobody.
 */
export const rightsMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "requests, processors, disclosures, incidents, minors",
    sql: `
      CREATE TABLE rights_request (
        id TEXT PRIMARY KEY,
        person TEXT,
        kind TEXT NOT NULL,
        channel TEXT NOT NULL CHECK (channel IN ('resident-page', 'desk')),
        processor TEXT,
        filed TEXT NOT NULL,
        due TEXT NOT NULL,
        extended TEXT,
        escalated TEXT,
        state TEXT NOT NULL CHECK (state IN ('open', 'answered', 'refused', 'withdrawn', 'erased')),
        closed TEXT,
        sealed BLOB
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX rights_request_person ON rights_request (person) WHERE person IS NOT NULL;
      CREATE INDEX rights_request_open ON rights_request (due) WHERE state = 'open';
      CREATE TABLE processor (
        id TEXT PRIMARY KEY,
        facts TEXT NOT NULL,
        since TEXT NOT NULL,
        ended TEXT,
        -- what became of the data
        gave_back TEXT CHECK (gave_back IN ('returned', 'deleted'))
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE processor_access (
        id TEXT PRIMARY KEY,
        processor TEXT NOT NULL REFERENCES processor (id),
        token TEXT NOT NULL,
        from_time TEXT NOT NULL,
        until TEXT NOT NULL,
        reason TEXT NOT NULL,
        by TEXT NOT NULL,
        ended TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE disclosure (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('authority', 'inquiry')),
        recipient TEXT NOT NULL,
        basis TEXT NOT NULL,
        case_no TEXT NOT NULL,
        person TEXT,
        doors TEXT NOT NULL,
        from_time TEXT NOT NULL,
        to_time TEXT NOT NULL,
        names INTEGER NOT NULL,
        withheld TEXT,
        withheld_law TEXT,
        opened TEXT NOT NULL,
        opened_by TEXT NOT NULL,
        opened_name TEXT NOT NULL,
        approved TEXT,
        approved_by TEXT,
        approved_name TEXT,
        refused TEXT,
        expires TEXT NOT NULL,
        released INTEGER NOT NULL DEFAULT 0,
        last_release TEXT,
        entries INTEGER,
        people INTEGER,
        -- why, and who asked, under the person's key or its own
        sealed BLOB
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE disclosure_person (
        disclosure TEXT NOT NULL REFERENCES disclosure (id),
        person TEXT NOT NULL,
        at TEXT NOT NULL,
        told TEXT,
        PRIMARY KEY (disclosure, person)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX disclosure_of ON disclosure_person (person);
      CREATE TABLE breach (
        id TEXT PRIMARY KEY,
        drill INTEGER NOT NULL,
        facts TEXT NOT NULL,
        aware TEXT NOT NULL,
        opened TEXT NOT NULL,
        counts TEXT NOT NULL,
        people INTEGER NOT NULL,
        minors INTEGER NOT NULL,
        contained TEXT,
        authority TEXT,
        told TEXT,
        closed TEXT,
        lessons TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE breach_person (
        breach TEXT NOT NULL REFERENCES breach (id),
        person TEXT NOT NULL,
        PRIMARY KEY (breach, person)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX breach_of ON breach_person (person);
      CREATE TABLE minor_approval (
        id TEXT PRIMARY KEY,
        person TEXT,
        account TEXT NOT NULL,
        account_name TEXT NOT NULL,
        purpose TEXT NOT NULL,
        asked TEXT NOT NULL,
        decided TEXT,
        decided_by TEXT,
        granted INTEGER,
        until TEXT
      ) STRICT, WITHOUT ROWID;
      -- counts for the yearly report; of nobody
      CREATE TABLE minor_access (
        seq INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        role TEXT NOT NULL,
        purpose TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('approved', 'in-charge', 'denied'))
      ) STRICT;
    `,
  },
];
