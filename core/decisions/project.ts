import type { DoorPapers, Papers } from "../policy/context.ts";
import type { Entry, EntryKind, EntryOf, Recorded } from "./schema.ts";
import { sharesOf } from "./tally.ts";

/** What the box itself knows: how many faces it holds, and when an incident last touched them. */
export interface Counted {
  faces: number;
  /** RFC 3339: when it became known. */
  incident?: string | undefined;
}

/** Ids of entries that a later one corrects or takes back. */
export const correctedIn = (entries: readonly Recorded[]): ReadonlySet<string> =>
  new Set(entries.flatMap(({ entry }) => ("corrects" in entry && entry.corrects ? [entry.corrects] : [])));

/** Entries that stand: those no later entry corrects. Oldest first. */
export function standing(entries: readonly Recorded[]): Recorded[] {
  const corrected = correctedIn(entries);
  return entries.filter(({ id, entry }) => !corrected.has(id) && entry.kind !== "void");
}

export const isKind =
  <K extends EntryKind>(kind: K) =>
  (recorded: Recorded): recorded is Recorded & { entry: EntryOf<K> } =>
    recorded.entry.kind === kind;

/** Faces of the handler everywhere: here as counted, elsewhere as last told. The same person in two places counts twice. */
export function facesOf(
  entries: readonly Recorded[],
  { faces }: Counted,
): { here: number; elsewhere: number } {
  const told = new Map<string, number>();
  for (const { entry } of standing(entries).filter(isKind("elsewhere")))
    told.set(entry.community, entry.faces);
  return { here: faces, elsewhere: [...told.values()].reduce((sum, count) => sum + count, 0) };
}

/**
 * The papers as the rules read them, from the record: of each kind and door the last entry that stands.
 * @param entries oldest first
 */
export function papersFrom(entries: readonly Recorded[], counted: Counted): Papers {
  const stand = standing(entries);
  const doors: Record<string, DoorPapers> = {};
  let site: Papers = {};
  for (const { at, entry } of stand) {
    if (entry.kind === "import") site = entry.papers;
    else
      for (const door of "doors" in entry ? entry.doors : [])
        doors[door] = withEntry(doors[door] ?? {}, entry, at);
  }
  const { here, elsewhere } = facesOf(entries, counted);
  const { facesHeld: _, fileBy: __, incidentAt: ____, ...imported } = site; // counted, not told
  const fileBy = stand.findLast(({ entry }) => entry.kind === "reached")?.entry;
  const filing = stand.findLast(isKind("filing"))?.entry;
  const filedAt =
    filing === undefined ? imported.filedAt : filing.step === "ended" ? undefined : midnight(filing.on);
  const { filedAt: ___, ...rest } = imported;
  return {
    ...rest,
    doors: { ...rest.doors, ...merged(rest.doors, doors) },
    facesHeld: here + elsewhere,
    ...(counted.incident !== undefined && { incidentAt: counted.incident }),
    ...(fileBy?.kind === "reached" && { fileBy: fileBy.by }),
    ...(filedAt !== undefined && { filedAt }),
  };
}

const merged = (before: Papers["doors"] = {}, now: Record<string, DoorPapers>): Record<string, DoorPapers> =>
  Object.fromEntries(Object.entries(now).map(([door, papers]) => [door, { ...before[door], ...papers }]));

const midnight = (day: string): string => `${day}T00:00:00Z`;

/** A door's papers with one more entry taken into account. */
function withEntry(papers: DoorPapers, entry: Entry, at: string): DoorPapers {
  switch (entry.kind) {
    case "vote": {
      const { held, matter, minutes } = entry;
      return { ...papers, decision: { at: held, matter, minutes, ...sharesOf(entry) } };
    }
    case "notice": {
      // signs that were up for an earlier notice are not signs for this one
      const { published, facts } = entry;
      const signsUp = papers.notice?.facts === facts && papers.notice.signsUp;
      return { ...papers, notice: { publishedAt: published, facts, signsUp } };
    }
    case "signs":
      return papers.notice ? { ...papers, notice: { ...papers.notice, signsUp: true } } : papers;
    case "assessment": {
      if (entry.step !== "approved") return papers; // a new draft leaves what was approved in force
      const { facts, necessity = "", search, review } = entry;
      return {
        ...papers,
        assessment: {
          at,
          facts,
          necessity,
          ...(search !== undefined && { search }),
          ...(review !== undefined && { review }),
        },
      };
    }
    case "commissioned":
      return { ...papers, commissionedAt: entry.at };
    default:
      return papers;
  }
}
