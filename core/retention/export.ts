import { setImmediate } from "node:timers/promises";
import { type AuditLog, type LeafClass, leafClasses, type ReadEntry } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import type { ConsentChange, Consents, ConsentView } from "../consent/index.ts";
import type { CredentialRecord, PersonRecord } from "../people/index.ts";
import { type Language, languages, sentence } from "../words.ts";
import type { Erasures } from "./erasures.ts";
import type { ErasureView, TemplateShelf } from "./types.ts";

export interface ExportDeps {
  persons: { read(id: string): PersonRecord };
  credentials: { of(person: string): CredentialRecord[] };
  consents: Consents;
  templates: Pick<TemplateShelf, "of">;
  erasures: Erasures;
  log: Pick<AuditLog, "origin" | "vkey" | "indexesOf" | "read" | "proofFile" | "checkpoint">;
  clock: Clock;
}

/**
 * Which entries at doors are in it. `all`: the person asked. `none`: somebody else did, and alone: a list of one person's
 * movements takes a case and a second approver (RD-46). A scope: what such a case allows. A time: the person asked, by a link
 * that staff made then.
 */
export type DoorEntries =
  | "all"
  | "none"
  | { since: string }
  | { doors: readonly string[]; from: string; to: string };

/** What a copy that somebody else asked for does not hold, and how the person or the office gets it. */
export interface LeftOut {
  what: ("door-entries" | "pass-use")[];
  said: Record<Language, string>;
}

/** Everything held about one person, machine-readable (RD-52; PIPL 45, GDPR 15 and 20). */
export interface PersonExport {
  type: "limen-person-export";
  version: 1;
  /** RFC 3339 */
  made: string;
  person: PersonRecord;
  /** Never the number, the code or a hash of one: nobody has those to give. */
  credentials: CredentialRecord[];
  /** That there is a face, not what is in it. */
  face: { held: boolean; templates: number };
  consents: (ConsentView & { history: ConsentChange[]; possiblyCoerced: boolean; receipt?: string })[];
  erasures: ErasureView[];
  /** Entries at doors, changes, and who looked, oldest first; each with the file that proves it. */
  log: { origin: string; vkey: string; checkpoint: string; entries: (ReadEntry & { proof: string })[] };
  leftOut?: LeftOut;
}

/**
 * Gathers everything there is about one person, in turns: doors wait for nobody's copy. The caller puts the look-up on
 * record first; it is then in the export.
 * @throws LimenError `person-unknown`, also when the person is erased meanwhile
 */
export async function exportPerson(deps: ExportDeps, id: string, doors: DoorEntries): Promise<PersonExport> {
  const { persons, credentials, consents, templates, erasures, log, clock } = deps;
  persons.read(id);
  const entries = await entriesOf(log, id, doors);
  const faces = templates.of(id).length;
  return {
    type: "limen-person-export",
    version: 1,
    made: clock.now().toISOString(),
    person: persons.read(id),
    credentials: credentials.of(id),
    face: { held: faces > 0, templates: faces },
    consents: consents.list(id).map((consent) => ({
      ...consent,
      history: consents.history(consent.id),
      possiblyCoerced: consents.possiblyCoerced(consent.id),
      ...(consent.state !== "refused" && { receipt: consents.receipt(consent.id) }),
    })),
    erasures: erasures.of(id),
    log: { origin: log.origin, vkey: log.vkey, checkpoint: log.checkpoint(), entries },
    ...(doors !== "all" && { leftOut: leftOut(doors) }),
  };
}

async function entriesOf(
  log: ExportDeps["log"],
  person: string,
  doors: DoorEntries,
): Promise<PersonExport["log"]["entries"]> {
  const classes = (Object.keys(leafClasses) as LeafClass[]).filter(
    (name) => name !== "decision" || doors !== "none",
  );
  const all: PersonExport["log"]["entries"] = [];
  for (const index of log.indexesOf(person, classes)) {
    await setImmediate(); // opening and proving one takes a few milliseconds, which is what a card at a door may wait
    const entry = log.read(index);
    if (entry && isIn(entry, doors)) all.push({ ...entry, proof: log.proofFile(index, { disclose: true }) });
  }
  return all;
}

function isIn({ class: kind, door, at }: ReadEntry, doors: DoorEntries): boolean {
  if (kind !== "decision" || doors === "all") return true;
  if (doors === "none" || door === undefined || at === undefined) return false;
  const time = Date.parse(at);
  if ("since" in doors) return time >= Date.parse(doors.since);
  return doors.doors.includes(door) && time >= Date.parse(doors.from) && time <= Date.parse(doors.to);
}

function leftOut(doors: DoorEntries): LeftOut {
  const byLink = typeof doors === "object" && "since" in doors;
  const key = byLink ? "export.left-out-link" : doors === "none" ? "export.left-out" : "export.left-out-case";
  return {
    what: byLink ? ["door-entries"] : ["door-entries", "pass-use"],
    said: Object.fromEntries(languages.map((one) => [one, sentence(one, key)])) as LeftOut["said"],
  };
}
