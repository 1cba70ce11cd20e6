import type { Migration } from "../store/migrate.ts";

/**
 * `people.db`. Personal fields are sealed under the person's own key; a card is a keyed hash of its number, a PIN is
 * argon2id, a session and a token are hashes of random values: a stolen file names nobody and opens nothing.
 */
export const peopleMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "persons and credentials",
    sql: `
      CREATE TABLE person (
        id TEXT PRIMARY KEY,
        sealed BLOB NOT NULL,
        doors TEXT,
        state TEXT NOT NULL CHECK (state IN ('resident', 'left')),
        since TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE credential (
        id TEXT PRIMARY KEY,
        person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('card', 'pin', 'pass')),
        assurance TEXT NOT NULL CHECK (assurance IN ('clonable', 'strong')),
        bits INTEGER,
        tail TEXT,
        doors TEXT,
        valid_until TEXT,
        state TEXT NOT NULL CHECK (state IN ('active', 'blocked')),
        reason TEXT,
        issued TEXT NOT NULL,
        ended TEXT
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX credential_person ON credential (person);
      -- whole = 1: every bit known at issue; 0: what a reader of fewer bits would see
      CREATE TABLE card_form (
        hash BLOB NOT NULL,
        bits INTEGER NOT NULL,
        whole INTEGER NOT NULL,
        credential TEXT NOT NULL REFERENCES credential (id) ON DELETE CASCADE,
        PRIMARY KEY (hash, credential)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX card_form_credential ON card_form (credential);
      CREATE TABLE pin (
        credential TEXT PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
        bucket INTEGER NOT NULL,
        phc TEXT NOT NULL,
        duress INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX pin_bucket ON pin (bucket);
      -- one row a keypad and one a door; times in ms since 1970
      CREATE TABLE lockout (
        place TEXT PRIMARY KEY,
        streak INTEGER NOT NULL,
        recent INTEGER NOT NULL,
        since INTEGER NOT NULL,
        level INTEGER NOT NULL,
        until INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 2,
    name: "staff, sessions, tokens",
    sql: `
      CREATE TABLE staff (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        folded TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        phc TEXT NOT NULL,
        first_run INTEGER NOT NULL,
        disabled INTEGER NOT NULL DEFAULT 0,
        since TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE session (
        hash BLOB PRIMARY KEY,
        staff TEXT REFERENCES staff (id) ON DELETE CASCADE,
        person TEXT REFERENCES person (id) ON DELETE CASCADE,
        opened INTEGER NOT NULL,
        seen INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE token (
        id TEXT PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        label TEXT NOT NULL,
        role TEXT NOT NULL,
        issued INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        revoked INTEGER
      ) STRICT, WITHOUT ROWID;
      -- a resident's way in: one use, short life
      CREATE TABLE invitation (
        hash BLOB PRIMARY KEY,
        person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        expires INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    version: 3,
    name: "passkeys, and when a session was last proved",
    sql: `
      CREATE TABLE passkey (
        id TEXT PRIMARY KEY,
        staff TEXT REFERENCES staff (id) ON DELETE CASCADE,
        person TEXT REFERENCES person (id) ON DELETE CASCADE,
        credential BLOB NOT NULL UNIQUE,
        public_key BLOB NOT NULL,
        counter INTEGER NOT NULL,
        -- the relying party it is good for: the site's host name when it was made
        rp TEXT NOT NULL,
        transports TEXT NOT NULL,
        label TEXT NOT NULL,
        synced INTEGER NOT NULL,
        since TEXT NOT NULL,
        used TEXT,
        CHECK ((staff IS NULL) <> (person IS NULL))
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX passkey_staff ON passkey (staff);
      CREATE INDEX passkey_person ON passkey (person);
      -- ms since 1970 of the last password or passkey given in this session
      ALTER TABLE session ADD COLUMN proved INTEGER NOT NULL DEFAULT 0;
    `,
  },
  {
    version: 4,
    name: "hours of credentials, duress codes, shared codes, who opens a door for the day",
    sql: `
      -- JSON, as in core/people/hours.ts; NULL: at any time
      ALTER TABLE credential ADD COLUMN schedule TEXT;
      -- doors (JSON) whose day begins when this person has come in
      ALTER TABLE person ADD COLUMN opens TEXT;
      -- another code of the same credential: nothing tells from outside which of the two was typed
      CREATE TABLE duress_pin (
        credential TEXT PRIMARY KEY REFERENCES credential (id) ON DELETE CASCADE,
        bucket INTEGER NOT NULL,
        phc TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX duress_pin_bucket ON duress_pin (bucket);
      -- a household's room code, or a door's own code: nobody's in particular
      CREATE TABLE shared_code (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('room', 'door')),
        doors TEXT NOT NULL,
        schedule TEXT,
        valid_until TEXT,
        state TEXT NOT NULL CHECK (state IN ('active', 'blocked')),
        reason TEXT,
        issued TEXT NOT NULL,
        ended TEXT,
        bucket INTEGER NOT NULL,
        phc TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX shared_code_bucket ON shared_code (bucket);
      CREATE TABLE shared_member (
        code TEXT NOT NULL REFERENCES shared_code (id) ON DELETE CASCADE,
        person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        PRIMARY KEY (code, person)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX shared_member_person ON shared_member (person);
      -- who made a bearer token: it ends with the account
      ALTER TABLE token ADD COLUMN staff TEXT;
    `,
  },
  {
    version: 5,
    name: "from when a way in by a link of staff's shows what doors did",
    sql: `
      -- ms since 1970; NULL: all of it
      ALTER TABLE session ADD COLUMN doors_from INTEGER;
      ALTER TABLE passkey ADD COLUMN doors_from INTEGER;
    `,
  },
];
