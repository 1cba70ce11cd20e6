import type { DatabaseSync } from "node:sqlite";
import type { LogEntry } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import type { Migration } from "../store/migrate.ts";

/** What raises an alarm and what ends it, most urgent first: fire, then people who cannot get in because a reader is dead. */
const ends = {
  fire: ["fire-reset"],
  /** Somebody tried to leave, and the door did not open by itself. */
  "exit-failed": ["exit-drill"],
  "reader-silent": ["reader-back"],
  "relay-stuck": ["relay-rests"],
  "relay-unasked": ["relay-rests"],
  forced: ["closed"],
  held: ["closed"],
  "held-warning": ["closed", "held"],
  "relay-silent": ["relay-rests"],
  "camera-silent": ["camera-back"],
  "relay-failed": ["opened"],
  "help-asked": ["assisted", "opened"],
  tamper: [],
} as const satisfies Record<string, readonly string[]>;

export type AlarmKind = keyof typeof ends;
export const alarmKinds = Object.keys(ends) as AlarmKind[];

/** Alarms that somebody in the flow raises and ends; where nobody does any more, nobody will ever end them. */
export const watchedKinds = [
  "fire",
  "reader-silent",
  "relay-stuck",
  "relay-unasked",
  "forced",
  "held",
  "held-warning",
  "relay-silent",
  "camera-silent",
  "relay-failed",
] as const satisfies readonly AlarmKind[];
export type WatchedKind = (typeof watchedKinds)[number];

/** The event that ends an alarm because the deployed flow watches what it is about no more; its detail says which. */
export const notWatched = "not-watched";

/** Alarms that end by themselves, ms: nobody can say that a tamper is over; who asked for help has been met or has gone. */
const lasts: Partial<Record<string, number>> = {
  tamper: 24 * 3_600_000,
  "help-asked": 15 * 60_000,
  /** A code typed under threat: no alarm that anybody sees in words, but a mark for those who act on it. */
  duress: 30 * 60_000,
};

export interface Alarm {
  kind: AlarmKind;
  /** RFC 3339: since when. */
  since: string;
}

/** What happened at a door, as the log gets it. */
export interface Happening {
  door: string;
  kind: string;
  /** RFC 3339 */
  at: string;
  detail?: string;
}

export const alarmMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "alarms that stand",
    // part: which reader or camera, where a door has several
    sql: `CREATE TABLE door_alarm (
      door TEXT NOT NULL, kind TEXT NOT NULL, part TEXT NOT NULL, since TEXT NOT NULL, PRIMARY KEY (door, kind, part)
    ) STRICT, WITHOUT ROWID`,
  },
];

/**
 * Alarms that stand at doors, kept beside the log in the same transaction as the event that raised or ended them: no
 * number of openings hides one, and no restart ends one.
 */
export class StandingAlarms {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  /** @param db `ledger.db`, with `alarmMigrations` */
  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Inside the transaction that records an entry. */
  recorded({ class: kind, fields }: Pick<LogEntry, "class" | "fields">): void {
    const happening = kind === "door-event" ? happeningOf(fields) : undefined;
    if (happening) this.take(happening);
  }

  /** Raises what it raises and ends what it ends. Taking it twice changes nothing. */
  take({ door, kind, at, detail }: Happening): void {
    const db = this.#db;
    if (kind === notWatched) {
      const [was = "", ...part] = (detail ?? "").split(" ");
      db.prepare("DELETE FROM door_alarm WHERE door = ? AND kind = ? AND part = ?").run(
        ...[door, was, part.join(" ")],
      );
      return;
    }
    for (const { kind: ended, part } of this.#endedBy(door, kind, detail))
      db.prepare("DELETE FROM door_alarm WHERE door = ? AND kind = ? AND part = ?").run(door, ended, part);
    if (!(kind in ends) && !(kind in lasts)) return;
    db.prepare(
      `INSERT INTO door_alarm (door, kind, part, since) VALUES (?1, ?2, ?3, ?4)
       ON CONFLICT DO UPDATE SET since = CASE ?5 WHEN 1 THEN excluded.since ELSE since END`,
    ).run(door, kind, partOf(kind, detail), at, kind in lasts ? 1 : 0);
  }

  /**
   * Does this end anything that stands? For what a node finds well when it starts: an alarm from before is over then, and
   * where there is none nothing happened.
   */
  wouldEnd(door: string, kind: string, detail?: string): boolean {
    return this.#endedBy(door, kind, detail, true).length > 0;
  }

  /** Everything that stands, at every door, that somebody in the flow has to watch. `part`: which reader or camera. */
  watched(): { door: string; kind: WatchedKind; part: string }[] {
    return this.#db
      .prepare("SELECT door, kind, part FROM door_alarm ORDER BY door, since")
      .all()
      .map(({ door, kind, part }) => ({
        ...{ door: String(door), kind: String(kind) as WatchedKind, part: String(part) },
      }))
      .filter(({ kind }) => watchedKinds.includes(kind));
  }

  /** Most urgent first; of several dead readers the first one's time. */
  at(door: string): Alarm[] {
    const found = new Map<string, string>();
    for (const { kind, since } of this.#standing(door)) if (!found.has(kind)) found.set(kind, since);
    return alarmKinds.flatMap((kind) => {
      const since = found.get(kind);
      return since === undefined ? [] : [{ kind, since }];
    });
  }

  /** A code was typed under threat here a while ago. */
  marked(door: string): boolean {
    return this.#standing(door).some(({ kind }) => kind === "duress");
  }

  /** After a start without any: what the newest events of the log say. @param happened oldest first */
  derive(happened: readonly Happening[]): void {
    if (this.#db.prepare("SELECT 1 FROM door_alarm LIMIT 1").get()) return;
    for (const one of happened) this.take(one);
  }

  /** @param exact of a part that is named, only that part; else an end nobody can place ends all of its kind */
  #endedBy(door: string, kind: string, detail?: string, exact = false) {
    const part = partOf(kind, detail);
    const ended = this.#standing(door).filter((one) => endsOf(one.kind).includes(kind));
    const same = ended.filter((one) => one.part === part || one.part === "" || part === "");
    return same.length > 0 || exact ? same : ended;
  }

  #standing(door: string): { kind: string; part: string; since: string }[] {
    const now = this.#clock.now().getTime();
    return this.#db
      .prepare("SELECT kind, part, since FROM door_alarm WHERE door = ? ORDER BY since")
      .all(door)
      .map(({ kind, part, since }) => ({ kind: String(kind), part: String(part), since: String(since) }))
      .filter(({ kind, since }) => now - Date.parse(since) < (lasts[kind] ?? Number.POSITIVE_INFINITY));
  }
}

const endsOf = (kind: string): readonly string[] => (kind in ends ? ends[kind as AlarmKind] : []);

/** Which reader or camera it is: readers say their line, cameras their id and then what is wrong. */
function partOf(kind: string, detail = ""): string {
  if (kind.startsWith("reader-")) return detail;
  return kind.startsWith("camera-") ? detail.split(" ")[0]! : "";
}

/** A door event of the log as it happened; undefined: its fields are gone. */
export function happeningOf(fields: LogEntry["fields"] | undefined): Happening | undefined {
  const { door, kind, at, detail } = fields ?? {};
  if (typeof door !== "string" || typeof kind !== "string" || typeof at !== "string") return undefined;
  return { door, kind, at, ...(typeof detail === "string" && { detail }) };
}
