import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LimenError } from "../errors.ts";
import { type Migration, migrate } from "./migrate.ts";

export type { Migration } from "./migrate.ts";
export { migrate } from "./migrate.ts";

/**
 * What every connection is set to, and what SQLite must answer when asked back. FULL: an acknowledged row survives a
 * power cut. secure_delete: a deleted row is overwritten, not just unlinked. Both are per connection, so each open sets
 * and proves them; an older driver was caught silently going back to NORMAL on the second open of a file.
 */
const settings: readonly [pragma: string, set: string, readBack: string | number][] = [
  ["busy_timeout", "5000", 5000],
  ["journal_mode", "WAL", "wal"],
  ["synchronous", "FULL", 2],
  ["secure_delete", "ON", 1],
  ["foreign_keys", "ON", 1],
  ["trusted_schema", "OFF", 0],
  ["temp_store", "MEMORY", 2],
  ["wal_autocheckpoint", "1000", 1000],
  ["journal_size_limit", "0", 0],
];

/**
 * Opens (creates, mode 0600) one database file and brings its schema up to date.
 * @param area names this list of migrations; other modules add theirs to the same file with `migrate`
 * @throws LimenError `store-unsafe` when a setting does not read back, `store-newer` when a later version wrote the file,
 *   `store-damaged` when it is no database
 */
export function openDatabase(
  path: string,
  migrations: readonly Migration[] = [],
  area = "main",
): DatabaseSync {
  createPrivately(path);
  const db = new DatabaseSync(path, { allowExtension: false });
  try {
    for (const [pragma, set, readBack] of settings) {
      db.exec(`PRAGMA ${pragma}=${set}`);
      requireSetting(db, pragma, readBack);
    }
    migrate(db, area, migrations);
  } catch (error) {
    db.close();
    if (error instanceof LimenError) throw error;
    throw new LimenError("store-damaged", {
      status: 503,
      cause: error,
      message: `${path}: ${String(error)}`,
    });
  }
  return db;
}

/** @throws LimenError `store-unsafe` when a connection is not as `openDatabase` leaves it */
export function requireSafe(db: DatabaseSync): void {
  for (const [pragma, , readBack] of settings) requireSetting(db, pragma, readBack);
}

function requireSetting(db: DatabaseSync, pragma: string, wanted: string | number): void {
  const row = db.prepare(`PRAGMA ${pragma}`).get();
  const found = row && Object.values(row)[0];
  if (found === wanted) return;
  throw new LimenError("store-unsafe", {
    status: 503,
    params: { setting: pragma },
    message: `PRAGMA ${pragma} reads ${String(found)}, not ${wanted}`,
  });
}

/** SQLite itself would create the file readable by everyone the umask allows. */
function createPrivately(path: string): void {
  makeFolder(dirname(path));
  closeSync(openSync(path, "a", 0o600));
  syncFolder(dirname(path));
}

/** Makes a folder (mode 0700) and those above it, so that their names survive a power cut too. */
export function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = resolve(folder); made.length >= first.length; made = dirname(made))
    syncFolder(dirname(made));
}

/** Makes names created in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return; // a folder cannot be opened there; NTFS journals names
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Runs `work` in one transaction; durable when it returns. Inside another one it is a savepoint of that one.
 * `work` must not wait: whatever it awaits would land outside.
 */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  const nested = db.isTransaction;
  db.exec(nested ? "SAVEPOINT step" : "BEGIN IMMEDIATE");
  try {
    const result = work();
    if (result instanceof Promise) throw new TypeError("a transaction cannot wait");
    db.exec(nested ? "RELEASE step" : "COMMIT");
    return result;
  } catch (error) {
    // A full disk may have rolled everything back already; then there is nothing to undo.
    if (db.isTransaction) db.exec(nested ? "ROLLBACK TO step; RELEASE step" : "ROLLBACK");
    throw error;
  }
}

/**
 * Moves the write-ahead log into the database and empties it. Deleted rows are only gone from both files once this
 * answers `busy: false`; an open reader makes it answer `busy: true` and leaves them in place.
 */
export function truncateWal(db: DatabaseSync): { busy: boolean } {
  const row = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
  return { busy: row?.busy !== 0 };
}
