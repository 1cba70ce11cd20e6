import { hkdfSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { LimenError } from "../errors.ts";
import { unwrapKey, wrapKey } from "./aes-kw.ts";
import { makeFolder, transaction, truncateWal } from "./database.ts";
import { checkDisk } from "./disk.ts";
import { migrate } from "./migrate.ts";
import { type Slot, SlotFile, unlockKey } from "./slots.ts";
import type { KeyRing, WrappedKeys } from "./types.ts";

export interface KeyRingOptions {
  /** The slot file, e.g. `<data>/keys`. */
  path: string;
  /** The ledger database: the ring keeps its table of wrapped keys there, so that a rewrap is one transaction. */
  db: DatabaseSync;
  /** `$CREDENTIALS_DIRECTORY`: when it holds `limen-unlock`, the slots are locked under that. */
  credentials?: string | undefined;
  /** Keep keys on a disk that cannot overwrite in place; said in `warnings`. */
  allowUnsafeDisk?: boolean;
  random?: (bytes: number) => Buffer;
}

const schema = [
  {
    version: 1,
    name: "wrapped keys",
    sql: `CREATE TABLE wrapped_key (
      kind TEXT NOT NULL, id TEXT NOT NULL, key BLOB NOT NULL CHECK (length(key) = 40), PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE key_ring (id INTEGER PRIMARY KEY CHECK (id = 1), settled INTEGER NOT NULL) STRICT;
    INSERT INTO key_ring (id, settled) VALUES (1, 0)`,
  },
];

/**
 * Opens the site's keys, making them on the first start and finishing what a power cut interrupted.
 * @throws LimenError `disk-unsafe`, `keys-locked` (no or another unlock key), `keys-damaged`, or `keys-lost`: the
 *   database holds keys that no slot opens (a restored database, a deleted slot file). Never makes new keys over old.
 */
export function openKeyRing(options: KeyRingOptions): KeyRing {
  const { path, db, credentials, allowUnsafeDisk = false, random = randomBytes } = options;
  makeFolder(dirname(path));
  const warnings = checkDisk(dirname(path), { allowUnsafeDisk });
  migrate(db, "keys", schema);
  const credential = credentials && join(credentials, "limen-unlock");
  const unlock = credential && existsSync(credential) ? unlockKey(readFileSync(credential)) : undefined;
  const slots = new SlotFile(path, unlock);
  try {
    const live = liveSlot(slots, db) ?? firstSlot(slots, random(32));
    const ring = new Ring(slots, live, db, warnings, random);
    if (unlock && !live.locked) ring.rotate(); // the unlock key is new here: no slot may go on holding a bare key
    return ring;
  } catch (error) {
    slots.close();
    throw error;
  }
}

/** The slot whose key opens the table; the other place is zeroed, whatever is in it. Undefined on the first start. */
function liveSlot(slots: SlotFile, db: DatabaseSync): Slot | undefined {
  const found = slots.read();
  const row = db.prepare("SELECT key FROM wrapped_key LIMIT 1").get();
  // Before the first key was wrapped nothing depends on a slot: the newest whole one will do.
  const live = row
    ? found.find(({ key }) => unwrapKey(key, Buffer.from(row.key as Uint8Array)))
    : found.toSorted((a, b) => b.generation - a.generation)[0];
  if (row && !live) throw new LimenError("keys-lost", { status: 503 });
  if (live) slots.zero(live.place === 0 ? 1 : 0);
  for (const { key } of found) if (key !== live?.key) key.fill(0);
  return live;
}

function firstSlot(slots: SlotFile, key: Buffer): Slot {
  slots.zero(1);
  return slots.write(0, 1, key);
}

class Ring implements KeyRing {
  readonly warnings: readonly string[];
  readonly #slots: SlotFile;
  readonly #db: DatabaseSync;
  readonly #random: (bytes: number) => Buffer;
  #live: Slot;
  /** A rotation failed and the spare slot may not be touched yet. */
  #unsettled = false;

  constructor(
    slots: SlotFile,
    live: Slot,
    db: DatabaseSync,
    warnings: readonly string[],
    random: (bytes: number) => Buffer,
  ) {
    this.#slots = slots;
    this.#live = live;
    this.#db = db;
    this.#random = random;
    this.warnings = warnings;
    this.keys("root").create("site");
  }

  get generation(): number {
    return this.#live.generation;
  }

  get store(): "slots" | "systemd-creds" {
    return this.#live.locked ? "systemd-creds" : "slots";
  }

  wrap(key: Buffer): Buffer {
    return wrapKey(this.#live.key, key);
  }

  unwrap(wrapped: Buffer): Buffer {
    const key = unwrapKey(this.#live.key, wrapped);
    if (!key) throw new LimenError("key-unwrap", { status: 503 });
    return key;
  }

  keys(kind: string): WrappedKeys {
    const find = this.#db.prepare("SELECT key FROM wrapped_key WHERE kind = ? AND id = ?");
    const add = this.#db.prepare("INSERT INTO wrapped_key (kind, id, key) VALUES (?, ?, ?)");
    const remove = this.#db.prepare("DELETE FROM wrapped_key WHERE kind = ? AND id = ?");
    const list = this.#db.prepare("SELECT id FROM wrapped_key WHERE kind = ? ORDER BY id");
    const get = (id: string): Buffer | undefined => {
      const row = find.get(kind, id);
      return row && this.unwrap(Buffer.from(row.key as Uint8Array));
    };
    return {
      get,
      create: (id) => {
        const present = get(id);
        if (present) return present;
        const key = this.#random(32);
        add.run(kind, id, this.wrap(key));
        return key;
      },
      destroy: (id) => {
        remove.run(kind, id);
      },
      ids: () => list.all(kind).map((row) => String(row.id)),
    };
  }

  rotate(rewrap?: (from: (wrapped: Buffer) => Buffer, to: (key: Buffer) => Buffer) => void): number {
    if (this.#db.isTransaction) throw new TypeError("a rotation is a transaction of its own");
    this.#settle();
    const old = this.#live;
    const place = old.place === 0 ? 1 : 0;
    const next = this.#slots.write(place, old.generation + 1, this.#random(32));
    const from = (wrapped: Buffer) => this.unwrap(wrapped);
    const to = (key: Buffer) => wrapKey(next.key, key);
    try {
      transaction(this.#db, () => {
        this.#rewrapTable(from, to);
        rewrap?.(from, to);
      });
    } catch (error) {
      this.#unsettled = true;
      next.key.fill(0);
      throw error;
    }
    this.#live = next;
    truncateWal(this.#db); // tidy; what it leaves is wrapped under the key that dies on the next line
    this.#slots.zero(old.place);
    old.key.fill(0);
    return next.generation;
  }

  /**
   * After a commit that failed, its pages may still lie whole in the write-ahead log and come back after a power cut.
   * Another durable commit takes their place; only then is the spare key sure never to be needed.
   */
  #settle(): void {
    if (!this.#unsettled) return;
    transaction(this.#db, () => this.#db.exec("UPDATE key_ring SET settled = settled + 1"));
    this.#unsettled = false;
  }

  #rewrapTable(from: (wrapped: Buffer) => Buffer, to: (key: Buffer) => Buffer): void {
    const update = this.#db.prepare("UPDATE wrapped_key SET key = ? WHERE kind = ? AND id = ?");
    for (const { kind, id, key } of this.#db.prepare("SELECT kind, id, key FROM wrapped_key").all()) {
      const plain = from(Buffer.from(key as Uint8Array));
      update.run(to(plain), kind!, id!);
      plain.fill(0);
    }
  }

  secret(name: string): Buffer {
    const root = this.keys("root").create("site");
    return Buffer.from(hkdfSync("sha256", root, Buffer.alloc(0), `limen secret v1 ${name}`, 32));
  }

  close(): void {
    this.#live.key.fill(0);
    this.#slots.close();
  }
}
