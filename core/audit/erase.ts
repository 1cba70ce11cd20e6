import type { DatabaseSync } from "node:sqlite";
import type { DayKeys } from "../store/types.ts";
import { className, dayFromName, dayName } from "./leaf.ts";
import type { Ledger, PayloadRow } from "./ledger.ts";
import { dayKeyId, type Part, type Payloads } from "./payload.ts";
import { type FieldValue, type LeafClass, leafClasses, type PayloadCount } from "./types.ts";

/** Written with both parts, and the personal one is gone. */
const isPartial = ({ parts, personal }: PayloadRow): boolean => parts === 3 && personal === null;

/** Adds up, per day and class, what a number of rows lost. */
class Counts {
  readonly #counts = new Map<string, PayloadCount>();

  add({ day, class: number }: Pick<PayloadRow, "day" | "class">, whole: number, personal: number): void {
    const name = className(number)!;
    const key = countKey({ day: dayName(day), class: name });
    const count = this.#counts.get(key) ?? { day: dayName(day), class: name, whole: 0, personal: 0 };
    this.#counts.set(key, { ...count, whole: count.whole + whole, personal: count.personal + personal });
  }

  get all(): PayloadCount[] {
    return [...this.#counts.values()].sort((a, b) => (countKey(a) < countKey(b) ? -1 : 1));
  }
}

export const countKey = ({ day, class: name }: Pick<PayloadCount, "day" | "class">): string =>
  `${day} ${name}`;

/** Deletes one person's part of a row, and the row when nothing else is in it. */
function removePersonal(ledger: Ledger, counts: Counts, row: PayloadRow): void {
  if (row.parts === 2) {
    ledger.db.prepare("DELETE FROM payload WHERE idx = ?").run(row.idx);
    counts.add(row, 1, 0);
  } else {
    ledger.db
      .prepare("UPDATE payload SET tag = NULL, who = NULL, personal = NULL WHERE idx = ?")
      .run(row.idx);
    counts.add(row, 0, 1);
  }
}

function removeRow(ledger: Ledger, counts: Counts, row: PayloadRow): void {
  ledger.db.prepare("DELETE FROM payload WHERE idx = ?").run(row.idx);
  counts.add(row, 1, isPartial(row) ? -1 : 0); // no longer a partial one: gone altogether
}

/** Within a transaction. @returns what is gone, per day and class */
export function eraseSubjects(
  ledger: Ledger,
  tag: (subject: string, day: string) => Buffer,
  subjects: readonly string[],
): PayloadCount[] {
  const counts = new Counts();
  const days = ledger.db.prepare("SELECT DISTINCT day FROM payload").all();
  for (const subject of subjects) {
    for (const { day } of days) {
      for (const row of ledger.payloads("tag = ?", tag(subject, dayName(Number(day))))) {
        removePersonal(ledger, counts, row);
      }
    }
  }
  return counts.all;
}

/** Within a transaction: whatever no key opens any more. @returns what is gone, per day and class */
export function eraseUnreadable(ledger: Ledger, payloads: Payloads): PayloadCount[] {
  const counts = new Counts();
  const pageSize = 1000;
  for (let from = -1; ; ) {
    const rows = ledger.payloads(`idx > ? ORDER BY idx LIMIT ${pageSize}`, from);
    for (const row of rows) {
      const items = payloads.open(row);
      if (items.length === 0) removeRow(ledger, counts, row);
      else if (row.personal !== null && items.some((item) => item.startsWith("#")))
        removePersonal(ledger, counts, row);
    }
    if (rows.length < pageSize) return counts.all;
    from = rows.at(-1)!.idx;
  }
}

/** Within a transaction: keys and payloads of whole days. @returns what is gone, per day and class */
export function eraseDays(
  ledger: Ledger,
  keys: DayKeys,
  what: { days: readonly string[]; classes: readonly LeafClass[]; part: "personal" | "all" },
): PayloadCount[] {
  const counts = new Counts();
  const parts: Part[] = what.part === "all" ? ["shared", "personal"] : ["personal"];
  for (const day of what.days) {
    for (const name of what.classes) {
      const rows = ledger.payloads("day = ? AND class = ?", dayFromName(day), leafClasses[name]);
      for (const row of rows) {
        if (what.part === "personal") {
          if (row.personal !== null) removePersonal(ledger, counts, row);
        } else removeRow(ledger, counts, row);
      }
      for (const part of parts) keys.destroy(dayKeyId(day, name, part));
    }
  }
  return counts.all;
}

/** Rows there are, per day and class. */
export function heldPayloads(db: DatabaseSync): PayloadCount[] {
  const rows = db
    .prepare(
      `SELECT day, class, sum(parts != 3 OR personal IS NOT NULL) AS whole, sum(parts = 3 AND personal IS NULL) AS personal
       FROM payload GROUP BY day, class ORDER BY day, class`,
    )
    .all();
  return rows.map(({ day, class: number, whole, personal }) => ({
    day: dayName(Number(day)),
    class: className(Number(number))!,
    whole: Number(whole),
    personal: Number(personal),
  }));
}

const counted = /^(gone|personal) (\d{4}-\d{2}-\d{2}) ([a-z-]+)$/;

/** An erasure leaf's counts as its fields: `gone 2026-11-23 decision`: 12. */
export function countFields(counts: readonly PayloadCount[]): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const count of counts) {
    if (count.whole !== 0) fields[`gone ${countKey(count)}`] = count.whole;
    if (count.personal !== 0) fields[`personal ${countKey(count)}`] = count.personal;
  }
  return fields;
}

/** The same read back. Fields of other names are the caller's own. */
export function countsIn(fields: Iterable<readonly [string, FieldValue]>): PayloadCount[] {
  const counts: PayloadCount[] = [];
  for (const [field, value] of fields) {
    const [, what, day, name] = counted.exec(field) ?? [];
    if (!what || !Number.isSafeInteger(value) || !(name! in leafClasses)) continue;
    const entry = { day: day!, class: name as LeafClass, whole: 0, personal: 0 };
    counts.push({ ...entry, [what === "gone" ? "whole" : "personal"]: value as number });
  }
  return counts;
}
