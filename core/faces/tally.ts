import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import type { AttemptCode } from "../entry/codes.ts";
import type { Migration } from "../store/migrate.ts";

/** Counts of looks and enrolments in `ledger.db`: how often, where and on which day; never who, never at what hour. */
export const tallyMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "counts of looks",
    sql: `
      CREATE TABLE face_tally (
        day TEXT NOT NULL,
        -- '' for what happens at the desk
        door TEXT NOT NULL,
        what TEXT NOT NULL,
        n INTEGER NOT NULL,
        PRIMARY KEY (day, door, what)
      ) STRICT, WITHOUT ROWID;
      -- how a door last looked: what its threshold follows from
      CREATE TABLE face_setting (door TEXT PRIMARY KEY, mode TEXT NOT NULL, risk REAL NOT NULL) STRICT, WITHOUT ROWID;
    `,
  },
];

/** A year, and a month to compare it with. */
const keptDays = 400;
const dayMs = 86_400_000;
/** After a look that failed, what happens at the same door within this time is taken to be the same person. */
const sameVisitMs = 60_000;

/**
 * Ends that say nothing about any face: the camera, the models or the box failed. They are in no rate of faces (ISO/IEC
 * 19795-1 counts attempts, and these were none), start no visit, and are told on a line of their own.
 */
const technicalCodes = new Set([
  "camera-silent",
  "camera-frozen",
  "camera-bad-picture",
  "face-busy",
  "models-missing",
  "calibration-missing",
  "nobody-enrolled",
  "worker-lost",
  "vault-away",
]);

/** Did the camera, the models or the box fail, and not a face? */
export const isTechnical = (code: string | undefined): boolean =>
  code !== undefined && technicalCodes.has(code);

export const ageBands = ["under-18", "18-39", "40-64", "65-plus"] as const;
export type AgeBand = (typeof ageBands)[number];

/** @param birthDate `YYYY-MM-DD`; undefined: not stated, so not counted by age */
export function bandOf(birthDate: string | undefined, now: Date): AgeBand | undefined {
  if (birthDate === undefined) return undefined;
  const years = (now.getTime() - Date.parse(birthDate)) / (365.25 * dayMs);
  if (Number.isNaN(years)) return undefined;
  if (years < 18) return "under-18";
  if (years < 40) return "18-39";
  return years < 65 ? "40-64" : "65-plus";
}

export interface Look {
  door: string;
  mode: "1:N" | "1:1";
  risk: number;
  /** Of a look, or of what kept one from starting. */
  code: AttemptCode;
  /** Only in 1:1, where a look that failed was still at somebody. */
  band?: AgeBand | undefined;
}

export interface TallyRow {
  door: string;
  /** `look CODE`, `again`, `again-granted`, `other-way`, `enrol CODE`, `enrol-age BAND ok|failed`, `verify-age BAND ok|failed`. */
  what: string;
  n: number;
}

export interface DoorSetting {
  mode: "1:N" | "1:1";
  risk: number;
}

/**
 * Adds up in memory and writes now and then: a count lost in a power cut is no evidence of anything, and no look waits for
 * a disk because of it. What is remembered of a failed look is its door and its moment, for a minute, in memory.
 */
export class FaceTally {
  readonly #clock: Clock;
  readonly #db: DatabaseSync;
  readonly #add: StatementSync;
  readonly #settings = new Map<string, DoorSetting>();
  readonly #unsaved = new Map<string, number>();
  readonly #failedAt = new Map<string, number>();
  #sweptOn = "";

  constructor({ db, clock }: { db: DatabaseSync; clock: Clock }) {
    this.#clock = clock;
    this.#db = db;
    this.#add = db.prepare(
      "INSERT INTO face_tally VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
    );
    for (const { door, mode, risk } of db.prepare("SELECT * FROM face_setting").all()) {
      this.#settings.set(String(door), { mode: mode as DoorSetting["mode"], risk: Number(risk) });
    }
  }

  /** A look came to its end. */
  looked({ door, mode, risk, code, band }: Look): void {
    this.#set(door, { mode, risk });
    this.#count(door, `look ${code}`);
    if (isTechnical(code)) return;
    if (band) this.#count("", `verify-age ${band} ${code === "granted" ? "ok" : "failed"}`);
    const again = this.#lately(door);
    if (again) this.#count(door, "again");
    if (code === "granted") {
      if (again) this.#count(door, "again-granted");
      this.#failedAt.delete(door);
    } else this.#failedAt.set(door, this.#clock.monotonic());
  }

  /** Looks that somebody asked for while the vault did not answer. */
  unanswered(door: string, looks: number): void {
    if (looks > 0) this.#count(door, "look vault-away", looks);
  }

  /** Somebody was let in at this door without a face. */
  otherWay(door: string): void {
    if (!this.#lately(door)) return;
    this.#count(door, "other-way");
    this.#failedAt.delete(door); // one failed look, one other way
  }

  /** An enrolment came to its end. @param code why not; undefined: enrolled */
  enrolled(code: string | undefined, band: AgeBand | undefined): void {
    this.#count("", `enrol ${code ?? "ok"}`);
    if (band && !isTechnical(code))
      this.#count("", `enrol-age ${band} ${code === undefined ? "ok" : "failed"}`);
  }

  setting(door: string): DoorSetting | undefined {
    return this.#settings.get(door);
  }

  /** Counts from a day on, added up. @param from first day */
  read(from: Date): TallyRow[] {
    this.flush();
    return this.#db
      .prepare("SELECT door, what, sum(n) AS n FROM face_tally WHERE day >= ? GROUP BY door, what")
      .all(dayOf(from))
      .map(({ door, what, n }) => ({ door: String(door), what: String(what), n: Number(n) }));
  }

  /** Writes what was added up since the last time, and forgets days that are over. */
  flush(): void {
    const today = dayOf(this.#clock.now());
    if (this.#unsaved.size === 0 && this.#sweptOn === today) return;
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      for (const [key, n] of this.#unsaved) {
        const [day, door, what] = key.split("\n") as [string, string, string];
        this.#add.run(day, door, what, n);
      }
      if (this.#sweptOn !== today) {
        const oldest = dayOf(new Date(this.#clock.now().getTime() - keptDays * dayMs));
        this.#db.prepare("DELETE FROM face_tally WHERE day < ?").run(oldest);
      }
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
    this.#unsaved.clear();
    this.#sweptOn = today;
  }

  #lately(door: string): boolean {
    const failed = this.#failedAt.get(door);
    return failed !== undefined && this.#clock.monotonic() - failed <= sameVisitMs;
  }

  #count(door: string, what: string, n = 1): void {
    const key = `${dayOf(this.#clock.now())}\n${door}\n${what}`;
    this.#unsaved.set(key, (this.#unsaved.get(key) ?? 0) + n);
  }

  #set(door: string, setting: DoorSetting): void {
    const known = this.#settings.get(door);
    if (known?.mode === setting.mode && known.risk === setting.risk) return;
    this.#settings.set(door, setting);
    this.#db
      .prepare("INSERT INTO face_setting VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mode = ?2, risk = ?3")
      .run(door, setting.mode, setting.risk);
  }
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
