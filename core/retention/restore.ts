import type { DatabaseSync } from "node:sqlite";
import { openCheckpoint } from "../audit/checkpoint.ts";
import { parseVkey } from "../audit/note.ts";
import type { AuditLog } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { type Signer, signJson, verifyJson } from "../consent/index.ts";
import { LimenError } from "../errors.ts";
import type { Persons } from "../people/index.ts";
import { transaction } from "../store/database.ts";
import type { KeyRing } from "../store/types.ts";
import { type Backup, type Manifest, readManifest } from "./backup.ts";
import { ErasureBook } from "./book.ts";
import type { Erasures } from "./erasures.ts";
import type { ErasureOrder } from "./types.ts";

/**
 * Every erasure so far, signed: kept beside the backups (the vault writes it after each one), so that an older backup can be
 * told whom not to revive. Pseudonyms only.
 */
export interface ErasureJournal extends Record<string, unknown> {
  type: "limen-erasure-journal";
  version: 1;
  site: string;
  made: string;
  log: { origin: string; size: number };
  orders: ErasureOrder[];
}

export function journalOf(deps: {
  erasures: Erasures;
  log: Pick<AuditLog, "origin" | "size">;
  signer: Signer;
  clock: Clock;
  site: string;
}): string {
  const { erasures, log, signer, clock, site } = deps;
  const journal: ErasureJournal = {
    type: "limen-erasure-journal",
    version: 1,
    site,
    made: clock.now().toISOString(),
    log: { origin: log.origin, size: log.size },
    orders: erasures.finished(),
  };
  return signJson(journal, signer);
}

/** The origin a log goes on under after a restore: the old one's name with a count, so that it never forks. */
export function nextOrigin(origin: string): string {
  const [, name, count] = /^(.*?)(?:\/restored-(\d+))?$/.exec(origin)!;
  return `${name}/restored-${Number(count ?? 0) + 1}`;
}

/**
 * Puts a backup's secrets under the keys of a new box, and shuts the gate. Call it right after the ring is opened on the
 * restored `ledger.db` and before anything else is.
 * @returns the origin to open the log under: its first entry then cites the restored head
 * @throws LimenError `backup-damaged`, `receipt-bad`; `backup-foreign` when this ledger is not the backup's
 */
export function adoptBackup(
  deps: { ledger: DatabaseSync; ring: KeyRing },
  backup: Backup,
  clock: Clock,
): string {
  const { ledger, ring } = deps;
  const manifest = readManifest(backup);
  const head = ledger.prepare("SELECT origin, size FROM log").get();
  if (head?.origin !== manifest.log.origin || Number(head.size) !== manifest.log.size) {
    throw new LimenError("backup-foreign", { status: 422 });
  }
  const { root, days } = JSON.parse(backup.secrets.toString()) as {
    root: string;
    days: Record<string, string>;
  };
  const put = ledger.prepare("INSERT OR REPLACE INTO wrapped_key (kind, id, key) VALUES (?, ?, ?)");
  transaction(ledger, () => {
    put.run("root", "site", ring.wrap(Buffer.from(root, "base64")));
    for (const [id, key] of Object.entries(days)) put.run("day", id, ring.wrap(Buffer.from(key, "base64")));
    // whose key is not here cannot be read any more: their consents are history of nobody, and they are asked anew
    ledger.prepare("UPDATE consent SET person = NULL, sealed = NULL WHERE sealed IS NOT NULL").run();
    shut(ledger, manifest, clock);
  });
  return nextOrigin(manifest.log.origin);
}

function shut(ledger: DatabaseSync, { site, log, made }: Manifest, clock: Clock): void {
  ledger
    .prepare(
      "INSERT OR REPLACE INTO restore_gate (one, site, made, size, shut, opened) VALUES (1, ?, ?, ?, ?, NULL)",
    )
    .run(site, made, log.size, clock.now().toISOString());
}

export interface RestoreDeps {
  /** `ledger.db`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith" | "eraseSubjects" | "eraseDays" | "held">;
  persons: Persons;
  clock: Clock;
}

/** After a restore, faces stay off until every erasure newer than the backup has been repeated (RD-45). */
export class RestoreGate {
  readonly #deps: RestoreDeps;

