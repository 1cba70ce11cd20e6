import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, LogEntry } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import type { Migration } from "../store/migrate.ts";
import { type DoorWays, type Emergency, faultOf, unlawfulAt } from "./emergency.ts";
import type { Terms } from "./terms.ts";

export const emergencyMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "emergencies that staff began",
    sql: `CREATE TABLE emergency (
      id TEXT PRIMARY KEY,
      doors TEXT NOT NULL,
      reason TEXT NOT NULL,
      note TEXT NOT NULL,
      starts INTEGER NOT NULL,
      ends INTEGER NOT NULL,
      two INTEGER NOT NULL,
      no_visitors INTEGER NOT NULL,
      begun INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID`,
  },
];

export interface EmergenciesDeps {
  /** `ledger.db`, with `emergencyMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
  terms: Terms;
}

/** An emergency at some doors, and whether it has begun. */
export interface Standing extends Emergency {
  id: string;
  doors: string[];
  running: boolean;
}

interface Row {
  id: string;
  doors: string;
  reason: Emergency["reason"];
  note: string;
  starts: number;
  ends: number;
  two: number;
  no_visitors: number;
  begun: number;
}

/** Emergencies that staff declared: on disk, on record, each with an end. */
export class Emergencies {
  readonly #deps: EmergenciesDeps;
  #all: Row[];

  constructor(deps: EmergenciesDeps) {
    this.#deps = deps;
    this.#all = this.#read();
  }

  /**
   * Declares one. What it asks has to be possible at each of its doors without a face.
   * @param doors each with the ways it has
   * @param mostDays what the policy pack allows
   * @throws LimenError `emergency-endless` | `emergency-backwards` | `emergency-too-long`, `emergency-empty` when it asks
   *   nothing, `emergency-last-way` naming the door where it would leave people without a way
   */
  declare(
    asked: Emergency,
    doors: readonly (DoorWays & { id: string })[],
    mostDays: number,
    by: string,
  ): string {
    const { db, log, clock } = this.#deps;
    const fault = faultOf(asked, mostDays) ?? (asked.end <= clock.now() ? "backwards" : undefined);
    if (fault)
      throw new LimenError(`emergency-${fault}`, { field: "/end", params: { days: mostDays }, status: 422 });
    if (!asked.two && !asked.noVisitors) throw new LimenError("emergency-empty", { field: "/", status: 422 });
    for (const door of doors) {
      if (unlawfulAt(asked, door))
        throw new LimenError("emergency-last-way", {
          field: "/doors",
          params: { door: door.id },
          status: 422,
        });
    }
    const id = opaqueId("emergency");
    const names = doors.map((door) => door.id);
    const entries = this.#entries(names, "emergency", {
      reason: asked.reason,
      start: asked.start.toISOString(),
      end: asked.end.toISOString(),
      two: asked.two,
      "no-visitors": asked.noVisitors,
      by,
    });
    log.appendWith(entries, () => {
      db.prepare(
        `INSERT INTO emergency (id, doors, reason, note, starts, ends, two, no_visitors)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        id,
        JSON.stringify(names),
        asked.reason,
        asked.note,
        asked.start.getTime(),
        asked.end.getTime(),
        asked.two ? 1 : 0,
        asked.noVisitors ? 1 : 0,
      );
    });
    this.#all = this.#read();
    return id;
  }

  /** Ends one before its time. @throws LimenError `emergency-unknown` */
  end(id: string, by: string): string[] {
    const row = this.#all.find((one) => one.id === id);
    if (!row) throw new LimenError("emergency-unknown", { field: "/id", status: 404 });
    return this.#over(row, by);
  }

  /** Those that run or are still to come. */
  get standing(): Standing[] {
    return this.#all
      .map((row) => ({ ...termOf(row), running: this.#running(row) }))
      .filter(({ running, start }) => running || start > this.#deps.clock.now());
  }

  /** What is asked at a door now. */
  at(door: string): Standing[] {
    if (this.#all.length === 0) return [];
    return this.standing.filter(({ running, doors }) => running && doors.includes(door));
  }

  /** Records what time has ended. @returns doors at which something ended or began since last asked */
  sweep(): { began: string[]; ended: string[] } {
    const now = this.#deps.clock.now();
    const news = { began: new Set<string>(), ended: new Set<string>() };
    for (const row of this.#all) {
      const term = termOf(row);
      const running = this.#running(row);
      if (!running && (row.begun === 1 || term.end <= now))
        for (const door of this.#over(row)) news.ended.add(door);
      if (!running || row.begun === 1) continue;
      this.#deps.db.prepare("UPDATE emergency SET begun = 1 WHERE id = ?").run(row.id);
      row.begun = 1;
      for (const door of term.doors) news.began.add(door);
    }
    return { began: [...news.began], ended: [...news.ended] };
  }

  #running(row: Row): boolean {
    return this.#deps.terms.running(row.id, { start: new Date(row.starts), end: new Date(row.ends) });
  }

  #over(row: Row, by?: string): string[] {
    const { db, log, terms } = this.#deps;
    const doors = JSON.parse(row.doors) as string[];
    log.appendWith(this.#entries(doors, "emergency-over", { reason: row.reason, by: by ?? null }), () => {
      db.prepare("DELETE FROM emergency WHERE id = ?").run(row.id);
    });
    this.#all = this.#read();
    terms.forget(row.id);
    return doors;
  }

  #entries(
    doors: readonly string[],
    kind: string,
    fields: Record<string, string | boolean | null>,
  ): LogEntry[] {
    const at = this.#deps.clock.now();
    return doors.map((door) => ({
      class: "door-event",
      at,
      door,
      fields: { at: at.toISOString(), door, kind, ...fields },
    }));
  }

  #read(): Row[] {
    return this.#deps.db.prepare("SELECT * FROM emergency ORDER BY starts, id").all() as unknown as Row[];
  }
}

const termOf = (row: Row): Omit<Standing, "running"> => ({
  id: row.id,
  doors: JSON.parse(row.doors) as string[],
  reason: row.reason,
  note: row.note,
  start: new Date(row.starts),
  end: new Date(row.ends),
  two: row.two === 1,
  noVisitors: row.no_visitors === 1,
});

/** The same for the same emergency of a flow, whoever asks and however often it is deployed. */
export const writtenId = ({ reason, start, end }: Emergency): string =>
  `flow ${createHash("sha256").update(`${reason}|${start.toISOString()}|${end.toISOString()}`).digest("hex").slice(0, 32)}`;
