import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import type { Language } from "../consent/index.ts";

/** A record of processing as it was made from a deployed flow. */
export interface KeptRecord {
  /** SHA-256 of the flow, lower-case hex. */
  flow: string;
  at: string;
  /** When another took its place; absent: it is in force. */
  until?: string;
  texts: Readonly<Record<Language, string>>;
}

interface Row {
  seq: number;
  flow: string;
  at: string;
  until: string | null;
  texts: string;
}

/** Records of processing, one for each flow that was in service, kept for their years (PIPL 55, 56; GDPR 30). */
export class ProcessingRecords {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  constructor(deps: { db: DatabaseSync; clock: Clock }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
  }

  /** A flow is in service: its record takes the place of the one before, unless it says the same. */
  put(flow: string, texts: Readonly<Record<Language, string>>): void {
    const now = this.#clock.now().toISOString();
    const last = this.#db.prepare("SELECT * FROM processing_record WHERE until IS NULL").get() as unknown as
      | Row
      | undefined;
    const text = JSON.stringify(texts);
    if (last?.flow === flow && last.texts === text) return;
    this.#db.prepare("UPDATE processing_record SET until = ? WHERE until IS NULL").run(now);
    this.#db.prepare("INSERT INTO processing_record (flow, at, texts) VALUES (?, ?, ?)").run(flow, now, text);
  }

  /** Newest first. */
  list(): KeptRecord[] {
    const rows = this.#db
      .prepare("SELECT * FROM processing_record ORDER BY seq DESC")
      .all() as unknown as Row[];
    return rows.map(({ flow, at, until, texts }) => ({
      flow,
      at,
      ...(until !== null && { until }),
      texts: JSON.parse(texts) as KeptRecord["texts"],
    }));
  }

  /** How many were replaced before a time. @param limit RFC 3339, UTC */
  over(limit: string): number {
    const row = this.#db.prepare("SELECT count(*) AS many FROM processing_record WHERE until < ?").get(limit);
    return Number(row?.many);
  }

  /** Forgets those that were replaced before a time. @returns how many */
  sweep(limit: string): number {
    return Number(this.#db.prepare("DELETE FROM processing_record WHERE until < ?").run(limit).changes);
  }
}
