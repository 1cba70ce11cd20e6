import type { DatabaseSync } from "node:sqlite";
import { className, dayName } from "../audit/leaf.ts";
import type { AuditLog, LeafClass } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { type Bound, type DataClassName, dataClasses, requireWithin } from "./classes.ts";
import type { Erasures } from "./erasures.ts";
import type { Holds } from "./holds.ts";

export interface RetentionDeps {
  /** `ledger.db`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "held">;
  erasures: Erasures;
  holds: Holds;
  clock: Clock;
  /** The policy pack's bound for a parameter, as of now; undefined: the pack says nothing. */
  bounds(parameter: string): Bound | undefined;
}

export interface RetentionRequest {
  class: DataClassName;
  /** Whole days an entry is kept after the day it was made. */
  days: number;
}

export interface RetentionReport {
  /** Entries that are over, or were erased. */
  entries: number;
  /** Days they lie on. */
  days: number;
  /** `2026-11-16`, UTC. */
  oldest?: string;
}

const dayMs = 24 * 3_600_000;

/** Keeps a data class for its days and no longer. */
export class Retention {
  readonly #deps: RetentionDeps;

  constructor(deps: RetentionDeps) {
    this.#deps = deps;
  }

  /**
   * What a run would take now.
   * @throws LimenError `retention-out-of-bounds`
   */
  preview(request: RetentionRequest): RetentionReport {
    return report(this.#over(request));
  }

  /**
   * Destroys the keys and payloads of every day that is over and nothing holds, as an erasure with its steps.
   * @returns what was taken; the erasure, and its signed receipt as the certificate once that is done (absent while a step
   *   waits: `Erasures.read` has it later). Neither when there was nothing to take
   * @throws LimenError `retention-out-of-bounds`, `log-failed`
   */
  run(request: RetentionRequest): RetentionReport & { erasure?: string; certificate?: string } {
    const { erasures } = this.#deps;
    const { classes, part } = dataClasses[request.class];
    const over = this.#over(request);
    const days = [...new Set(over.map(({ day }) => day))];
    if (days.length === 0) return report(over);
    const erasure = erasures.begin({ scope: "days", cause: "retention", days, classes, part });
    erasures.resume();
    const { receipt } = erasures.read(erasure);
    return { ...report(over), erasure, ...(receipt !== undefined && { certificate: receipt }) };
  }

  #over({ class: name, days }: RetentionRequest): Over[] {
    const { db, log, holds, clock, bounds } = this.#deps;
    const { classes, part, parameter } = dataClasses[name];
    requireWithin(days, bounds(parameter));
    const first = new Date(clock.now().getTime() - days * dayMs).toISOString().slice(0, 10);
    const held: Over[] =
      part === "personal"
        ? namedPayloads(db)
        : log.held().map(({ whole, personal, ...of }) => ({ ...of, entries: whole + personal }));
    const over = held.filter(
      ({ day, class: of }) => day < first && (classes as readonly string[]).includes(of),
    );
    const free = new Set(holds.free(over.map(({ day }) => day)));
    return over.filter(({ day }) => free.has(day));
  }
}

interface Over {
  day: string;
  class: LeafClass;
  entries: number;
}

/** Entries that still name somebody, per day and class. Reads the log's table: `held` counts those of nobody as well. */
function namedPayloads(db: DatabaseSync): Over[] {
  const rows = db
    .prepare(
      "SELECT day, class, count(*) AS entries FROM payload WHERE personal IS NOT NULL GROUP BY day, class ORDER BY day, class",
    )
    .all();
  return rows.map(({ day, class: number, entries }) => ({
    day: dayName(Number(day)),
    class: className(Number(number))!,
    entries: Number(entries),
  }));
}

function report(counts: readonly Over[]): RetentionReport {
  const days = [...new Set(counts.map(({ day }) => day))].sort();
  return {
    entries: counts.reduce((sum, { entries }) => sum + entries, 0),
    days: days.length,
    ...(days[0] !== undefined && { oldest: days[0] }),
  };
}
