import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../core/clock.ts";
import { LimenError } from "../core/errors.ts";
import type { Migration } from "../core/store/migrate.ts";

export const changeMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "staged deploys, and the flow that may run",
    sql: `
      -- a deploy that waits for a second person; 'leaf' is where the log tells of it. Times in ms since 1970
      CREATE TABLE staged_change (
        leaf INTEGER PRIMARY KEY,
        owner TEXT NOT NULL,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        since INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        agreed TEXT
      ) STRICT;
      -- the flow last taken, and whether it asks for two persons
      CREATE TABLE deployed_flow (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        hash TEXT NOT NULL,
        two_persons INTEGER NOT NULL
      ) STRICT;
      -- who made a token: it is no second person beside its maker
      CREATE TABLE token_maker (token TEXT PRIMARY KEY, staff TEXT NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
];

/** How long a deploy waits for a second person: over a weekend, and not for ever. */
export const waitMs = 72 * 3_600_000;
/** More than anyone would look through. */
const mostWaiting = 20;

export interface Staged {
  leaf: number;
  owner: string;
  name: string;
  role: string;
  before: string;
  after: string;
  since: number;
  expires: number;
  /** Name of who agreed, once somebody has. */
  agreed: string | null;
}

/** Deploys that wait for a second person, and the last flow that was let in. On disk: a restart forgets neither. */
export class Changes {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  /** @param db `ledger.db`, with `changeMigrations` */
  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * May this flow be armed? Always, until the last one that was asks for two persons; from then on only itself, and what a
   * second person agreed to. A flow that may, and breaks no rule, is remembered.
   */
  admits({ hash, twoPersons, lawful }: { hash: string; twoPersons: boolean; lawful: boolean }): boolean {
    const row = this.#db.prepare("SELECT hash, two_persons FROM deployed_flow").get();
    if (row?.two_persons === 1 && row.hash !== hash) return false;
    if (lawful) this.take(hash, twoPersons);
    return true;
  }

  /** Remembers a flow as the one that may run. */
  take(hash: string, twoPersons: boolean): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO deployed_flow (only, hash, two_persons) VALUES (1, ?, ?)")
      .run(hash, Number(twoPersons));
  }

  /** A staged flow that a second person agreed to has been deployed: it may run. Its setting follows with `configure`. */
  carriedOut(leaf: number, hash: string): boolean {
    const staged = this.find(leaf);
    if (!staged || staged.agreed === null || staged.after !== hash) return false;
    this.remove(leaf);
    this.take(hash, true);
    return true;
  }

  /** @throws LimenError `changes-waiting` when too many wait already: somebody should decide */
  add(staged: Omit<Staged, "since" | "expires" | "agreed">): Staged {
    const since = this.#clock.now().getTime();
    const row: Staged = { ...staged, since, expires: since + waitMs, agreed: null };
    const { leaf, owner, name, role, before, after, expires } = row;
    this.#db
      .prepare(
        `INSERT INTO staged_change (leaf, owner, name, role, before, after, since, expires)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(leaf, owner, name, role, before, after, since, expires);
    return row;
  }

  /** @throws LimenError `changes-waiting` */
  requireRoom(): void {
    if (this.waiting().length >= mostWaiting)
      throw new LimenError("changes-waiting", { status: 409, params: { count: mostWaiting } });
  }

  find(leaf: number): Staged | undefined {
    return this.#db.prepare("SELECT * FROM staged_change WHERE leaf = ?").get(leaf) as Staged | undefined;
  }

  /** Oldest first. */
  waiting(): Staged[] {
    return this.#db
      .prepare("SELECT * FROM staged_change WHERE agreed IS NULL ORDER BY leaf")
      .all() as unknown as Staged[];
  }

  /** Everything staged, agreed to or not. */
  all(): Staged[] {
    return this.#db.prepare("SELECT * FROM staged_change ORDER BY leaf").all() as unknown as Staged[];
  }

  /** Those whose time is over. */
  over(): Staged[] {
    const now = this.#clock.now().getTime();
    return this.all().filter(({ expires }) => expires <= now);
  }

  agree(leaf: number, name: string): void {
    this.#db.prepare("UPDATE staged_change SET agreed = ? WHERE leaf = ?").run(name, leaf);
  }

  remove(leaf: number): void {
    this.#db.prepare("DELETE FROM staged_change WHERE leaf = ?").run(leaf);
  }

  tokenMade(token: string, maker: string): void {
    this.#db
      .prepare("INSERT OR REPLACE INTO token_maker (token, staff) VALUES (?, ?)")
      .run(token, this.personOf(maker));
  }

  /** The account behind an actor: of a token whoever made it, where that is known. */
  personOf(actor: string): string {
    const row = this.#db.prepare("SELECT staff FROM token_maker WHERE token = ?").get(actor);
    return row === undefined ? actor : String(row.staff);
  }
}
