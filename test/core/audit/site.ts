import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type AuditLogOptions, openAuditLog } from "../../../core/audit/log.ts";
import type { AuditLog, LogEntry } from "../../../core/audit/types.ts";
import { openDatabase } from "../../../core/store/database.ts";
import { openDayKeys } from "../../../core/store/day-keys.ts";
import { openKeyRing } from "../../../core/store/keyring.ts";
import { openSubjectKeys } from "../../../core/store/subject-keys.ts";
import type { KeyRing, SubjectKeys } from "../../../core/store/types.ts";
import { type HandClock, handClock } from "../hand-clock.ts";

/** A ledger, its keys and its log in a folder of their own, that can be closed and opened again. */
export interface TestSite {
  folder: string;
  tiles: string;
  clock: HandClock;
  db: DatabaseSync;
  ring: KeyRing;
  subjects: SubjectKeys;
  log: AuditLog;
  /** Opens everything (again), as a restart would. */
  open(options?: Partial<AuditLogOptions>): AuditLog;
  close(): void;
  /** Closes and deletes everything. */
  remove(): void;
}

export function testSite(options: Partial<AuditLogOptions> = {}): TestSite {
  const folder = mkdtempSync(join(tmpdir(), "limen-log-"));
  const site = { folder, tiles: join(folder, "audit"), clock: handClock() } as TestSite;
  site.open = (more = {}) => {
    if (site.db?.isOpen) site.close();
    site.db = openDatabase(join(folder, "ledger.db"));
    site.ring = openKeyRing({ path: join(folder, "keys"), db: site.db });
    site.subjects = openSubjectKeys(site.ring);
    site.log = openAuditLog({
      db: site.db,
      tilesDir: site.tiles,
      origin: "test.example/gate",
      ring: site.ring,
      subjectKeys: site.subjects,
      dayKeys: openDayKeys(site.ring),
      clock: site.clock,
      publishMs: 0,
      ...options,
      ...more,
    });
    return site.log;
  };
  site.close = () => {
    site.log.close();
    site.ring.close();
    site.db.close();
  };
  site.remove = () => {
    if (site.db.isOpen) site.close();
    rmSync(folder, { recursive: true });
  };
  site.open();
  return site;
}

export const decision = (site: TestSite, number = 0, more: Partial<LogEntry> = {}): LogEntry => ({
  class: "decision",
  at: site.clock.now(),
  door: `door-${number % 3}`,
  fields: { method: "card", outcome: number % 5 === 0 ? "denied" : "granted", number },
  ...more,
});
