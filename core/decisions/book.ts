import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import type { Papers } from "../policy/context.ts";
import { type Counted, isKind, papersFrom, standing } from "./project.ts";
import type { Entry, EntryOf, Recorded } from "./schema.ts";
import { wrongTally } from "./tally.ts";

export interface DecisionsDeps {
  /** `ledger.db`, with `decisionMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
}

/** Who makes an entry; a name of staff, never of a resident. */
export interface Author {
  id: string;
  name: string;
  role: string;
}

interface Row {
  id: string;
  at: string;
  by: string;
  name: string;
  role: string;
  body: string;
}

const system: Author = { id: "system", name: "", role: "system" };

/** The decision record: what owners, manager and privacy officer did before a face may start. Entries are only added. */
export class Decisions {
  readonly #deps: DecisionsDeps;
  /** As they are on disk, oldest first: few, and asked at every face. */
  #entries: Recorded[];

  constructor(deps: DecisionsDeps) {
    this.#deps = deps;
    this.#entries = this.#read();
  }

  get entries(): readonly Recorded[] {
    return this.#entries;
  }

  /** The papers as the flow rules read them. */
  papers(counted: Counted): Papers {
    return papersFrom(this.#entries, counted);
  }

  /**
   * Writes entries down, each with a leaf of the log in the same transaction.
   * @returns their ids
   * @throws LimenError `decision-bad` at a field, `entry-unknown` where it corrects or answers what is not there,
   *   `assessment-open` where there is nothing to approve, `log-failed`
   */
  add(entries: readonly Entry[], { id: by, name, role }: Author): string[] {
    const at = this.#deps.clock.now();
    const made = entries.map((entry): Recorded => {
      const whole = this.#checked(entry, at);
      return { id: opaqueId("entry"), at: at.toISOString(), by, name, role, entry: whole };
    });
    const insert = this.#deps.db.prepare(
      "INSERT INTO decision_entry (id, kind, at, by, name, role, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#deps.log.appendWith(
      made.map((recorded) => ({ class: "configuration", at, fields: fieldsOf(recorded) })),
      () => {
        for (const { id, entry, ...of } of made)
          insert.run(id, entry.kind, of.at, of.by, of.name, of.role, JSON.stringify(entry));
      },
    );
    this.#entries = [...this.#entries, ...made];
    return made.map(({ id }) => id);
  }

  /**
   * Notes that the number of faces which has to be filed is reached, once.
   * @param by end of the days in which to file it
   */
  noteReached(faces: number, by: Date): void {
    if (standing(this.#entries).some(({ entry }) => entry.kind === "reached")) return;
    this.add([{ kind: "reached", faces, by: by.toISOString() }], system);
  }

  /** Forgets entries whose years are over, whatever they are. */
  drop(ids: readonly string[]): void {
    const remove = this.#deps.db.prepare("DELETE FROM decision_entry WHERE id = ?");
    for (const id of ids) remove.run(id);
    this.#entries = this.#read();
  }

  #checked(entry: Entry, now: Date): Entry {
    if ("corrects" in entry && entry.corrects !== undefined) {
      this.#known(entry.corrects, "/corrects");
      if (entry.reason === undefined) throw bad("/reason");
    } else if (entry.kind === "void") throw bad("/corrects");
    switch (entry.kind) {
      case "vote": {
        const wrong = wrongTally(entry) ?? laterThan(entry.held, now, "/held");
        if (wrong) throw bad(wrong);
        return entry;
      }
      case "notice":
        return inTime(entry, entry.published, now, "/published");
      case "signs":
        return inTime(entry, entry.up, now, "/up");
      case "delivery":
        if (entry.reached > entry.households) throw bad("/reached");
        return entry;
      case "answer": {
        const { entry: asked } = this.#known(entry.cites, "/cites");
        if (asked.kind !== "question") throw bad("/cites");
        return entry;
      }
      case "assessment":
        return entry.step === "approved" ? this.#answered(entry) : entry;
      default:
        return entry;
    }
  }

  /** What is approved is what was answered: its answers go with it. */
  #answered(entry: EntryOf<"assessment">): Entry {
    const { doors, facts } = entry;
    const answers = standing(this.#entries)
      .filter(isKind("assessment"))
      .findLast(
        ({ entry: other }) =>
          other.step === "answered" &&
          other.facts === facts &&
          doors.every((door) => other.doors.includes(door)),
      )?.entry;
    const { necessity, search, risks, views } = { ...answers, ...entry };
    if ((necessity ?? "").trim() === "")
      throw new LimenError("assessment-open", { field: "/necessity", status: 409 });
    return {
      ...entry,
      ...(necessity !== undefined && { necessity }),
      ...(search !== undefined && { search }),
      ...(risks !== undefined && { risks }),
      ...(views !== undefined && { views }),
    };
  }

  #known(id: string, field: string): Recorded {
    const found = standing(this.#entries).find((recorded) => recorded.id === id);
    if (!found) throw new LimenError("entry-unknown", { field, status: 404 });
    return found;
  }

  #read(): Recorded[] {
    const rows = this.#deps.db
      .prepare("SELECT id, at, by, name, role, body FROM decision_entry ORDER BY seq")
      .all() as unknown as Row[];
    return rows.map(({ body, ...of }) => ({ ...of, entry: JSON.parse(body) as Entry }));
  }
}

/** What the log keeps of an entry: that it was made, by whom, and the fingerprint of its words. */
function fieldsOf({ id, at, by, entry }: Recorded): Record<string, string> {
  const digest = createHash("sha256").update(JSON.stringify(entry)).digest("hex");
  const corrects = "corrects" in entry ? entry.corrects : undefined;
  return {
    at,
    what: "decision-record",
    kind: entry.kind,
    entry: id,
    digest,
    by,
    ...(corrects && { corrects }),
  };
}

const bad = (field: string): LimenError =>
  new LimenError("decision-bad", { field, params: { field }, status: 422 });

/** Nothing on record is yet to come; a few minutes of a wrong clock are forgiven. */
const laterThan = (at: string, now: Date, field: string): string | undefined =>
  Date.parse(at) > now.getTime() + 5 * 60_000 ? field : undefined;

function inTime<T extends Entry>(entry: T, at: string, now: Date, field: string): T {
  const wrong = laterThan(at, now, field);
  if (wrong) throw bad(wrong);
  return entry;
}