  constructor(deps: RestoreDeps) {
    this.#deps = deps;
  }

  /** Faces may be enrolled and compared as far as a restore is concerned. */
  get open(): boolean {
    return this.#row() === undefined;
  }

  /**
   * Closes what cannot be opened any more, so that doors work while the gate is shut: personal parts of entries count as
   * erased, and people whose names are lost get a new key and a placeholder until somebody who knows them types the name.
   * Call it at every start, once the log is open.
   * @returns how many people's names were lost
   */
  begin(): number {
    const { log, persons } = this.#deps;
    const lost = this.open ? [] : persons.unreadable();
    if (lost.length > 0) log.eraseSubjects(lost, { fields: { cause: "restored" } });
    for (const id of lost) persons.renameLost(id);
    return lost.length;
  }

  /**
   * Repeats what the journal says, and opens the gate.
   * @param journal signed, of the same site, not older than the backup, nor than the newest head a witness has seen
   * @param witnessed that head: the signed checkpoint and the old log's vkey
   * @throws LimenError `receipt-bad`, `backup-foreign`, `journal-old`, `log-failed`
   */
  replay(
    text: string,
    publicKey: string,
    witnessed?: { checkpoint: string; vkey: string },
  ): { erased: number } {
    this.begin();
    const gate = this.#row();
    if (!gate) return { erased: 0 };
    const journal = verifyJson<ErasureJournal>(text, publicKey);
    if (journal.type !== "limen-erasure-journal" || journal.site !== gate.site) {
      throw new LimenError("backup-foreign", { status: 422 });
    }
    const least = Math.max(gate.size, witnessedSize(witnessed));
    if (journal.log.size < least) {
      throw new LimenError("journal-old", { status: 409, params: { size: journal.log.size, least } });
    }
    const { db, persons } = this.#deps;
    const book = new ErasureBook(db);
    for (const order of journal.orders) book.keep(order); // this box's own journal must not forget them
    for (const order of journal.orders) if (order.scope === "days") this.#days(order);
    const gone = journal.orders.flatMap((order) => (order.scope === "person" ? order.persons : []));
    const revived = gone.filter((person) => persons.has(person));
    for (const person of revived) persons.erase(person);
    this.#finish("journal", gone, { erased: revived.length });
    return { erased: revived.length };
  }

  /** Opens the gate because there is no journal to be had: somebody answers for it, on the record. */
  release(by: { id: string; role: string }): void {
    this.begin();
    if (!this.open) this.#finish("released", [], { by: by.id, role: by.role });
  }

  #days({ days, classes, part }: ErasureOrder): void {
    const held = new Set(this.#deps.log.held().map(({ day }) => day));
    const left = days.filter((day) => held.has(day));
    if (left.length > 0) this.#deps.log.eraseDays(left, { classes, part }, { fields: { cause: "restored" } });
  }

  /** @param gone people of the journal: what the restored log still holds of them goes too */
  #finish(how: string, gone: readonly string[], fields: Record<string, string | number>): void {
    const { db, log, clock } = this.#deps;
    if (gone.length > 0) log.eraseSubjects(gone, { fields: { cause: "restored" } });
    const at = clock.now();
    const entry = { event: "restore-gate-opened", how, ...fields };
    log.appendWith([{ class: "configuration", at, fields: { at: at.toISOString(), ...entry } }], () => {
      db.prepare("UPDATE restore_gate SET opened = ?").run(at.toISOString());
    });
  }

  #row(): { site: string; size: number } | undefined {
    return this.#deps.db.prepare("SELECT site, size FROM restore_gate WHERE opened IS NULL").get() as
      | { site: string; size: number }
      | undefined;
  }
}

function witnessedSize(witnessed: { checkpoint: string; vkey: string } | undefined): number {
  if (!witnessed) return 0;
  const verifier = parseVkey(witnessed.vkey);
  const checkpoint = verifier && openCheckpoint(witnessed.checkpoint, [verifier]);
  if (!checkpoint) throw new LimenError("receipt-bad", { params: { why: "checkpoint" } });
  return checkpoint.size;
}
