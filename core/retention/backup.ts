import { createHash } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { type Signer, signJson, verifyJson } from "../consent/index.ts";
import { LimenError } from "../errors.ts";
import type { KeyRing } from "../store/types.ts";

/**
 * What a backup is: the ledger and the people, without templates, without any person's key and without the key that signs
 * the log. Names in it are sealed under keys that are not: it brings cards, codes, accounts, notices and the log back onto
 * a new box, never a name or a face. Onto the same box, whose keys are still there, names come back too.
 */
export interface Backup {
  /** Signed JSON: what is in it, and how far the log was. */
  manifest: string;
  files: Readonly<Record<BackupFile, Buffer>>;
  /**
   * Root of the site's named secrets and the days' keys, JSON. Opens card hashes and what is not personal in the log: the
   * caller encrypts manifest, files and secrets together, and nothing of it touches a disk before.
   */
  secrets: Buffer;
}
export const backupFiles = ["ledger.db", "people.db"] as const;
export type BackupFile = (typeof backupFiles)[number];

export interface Manifest extends Record<string, unknown> {
  type: "limen-backup";
  version: 1;
  site: string;
  /** RFC 3339 */
  made: string;
  log: { origin: string; size: number; checkpoint: string };
  /** SHA-256, hex. */
  files: Record<BackupFile | "secrets", string>;
}

export interface BackupDeps {
  ledger: DatabaseSync;
  people: DatabaseSync;
  log: Pick<AuditLog, "origin" | "size" | "checkpoint">;
  ring: Pick<KeyRing, "keys">;
  signer: Signer;
  clock: Clock;
  site: string;
}

/** What does not go into a copy. */
const cuts: Readonly<Record<BackupFile, string>> = {
  "ledger.db": "DELETE FROM wrapped_key",
  "people.db": "DELETE FROM session; DELETE FROM invitation; DELETE FROM lockout",
};

/** Makes a backup. Reads each database in one go and keeps no reader open, which would hold up an erasure. */
export function makeBackup({ ledger, people, log, ring, signer, clock, site }: BackupDeps): Backup {
  const files = {
    "ledger.db": copyWithout(ledger, cuts["ledger.db"]),
    "people.db": copyWithout(people, cuts["people.db"]),
  };
  const days = ring.keys("day");
  const held = {
    root: ring.keys("root").get("site")!.toString("base64"),
    days: Object.fromEntries(days.ids().map((id) => [id, days.get(id)!.toString("base64")])),
  };
  const secrets = Buffer.from(JSON.stringify(held));
  const manifest: Manifest = {
    type: "limen-backup",
    version: 1,
    site,
    made: clock.now().toISOString(),
    log: { origin: log.origin, size: log.size, checkpoint: log.checkpoint() },
    files: {
      "ledger.db": sha256(files["ledger.db"]),
      "people.db": sha256(files["people.db"]),
      secrets: sha256(secrets),
    },
  };
  return { manifest: signJson(manifest, signer), files, secrets };
}

/**
 * Checks that a backup is whole.
 * @param publicKey of the site that made it, where that is known; else the manifest only vouches for itself
 * @throws LimenError `backup-damaged` naming what; `receipt-bad` for a manifest of another key
 */
export function readManifest(backup: Backup, publicKey?: string): Manifest {
  const manifest = verifyJson<Manifest>(backup.manifest, publicKey ?? keyIn(backup.manifest));
  if (manifest.type !== "limen-backup" || manifest.version !== 1) throw damaged("manifest");
  for (const name of backupFiles) {
    if (sha256(backup.files[name]) !== manifest.files[name]) throw damaged(name);
  }
  if (sha256(backup.secrets) !== manifest.files.secrets) throw damaged("secrets");
  return manifest;
}

function copyWithout(db: DatabaseSync, cut: string): Buffer {
  const bytes = db.serialize();
  bytes[18] = 1; // the copy is no WAL database: a file in memory cannot be one
  bytes[19] = 1;
  const copy = new DatabaseSync(":memory:");
  try {
    copy.deserialize(bytes);
    copy.exec(`PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; ${cut}; VACUUM`);
    return Buffer.from(copy.serialize());
  } finally {
    copy.close();
  }
}

function keyIn(manifest: string): string {
  try {
    return String((JSON.parse(manifest) as { signature: { key: string } }).signature.key);
  } catch {
    throw damaged("manifest");
  }
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const damaged = (what: string): LimenError =>
  new LimenError("backup-damaged", { params: { what }, status: 422 });
