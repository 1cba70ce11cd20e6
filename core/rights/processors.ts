import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { Closed, OneOf, parse, type Static, Type } from "../schema.ts";

/** Kinds of personal data a processor may touch; `none`: it only looks after machines. */
export const processorData = [
  "names",
  "cards",
  "entry-events",
  "face-templates",
  "consents",
  "device-logs",
] as const;

const Words = (maxLength: number) => Type.String({ minLength: 1, maxLength });

export const Certificate = Closed({
  kind: OneOf(["mlps-2", "mlps-3", "iso-27001", "iso-27701", "other"]),
  number: Type.String({ minLength: 1, maxLength: 80 }),
  /** Last day it counts. */
  expires: Type.String({ format: "date" }),
});
export type Certificate = Static<typeof Certificate>;

/** What a contract with a processor must say (PIPL 21, 59; GDPR 28): a field that is missing means no processor. */
export const ProcessorFacts = Closed({
  name: Words(120),
  role: OneOf(["processor", "joint"]),
  contact: Words(200),
  purpose: Words(400),
  method: Words(400),
  data: Type.Array(OneOf(processorData), { maxItems: processorData.length, uniqueItems: true }),
  measures: Words(1000),
  /** First and last day of the contract. */
  from: Type.String({ format: "date" }),
  until: Type.String({ format: "date" }),
  /** Who pays whom for what; `none`. */
  fees: Words(400),
  /** What it may do with the data beside the contract. */
  rights: Words(400),
  /** Advertising it gets out of it; only `none` is taken. */
  ads: Type.String({ maxLength: 400 }),
  /** Others it passes data on to; `none`. */
  others: Words(400),
  /** What becomes of the data at the end. */
  end: OneOf(["return", "delete"]),
  certificates: Type.Array(Certificate, { default: [], maxItems: 20 }),
});
export type ProcessorFacts = Static<typeof ProcessorFacts>;

export type CertificateState = "expired" | "ends-soon" | "dated";

export interface ProcessorView extends Omit<ProcessorFacts, "certificates"> {
  id: string;
  /** RFC 3339: on the register. */
  since: string;
  ended?: string;
  fate?: "returned" | "deleted";
  /** May it work now: the contract runs and has not been ended. */
  running: boolean;
  certificates: (Certificate & { state: CertificateState })[];
  access: { id: string; from: string; until: string; reason: string; ended?: string; open: boolean }[];
}

export interface ProcessorDeps {
  /** `ledger.db`, with `rightsMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
}

interface Row {
  id: string;
  facts: string;
  since: string;
  ended: string | null;
  gave_back: "returned" | "deleted" | null;
}

/** How a contract says that there is none. */
const noAds = new Set(["none", "无", "無"]);
const soonMs = 60 * 86_400_000;

/** Who works on people's data in this site's name, under which contract (RD-51). */
export class Processors {
  readonly #deps: ProcessorDeps;

  constructor(deps: ProcessorDeps) {
    this.#deps = deps;
  }

  /**
   * Enters a processor, or what its contract says now.
   * @throws LimenError `invalid`, `processor-ads` for anything but `none`, `processor-term`, `processor-unknown`
   */
  put(input: unknown, by: string, id?: string): string {
    const facts = parse(ProcessorFacts, input);
    if (!noAds.has(facts.ads.trim().toLowerCase())) {
      throw new LimenError("processor-ads", {
        field: "/facts/ads",
        params: { article: "PIPL 6, 26; BIPA 15(c)" },
        status: 422,
      });
    }
    if (facts.from > facts.until)
      throw new LimenError("processor-term", { field: "/facts/until", status: 422 });
    const { db, clock } = this.#deps;
    const now = clock.now().toISOString();
    const known = id === undefined ? undefined : this.#row(id);
    const made = known?.id ?? opaqueId("processor");
    this.#record(known ? "processor-changed" : "processor-entered", { processor: made, by }, () =>
      db
        .prepare(
          `INSERT INTO processor (id, facts, since) VALUES (?, ?, ?)
           ON CONFLICT (id) DO UPDATE SET facts = excluded.facts`,
        )
        .run(made, JSON.stringify({ ...facts, ads: "none" }), now),
    );
    return made;
  }

