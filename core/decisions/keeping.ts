import { isKind, standing } from "./project.ts";
import type { Recorded } from "./schema.ts";

/**
 * Entries whose years are over. The clock of an entry runs from when it stopped counting: a later one of its kind for all
 * its doors, or its correction. What is in force, and a question without an answer, is kept however old it is.
 * @param limit RFC 3339, UTC: what stopped counting before
 */
export function overBefore(entries: readonly Recorded[], limit: string): string[] {
  return entries.filter((recorded) => (endOf(recorded, entries) ?? "9") < limit).map(({ id }) => id);
}

/** When an entry stopped counting; undefined: it still does. */
function endOf(recorded: Recorded, entries: readonly Recorded[]): string | undefined {
  const { id, at, entry } = recorded;
  const corrected = entries.find(({ entry: other }) => "corrects" in other && other.corrects === id);
  if (corrected) return corrected.at;
  if (entry.kind === "void") return at;
  if (entry.kind === "question") return answerTo(id, entries)?.at;
  if (entry.kind === "answer" || entry.kind === "delivery") return at;
  const later = entries.slice(entries.indexOf(recorded) + 1);
  const stand = standing(entries);
  const next = later.find((other) => stand.includes(other) && replaces(other, recorded));
  return next?.at;
}

const answerTo = (id: string, entries: readonly Recorded[]): Recorded | undefined =>
  standing(entries)
    .filter(isKind("answer"))
    .find(({ entry }) => entry.cites === id);

function replaces({ entry: next }: Recorded, { entry }: Recorded): boolean {
  if (next.kind !== entry.kind) return false;
  if (next.kind === "elsewhere" && entry.kind === "elsewhere") return next.community === entry.community;
  if (next.kind === "assessment" && entry.kind === "assessment" && next.step !== "approved") return false;
  if (!("doors" in next) || !("doors" in entry)) return true;
  return entry.doors.every((door) => next.doors.includes(door));
}
