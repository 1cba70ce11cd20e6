import type { DatabaseSync } from "node:sqlite";
import { LimenError } from "../errors.ts";

/** One step of a schema: `version` counts up from 1 without gaps, `sql` never changes once released. */
export interface Migration {
  version: number;
  name: string;
  sql: string;
}

/**
 * Brings one area's tables up to date, each step in a transaction of its own.
 * @throws LimenError `store-newer` when the file has steps this program does not know
 */
export function migrate(db: DatabaseSync, area: string, migrations: readonly Migration[]): void {
  db.exec(`CREATE TABLE IF NOT EXISTS migration (
    area TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (area, version)
  ) STRICT, WITHOUT ROWID`);
  const row = db
    .prepare("SELECT coalesce(max(version), 0) AS version FROM migration WHERE area = ?")
    .get(area);
  const present = Number(row?.version ?? 0);
  if (present > migrations.length) {
    throw new LimenError("store-newer", { status: 503, params: { area, version: present } });
  }
  migrations.forEach(({ version, name, sql }, position) => {
    if (version !== position + 1) throw new TypeError(`${area}: migration ${version} is out of order`);
    if (version <= present) return;
    db.exec("BEGIN IMMEDIATE");
    try {
      db.exec(sql);
      db.prepare("INSERT INTO migration (area, version, name) VALUES (?, ?, ?)").run(area, version, name);
      db.exec("COMMIT");
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  });
}
