import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Decrypter } from "age-encryption";
import { openAuditLog } from "../core/audit/log.ts";
import { systemClock } from "../core/clock.ts";
import { LimenError } from "../core/errors.ts";
import { adoptBackup, type Backup, readManifest } from "../core/retention/index.ts";
import { openDatabase } from "../core/store/database.ts";
import { openDayKeys } from "../core/store/day-keys.ts";
import { openKeyRing } from "../core/store/keyring.ts";
import { openSubjectKeys } from "../core/store/subject-keys.ts";
import { sentence } from "../core/words.ts";
import { asOperator } from "./operator.ts";
import { passphraseFrom } from "./passphrase.ts";
import { language } from "./words.ts";

/**
 * `limen restore`: a backup into an empty data folder, and afterwards, on the running system, the erasures that are newer
 * than it. Until those are repeated no face is enrolled or compared (RD-45).
 */
export async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      into: { type: "string" },
      journal: { type: "string" },
      release: { type: "boolean" },
      "passphrase-file": { type: "string" },
    },
  });
  const say = (key: string, params: Record<string, string | number> = {}) =>
    process.stdout.write(`${sentence(language, key, params)}\n`);
  const [file] = positionals;
  if (values.journal !== undefined) {
    const journal = readFileSync(values.journal, "utf8");
    const { erased } = await asOperator((vault, auth) => vault.call("restore.replay", { auth, journal }));
    say("cli.restore-replayed", { erased });
    return 0;
  }
  if (values.release === true) {
    await asOperator((vault, auth) => vault.call("restore.release", { auth }));
    say("cli.restore-released");
    return 0;
  }
  if (file === undefined || values.into === undefined) {
    process.stderr.write(`${sentence(language, "cli.restore-usage")}\n`);
    return 2;
  }
  const into = resolve(values.into);
  if (existsSync(join(into, "ledger.db"))) {
    throw new LimenError("restore-not-empty", { params: { folder: into } });
  }
  const backup = await decrypted(file, await passphraseFrom(values["passphrase-file"], { fresh: false }));
  say("cli.restore-done", { into, origin: place(backup, into) });
  return 0;
}

async function decrypted(file: string, passphrase: string): Promise<Backup> {
  const age = new Decrypter();
  age.addPassphrase(passphrase);
  let parts: Record<"manifest" | "ledger" | "people" | "secrets", string>;
  try {
    parts = JSON.parse(await age.decrypt(readFileSync(file), "text"));
  } catch (cause) {
    throw new LimenError("passphrase-wrong", { cause });
  }
  const bytes = (text: string) => Buffer.from(text, "base64");
  const backup: Backup = {
    manifest: parts.manifest,
    files: { "ledger.db": bytes(parts.ledger), "people.db": bytes(parts.people) },
    secrets: bytes(parts.secrets),
  };
  readManifest(backup);
  return backup;
}

/** Lays the files down, makes new keys, and begins the log's next part. @returns its origin */
function place(backup: Backup, into: string): string {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  for (const [name, bytes] of Object.entries(backup.files)) {
    writeFileSync(join(into, name), bytes, { mode: 0o600, flag: "wx" });
  }
  const db = openDatabase(join(into, "ledger.db"));
  const ring = openKeyRing({
    path: join(into, "keys/slots"),
    db,
    credentials: process.env.CREDENTIALS_DIRECTORY,
    allowUnsafeDisk: process.env.LIMEN_ALLOW_UNSAFE_DISK === "1",
  });
  const origin = adoptBackup({ ledger: db, ring }, backup, systemClock);
  openAuditLog({
    db,
    tilesDir: join(into, "audit"),
    origin,
    ring,
    subjectKeys: openSubjectKeys(ring),
    dayKeys: openDayKeys(ring),
    clock: systemClock,
    publishMs: 0,
  }).close();
  ring.close();
  db.close();
  return origin;
}
