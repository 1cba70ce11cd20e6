import { commitmentOf } from "./disclosure.ts";
import { dayFromName, dayName, decodeLeaf } from "./leaf.ts";
import { damaged, type Ledger, type PayloadRow } from "./ledger.ts";
import { ownFields, type Payloads, readItems } from "./payload.ts";
import { type AuditLog, type LeafClass, leafClasses, type ReadEntry } from "./types.ts";

interface Parts {
  ledger: Ledger;
  payloads: Payloads;
  origin: string;
}

/**
 * One entry with what can still be opened of it.
 * @throws LimenError `log-damaged` or `seal-broken` when what was kept is not what was committed to
 */
export function readEntry(
  { ledger, payloads, origin }: Parts,
  index: number,
  known?: PayloadRow,
  subjects = false,
): ReadEntry {
  const leaf = decodeLeaf(ledger.entries(index, index + 1)[0]!);
  if (!leaf) throw damaged(`entry ${index}`);
  const entry: ReadEntry = { index, origin, class: leaf.class, day: dayName(leaf.day) };
  const row = known ?? ledger.payload(index);
  const items = row ? payloads.open(row) : [];
  if (items.length === 0) return { ...entry, erased: true };
  const { fields, digests, whole } = readItems(items);
  if (!commitmentOf(digests).equals(leaf.commitment)) throw damaged(`entry ${index}`);
  const at = fields.get(ownFields.at);
  const door = fields.get(ownFields.door);
  const own = [...fields].filter(([name]) => !name.startsWith("$"));
  const subject = subjects ? fields.get(ownFields.subject) : undefined;
  return {
    ...entry,
    ...(typeof at === "string" && { at }),
    ...(typeof door === "string" && { door }),
    ...(own.length > 0 && { fields: Object.fromEntries(own) }),
    ...(!whole && { erased: true as const }),
    ...(typeof subject === "string" && { subject }),
  };
}

/** How many rows are looked at in one go, at most: no statement stays open, an open reader would hold up an erasure. */
const page = 500;

/** Newest first. An entry whose time is gone does not answer to `since` and `until`. */
export function queryEntries(parts: Parts, filter: Parameters<AuditLog["query"]>[0]): ReadEntry[] {
  const { ledger } = parts;
  const { classes, door, subject, since, until, limit = 100 } = filter;
  const where = ["idx < ?"];
  const values: (string | number | Buffer)[] = [];
  const oneOf = (column: string, allowed: (number | Buffer)[]) => {
    where.push(`${column} IN (${allowed.map(() => "?").join(", ")})`);
    values.push(...allowed);
  };
  if (classes)
    oneOf(
      "class",
      classes.map((name) => leafClasses[name]),
    );
  if (door !== undefined) {
    where.push("door = ?");
    values.push(door);
  }
  if (subject !== undefined) oneOf("tag", tagsOf(parts, subject));
  if (since) {
    where.push("day >= ?");
    values.push(dayFromName(since.toISOString().slice(0, 10)));
  }
  if (until) {
    where.push("day <= ?");
    values.push(dayFromName(until.toISOString().slice(0, 10)));
  }
  const found: ReadEntry[] = [];
  const step = Math.min(page, Math.max(1, Math.ceil(limit)));
  const clause = `${where.join(" AND ")} ORDER BY idx DESC LIMIT ${step}`;
  for (let below = filter.before ?? Number.MAX_SAFE_INTEGER; found.length < limit; ) {
    const rows = ledger.payloads(clause, below, ...values);
    for (const row of rows) {
      if (found.length === limit) return found;
      const entry = readEntry(parts, row.idx, row, filter.subjects);
      if (isWithin(entry, since, until)) found.push(entry);
    }
    if (rows.length < step) break;
    below = rows.at(-1)!.idx;
  }
  return found;
}

/** Indexes of one person's entries, oldest first: to read them one after the other, in turns. Opens nothing. */
export function indexesOf(parts: Parts, subject: string, classes: readonly LeafClass[]): number[] {
  const tags = tagsOf(parts, subject);
  const marks = (all: readonly unknown[]) => all.map(() => "?").join(", ");
  return parts.ledger.db
    .prepare(
      `SELECT idx FROM payload WHERE tag IN (${marks(tags)}) AND class IN (${marks(classes)}) ORDER BY idx`,
    )
    .all(...tags, ...classes.map((name) => leafClasses[name]))
    .map(({ idx }) => Number(idx));
}

/** Under what one person's entries are found, a day each. Steps from day to day: the log may hold a million entries. */
function tagsOf({ ledger, payloads }: Parts, subject: string): Buffer[] {
  return ledger.db
    .prepare(
      `WITH RECURSIVE held (day) AS (
         SELECT min(day) FROM payload
         UNION ALL SELECT (SELECT min(day) FROM payload WHERE day > held.day) FROM held WHERE held.day IS NOT NULL
       ) SELECT day FROM held WHERE day IS NOT NULL`,
    )
    .all()
    .map(({ day }) => payloads.tag(subject, dayName(Number(day))));
}

function isWithin({ at }: ReadEntry, since: Date | undefined, until: Date | undefined): boolean {
  if (!since && !until) return true;
  if (at === undefined) return false;
  const time = Date.parse(at);
  return (!since || time >= since.getTime()) && (!until || time <= until.getTime());
}
