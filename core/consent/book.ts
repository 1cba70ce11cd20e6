import type { DatabaseSync } from "node:sqlite";
import { LimenError } from "../errors.ts";
import { open, seal } from "../store/seal.ts";
import type { SealContext, WrappedKeys } from "../store/types.ts";
import type { Live } from "./live.ts";
import type { SealedConsent } from "./receipt.ts";
import type {
  ChangeReason,
  Channel,
  ConsentChange,
  ConsentMethod,
  ConsentState,
  ConsentView,
  Language,
} from "./types.ts";

export interface ConsentBookDeps {
  /** `ledger.db`, with `consentMigrations`. */
  db: DatabaseSync;
  /** `openSubjectKeys(ring)`. */
  keys: Pick<WrappedKeys, "create" | "get">;
  /** Fixed for the life of the data folder. */
  site: string;
}

/** What of a consent is in clear: nothing that says more than that somebody has one. */
export interface ConsentRow {
  id: string;
  person: string;
  method: ConsentMethod;
  /** JSON list. */
  doors: string;
  notice: string;
  material: string;
  language: Language;
}
type Stored = ConsentRow & { sealed: Uint8Array | null };

/** A change of state that is about to be written. */
export interface Change {
  consent: string;
  person: string;
  state: ConsentState;
  by: ConsentChange["by"];
  channel?: Channel;
  reason?: ChangeReason;
  /** Who of staff took it in, where somebody did: for the log alone. */
  staff?: StaffActor;
}

/** A staff account or token, by its id, role and name. */
export interface StaffActor {
  id: string;
  role: string;
  name: string;
}

/** Consents and their changes as `ledger.db` has them. Writes run inside the caller's transaction. */
export class ConsentBook {
  readonly #deps: ConsentBookDeps;

  constructor(deps: ConsentBookDeps) {
    this.#deps = deps;
  }

  /** @param sealed what only the person's key opens; absent for a refusal */
  add(row: ConsentRow, sealed?: SealedConsent): void {
    const { db, keys } = this.#deps;
    let bytes: Buffer | null = null;
    if (sealed) {
      const key = keys.create(row.person);
      bytes = seal(key, this.#context(row.id), Buffer.from(JSON.stringify(sealed)));
      key.fill(0);
    }
    const { id, person, method, doors, notice, material, language } = row;
    db.prepare(
      "INSERT INTO consent (id, person, method, doors, notice, material, language, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ).run(id, person, method, doors, notice, material, language, bytes);
  }

  change({ consent, state, by, channel, reason }: Change, at: Date): void {
    this.#deps.db
      .prepare(
        "INSERT INTO consent_change (consent, state, at, by, channel, reason) VALUES (?, ?, ?, ?, ?, ?)",
      )
      .run(consent, state, at.toISOString(), by, channel ?? null, reason ?? null);
  }

  /** @throws LimenError `consent-unknown`; `seal-broken` when the row was tampered with */
  read(id: string): { row: ConsentRow; sealed: SealedConsent | undefined } {
    const row = this.#deps.db.prepare("SELECT * FROM consent WHERE id = ?").get(id) as Stored | undefined;
    if (!row?.person) throw new LimenError("consent-unknown", { field: "/id", status: 404 });
    return { row, sealed: this.#open(row) };
  }

  /** Every change of one consent, oldest first. */
  history(id: string): ConsentChange[] {
    const kept = (row: Record<string, unknown>) => Object.entries(row).filter(([, value]) => value !== null);
    return this.#deps.db
      .prepare("SELECT state, at, by, channel, reason FROM consent_change WHERE consent = ? ORDER BY seq")
      .all(id)
      .map((row) => Object.fromEntries(kept(row)) as unknown as ConsentChange);
  }

  /** Every consent of somebody, in the order they were made. @throws LimenError `seal-broken` */
  load(): Live[] {
    const rows = this.#deps.db
      .prepare(
        `SELECT c.*, (SELECT state FROM consent_change h WHERE h.consent = c.id ORDER BY seq DESC LIMIT 1) AS state
         FROM consent c WHERE person IS NOT NULL
         ORDER BY (SELECT min(seq) FROM consent_change h WHERE h.consent = c.id)`,
      )
      .all() as unknown as (Stored & { state: ConsentState })[];
    return rows.map((row) => liveOf(row, this.#open(row), row.state));
  }

  /** Cuts the link to a person; the history stays, of nobody. */
  cut(person: string): void {
    this.#deps.db.prepare("UPDATE consent SET person = NULL, sealed = NULL WHERE person = ?").run(person);
  }

  /** The latest time this ledger has seen, ms since 1970. */
  get latest(): number {
    return Number(this.#deps.db.prepare("SELECT latest FROM consent_clock").get()?.latest);
  }

  set latest(at: number) {
    this.#deps.db.prepare("UPDATE consent_clock SET latest = ?").run(at);
  }

  #open({ id, person, sealed }: Stored): SealedConsent | undefined {
    const key = sealed && this.#deps.keys.get(person);
    if (!key) return undefined;
    const plain = open(key, this.#context(id), Buffer.from(sealed));
    key.fill(0);
    return JSON.parse(plain.toString("utf8")) as SealedConsent;
  }

  #context(id: string): SealContext {
    return { kind: "consent", version: 1, site: this.#deps.site, subject: id };
  }
}

/** A consent whose facts cannot be opened counts as having run out: it lets nothing happen. */
export const liveOf = (row: ConsentRow, sealed: SealedConsent | undefined, state: ConsentState): Live => ({
  id: row.id,
  person: row.person,
  method: row.method,
  doors: new Set(JSON.parse(row.doors) as string[]),
  material: row.material,
  state,
  runsOut: sealed ? (sealed.runsOut ? Date.parse(sealed.runsOut) : Number.POSITIVE_INFINITY) : 0,
  ownFrom: sealed?.ownFrom ? Date.parse(sealed.ownFrom) : Number.POSITIVE_INFINITY,
});

/** A consent as the API shows it. */
export function viewOf(
  row: ConsentRow,
  sealed: SealedConsent | undefined,
  changes: readonly ConsentChange[],
): ConsentView {
  const { state, at } = changes.at(-1)!;
  const { relation, givenBy = "self", channel = changes[0]!.channel ?? "desk" } = sealed?.request ?? {};
  return {
    id: row.id,
    person: row.person,
    purpose: "door-entry",
    method: row.method,
    doors: JSON.parse(row.doors) as string[],
    notice: row.notice,
    language: row.language,
    givenBy,
    channel,
    state,
    since: at,
    ...(relation && { relation }),
  };
}
