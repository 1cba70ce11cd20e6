export {
  type Backup,
  type BackupFile,
  backupFiles,
  type Manifest,
  makeBackup,
  readManifest,
} from "./backup.ts";
export { type Bound, type DataClassName, dataClasses, requireWithin } from "./classes.ts";
export { type ErasureDeps, Erasures } from "./erasures.ts";
export { type DoorEntries, type ExportDeps, exportPerson, type PersonExport } from "./export.ts";
export { type Hold, Holds } from "./holds.ts";
export { IdleFaces } from "./idle.ts";
export { type LookUp, type LookUpRequest, lookUps } from "./look-up.ts";
export { Removal } from "./removal.ts";
export { adoptBackup, type ErasureJournal, journalOf, nextOrigin, RestoreGate } from "./restore.ts";
export { Retention } from "./retention.ts";
export { retentionMigrations } from "./schema.ts";
export * from "./types.ts";