  /** The contract is over; what became of the data is part of it. @throws LimenError `processor-unknown`, `processor-over` */
  end(id: string, fate: "returned" | "deleted", by: string): string[] {
    const { db, clock } = this.#deps;
    if (this.#row(id).ended !== null) throw over();
    const now = clock.now().toISOString();
    const open = this.read(id)
      .access.filter(({ open }) => open)
      .map((access) => access.id);
    this.#record("processor-ended", { processor: id, by, data: fate }, () => {
      db.prepare("UPDATE processor SET ended = ?, gave_back = ? WHERE id = ?").run(now, fate, id);
      db.prepare("UPDATE processor_access SET ended = ? WHERE processor = ? AND ended IS NULL").run(now, id);
    });
    return this.#tokens(open);
  }

  /** @throws LimenError `processor-unknown` */
  read(id: string): ProcessorView {
    return this.#view(this.#row(id));
  }

  /** Those whose work goes on first, newest first. */
  list(): ProcessorView[] {
    return (
      this.#deps.db
        .prepare("SELECT * FROM processor ORDER BY ended IS NOT NULL, since DESC")
        .all() as unknown as Row[]
    ).map((row) => this.#view(row));
  }

  /**
   * Notes that a processor was let in for a time. @param token of the access given, so that it can be ended
   * @throws LimenError `processor-unknown`, `processor-over` when no contract runs
   */
  admit(id: string, access: { token: string; until: string; reason: string }, by: string): string {
    const { db, clock } = this.#deps;
    this.requireRunning(id);
    const now = clock.now().toISOString();
    const made = opaqueId("access");
    const { token, until, reason } = access;
    this.#record("processor-admitted", { processor: id, access: made, by, until }, () =>
      db
        .prepare(
          "INSERT INTO processor_access (id, processor, token, from_time, until, reason, by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .run(made, id, token, now, until, reason, by),
    );
    return made;
  }

  /** @throws LimenError `processor-unknown`, `processor-over` */
  requireRunning(id: string): void {
    if (!this.read(id).running) throw over();
  }

  /** Ends an access before its time. @returns the token to revoke; undefined when it was over */
  dismiss(access: string, by: string): string | undefined {
    const { db, clock } = this.#deps;
    const [token] = this.#tokens([access]);
    if (token === undefined) throw new LimenError("processor-unknown", { field: "/id", status: 404 });
    this.#record("processor-dismissed", { access, by }, () =>
      db
        .prepare("UPDATE processor_access SET ended = coalesce(ended, ?) WHERE id = ?")
        .run(clock.now().toISOString(), access),
    );
    return token;
  }

  #tokens(ids: readonly string[]): string[] {
    const read = this.#deps.db.prepare("SELECT token FROM processor_access WHERE id = ?");
    return ids.flatMap((id) => {
      const row = read.get(id);
      return row ? [String(row.token)] : [];
    });
  }

  #view({ id, facts, since, ended, gave_back: fate }: Row): ProcessorView {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const today = now.toISOString().slice(0, 10);
    const { certificates, ...rest } = JSON.parse(facts) as ProcessorFacts;
    const access = db
      .prepare("SELECT * FROM processor_access WHERE processor = ? ORDER BY from_time DESC LIMIT 50")
      .all(id)
      .map((row) => ({
        id: String(row.id),
        from: String(row.from_time),
        until: String(row.until),
        reason: String(row.reason),
        open: row.ended === null && String(row.until) > now.toISOString(),
        ...(row.ended !== null && { ended: String(row.ended) }),
      }));
    return {
      ...rest,
      id,
      since,
      ...(ended !== null && { ended }),
      ...(fate !== null && { fate }),
      running: ended === null && rest.from <= today && today <= rest.until,
      certificates: certificates.map((one) => ({ ...one, state: certificateState(one, now) })),
      access,
    };
  }

  #record(what: string, fields: Record<string, FieldValue>, write: () => void): void {
    const at = this.#deps.clock.now();
    const entry = {
      class: "configuration" as const,
      at,
      fields: { at: at.toISOString(), what, ...fields },
    };
    this.#deps.log.appendWith([entry], write);
  }

  #row(id: string): Row {
    const row = this.#deps.db.prepare("SELECT * FROM processor WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("processor-unknown", { field: "/id", status: 404 });
    return row;
  }
}

/** A certificate says until when somebody looked; never that anything is safe. */
export function certificateState({ expires }: Pick<Certificate, "expires">, now: Date): CertificateState {
  const left = Date.parse(`${expires}T00:00:00Z`) + 86_400_000 - now.getTime();
  return left <= 0 ? "expired" : left <= soonMs ? "ends-soon" : "dated";
}

const over = (): LimenError => new LimenError("processor-over", { field: "/id", status: 409 });
