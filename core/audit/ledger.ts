import type { DatabaseSync } from "node:sqlite";
import { LimenError } from "../errors.ts";
import { migrate } from "../store/migrate.ts";
import { type Hash, leafHash } from "./merkle.ts";
import type { HashSource } from "./prove.ts";

const migrations = [
  {
    version: 1,
    name: "log",
    sql: `
    CREATE TABLE log (
      id INTEGER PRIMARY KEY CHECK (id = 1), origin TEXT NOT NULL, vkey TEXT NOT NULL, size INTEGER NOT NULL, note TEXT NOT NULL
    ) STRICT;
    CREATE TABLE leaf (idx INTEGER PRIMARY KEY, entry BLOB NOT NULL CHECK (length(entry) = 36)) STRICT;
    -- roots of full tiles: level 1 over 256 leaves, level 2 over 65,536, …
    CREATE TABLE tree_hash (
      level INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL CHECK (length(hash) = 32), PRIMARY KEY (level, idx)
    ) STRICT, WITHOUT ROWID;
    -- parts: 1 shared only, 2 personal only, 3 both, as it was written
    CREATE TABLE payload (
      idx INTEGER PRIMARY KEY, class INTEGER NOT NULL, day INTEGER NOT NULL, parts INTEGER NOT NULL CHECK (parts IN (1, 2, 3)),
      door TEXT, tag BLOB, who BLOB, shared BLOB, personal BLOB
    ) STRICT;
    CREATE INDEX payload_day ON payload (day, class, idx);
    CREATE INDEX payload_class ON payload (class, idx);
    CREATE INDEX payload_door ON payload (door, idx) WHERE door IS NOT NULL;
    CREATE INDEX payload_tag ON payload (tag) WHERE tag IS NOT NULL;
    CREATE TABLE cosigned (size INTEGER PRIMARY KEY, note TEXT NOT NULL, lines TEXT NOT NULL) STRICT`,
  },
];

/** What is kept beside the tree of one entry. `who` names the subject, sealed; `tag` finds it, by day. */
export interface PayloadRow {
  idx: number;
  class: number;
  day: number;
  parts: number;
  door: string | null;
  tag: Buffer | null;
  who: Buffer | null;
  shared: Buffer | null;
  personal: Buffer | null;
}

export interface LogRow {
  origin: string;
  vkey: string;
  size: number;
  note: string;
}

const bytes = (value: unknown): Buffer | null => (value === null ? null : Buffer.from(value as Uint8Array));
const rowOf = (row: Record<string, unknown>): PayloadRow => ({
  ...(row as unknown as PayloadRow),
  tag: bytes(row.tag),
  who: bytes(row.who),
  shared: bytes(row.shared),
  personal: bytes(row.personal),
});

/** The log's tables in the ledger database: leaves, tile roots, payloads, the newest checkpoint. Plain storage. */
export class Ledger implements HashSource {
  readonly db: DatabaseSync;
  readonly #leaves;
  readonly #hashes;
  readonly #addLeaf;
  readonly #addHash;
  readonly #addPayload;
  readonly #payload;
  readonly #setLog;

  constructor(db: DatabaseSync) {
    migrate(db, "audit", migrations);
    this.db = db;
    this.#leaves = db.prepare("SELECT entry FROM leaf WHERE idx >= ? AND idx < ? ORDER BY idx");
    this.#hashes = db.prepare(
      "SELECT hash FROM tree_hash WHERE level = ? AND idx >= ? AND idx < ? ORDER BY idx",
    );
    this.#addLeaf = db.prepare("INSERT INTO leaf (idx, entry) VALUES (?, ?)");
    this.#addHash = db.prepare("INSERT INTO tree_hash (level, idx, hash) VALUES (?, ?, ?)");
    this.#addPayload = db.prepare(
      "INSERT INTO payload (idx, class, day, parts, door, tag, who, shared, personal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#payload = db.prepare("SELECT * FROM payload WHERE idx = ?");
    this.#setLog = db.prepare("UPDATE log SET size = ?, note = ? WHERE id = 1 AND size = ? AND size <= ?");
  }

  log(): LogRow | undefined {
    return this.db.prepare("SELECT origin, vkey, size, note FROM log").get() as LogRow | undefined;
  }

  /** Starts a log, or gives the same tree a new origin and key. */
  begin({ origin, vkey, size, note }: LogRow): void {
    this.db
      .prepare("INSERT OR REPLACE INTO log (id, origin, vkey, size, note) VALUES (1, ?, ?, ?, ?)")
      .run(origin, vkey, size, note);
    this.db.exec("DELETE FROM cosigned"); // other words of another log
  }

  /** @throws LimenError `log-failed` when the stored size is another one, or larger: nothing smaller is ever signed */
  advance(from: number, to: number, note: string): void {
    const { changes } = this.#setLog.run(to, note, from, to);
    if (changes !== 1) throw new LimenError("log-failed", { status: 503, message: "another writer" });
  }

  addLeaf(index: number, entry: Buffer): void {
    this.#addLeaf.run(index, entry);
  }

  addHash(level: number, index: number, hash: Hash): void {
    this.#addHash.run(level, index, hash);
  }

  addPayload({ idx, class: number, day, parts, door, tag, who, shared, personal }: PayloadRow): void {
    this.#addPayload.run(idx, number, day, parts, door, tag, who, shared, personal);
  }

  payload(index: number): PayloadRow | undefined {
    const row = this.#payload.get(index);
    return row && rowOf(row);
  }

  /** Rows of `payload` for a WHERE clause with its values. */
  payloads(where: string, ...values: (string | number | Buffer)[]): PayloadRow[] {
    return this.db
      .prepare(`SELECT * FROM payload WHERE ${where}`)
      .all(...values)
      .map(rowOf);
  }

  /** Entries from one index up to another. @throws LimenError `log-damaged` when one is missing */
  entries(from: number, to: number): Buffer[] {
    const rows = this.#leaves.all(from, to);
    if (rows.length !== to - from) throw damaged(`entries ${from} to ${to}`);
    return rows.map(({ entry }) => Buffer.from(entry as Uint8Array));
  }

  hashes(level: number, from: number, count: number): Hash[] {
    if (level === 0) return this.entries(from, from + count).map(leafHash);
    const rows = this.#hashes.all(level, from, from + count);
    if (rows.length !== count) throw damaged(`level ${level} from ${from}`);
    return rows.map(({ hash }) => Buffer.from(hash as Uint8Array));
  }

  leafCount(): number {
    return Number(this.db.prepare("SELECT coalesce(max(idx) + 1, 0) AS n FROM leaf").get()?.n);
  }
}

export const damaged = (message: string): LimenError =>
  new LimenError("log-damaged", { status: 503, message });
