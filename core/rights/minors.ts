import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { youngerThan } from "../consent/dates.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";

/** Under this age a person is a minor (Regulations on the Protection of Minors in Cyberspace; Law on the Protection of Minors art. 2). */
const grownUp = 18;
const hourMs = 3_600_000;

export interface MinorDeps {
  /** `ledger.db`, with `rightsMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
  /** IANA zone in which birthdays begin. */
  timeZone(): string;
  birthDate(person: string): string | undefined;
}

export interface Actor {
  id: string;
  role: string;
  name: string;
}

export interface ApprovalView {
  id: string;
  person?: string;
  account: string;
  purpose: string;
  asked: string;
  state: "waiting" | "granted" | "refused" | "over";
  until?: string;
}

/** A year's audit of access to minors' data: counts of nobody. */
export interface MinorReport {
  year: number;
  looks: { role: string; purpose: string; outcome: "approved" | "in-charge" | "denied"; count: number }[];
  approvals: { asked: number; granted: number; refused: number; waiting: number };
}

interface Row {
  id: string;
  person: string | null;
  account: string;
  account_name: string;
  purpose: string;
  asked: string;
  decided: string | null;
  granted: number | null;
  until: string | null;
}

/** Who is in charge of minors' data, and may let others see it (art. 36). */
const inCharge = new Set(["manager", "privacy-officer"]);

/** Staff see a minor's data after somebody in charge approved it, for a day; every look is counted (RD-49). */
export class Minors {
  readonly #deps: MinorDeps;

  constructor(deps: MinorDeps) {
    this.#deps = deps;
  }

  is(person: string): boolean {
    const { birthDate, clock, timeZone } = this.#deps;
    const born = birthDate(person);
    return born !== undefined && youngerThan(born, grownUp, clock.now(), timeZone());
  }

  /**
   * Before a minor's data is read or changed by staff. One's own data, and everybody else's, pass.
   * @throws LimenError `minor-needs-approval`
   */
  require(actor: Actor, person: string, purpose: string): void {
    if (actor.role === "resident" || !this.is(person)) return;
    if (inCharge.has(actor.role)) {
      this.#count(actor, purpose, "in-charge");
      return;
    }
    const row = this.#deps.db
      .prepare(
        "SELECT 1 FROM minor_approval WHERE person = ? AND account = ? AND purpose = ? AND granted = 1 AND until > ?",
      )
      .get(person, actor.id, purpose, this.#deps.clock.now().toISOString());
    this.#count(actor, purpose, row ? "approved" : "denied");
    if (!row) throw new LimenError("minor-needs-approval", { field: "/person", status: 403 });
  }

  /** Asks for an approval; asking again while one waits is the same question. @returns its id */
  ask(actor: Actor, person: string, purpose: string): string {
    const { db, clock } = this.#deps;
    const waiting = db
      .prepare(
        "SELECT id FROM minor_approval WHERE person = ? AND account = ? AND purpose = ? AND decided IS NULL",
      )
      .get(person, actor.id, purpose);
    if (waiting) return String(waiting.id);
    const id = opaqueId("approval");
    const now = clock.now();
    this.#record(person, "minor-access-asked", now, { by: actor.id, approval: id, purpose }, () =>
      db
        .prepare(
          "INSERT INTO minor_approval (id, person, account, account_name, purpose, asked) VALUES (?, ?, ?, ?, ?, ?)",
        )
        .run(id, person, actor.id, actor.name, purpose, now.toISOString()),
    );
    return id;
  }

  /** A question that waits: whose data, and what for. @throws LimenError `approval-unknown`, `approval-decided` */
  waiting(id: string): { person: string; purpose: string; account: string } {
    const row = this.#deps.db.prepare("SELECT * FROM minor_approval WHERE id = ?").get(id) as Row | undefined;
    if (!row?.person) throw new LimenError("approval-unknown", { field: "/id", status: 404 });
    if (row.decided !== null) throw new LimenError("approval-decided", { field: "/id", status: 409 });
    return { person: row.person, purpose: row.purpose, account: row.account };
  }

  /** @throws LimenError `approval-unknown`, `approval-decided`, `approver-same` */
  decide(actor: Actor, id: string, granted: boolean, hours: number): void {
    const { db, clock } = this.#deps;
    const { person, purpose, account } = this.waiting(id);
    if (account === actor.id) throw new LimenError("approver-same", { field: "/id", status: 409 });
    const now = clock.now();
    const until = granted ? new Date(now.getTime() + hours * hourMs).toISOString() : null;
    const what = granted ? "minor-access-granted" : "minor-access-refused";
    this.#record(person, what, now, { by: actor.id, approval: id, purpose }, () =>
      db
        .prepare("UPDATE minor_approval SET decided = ?, decided_by = ?, granted = ?, until = ? WHERE id = ?")
        .run(now.toISOString(), actor.id, granted ? 1 : 0, until, id),
    );
  }

  /** Waiting ones first. @param account only one's own questions */
  list(account?: string): ApprovalView[] {
    const now = this.#deps.clock.now().toISOString();
    return (
      this.#deps.db
        .prepare(
          `SELECT * FROM minor_approval WHERE ? IS NULL OR account = ? ORDER BY decided IS NOT NULL, asked DESC LIMIT 100`,
        )
        .all(account ?? null, account ?? null) as unknown as Row[]
    ).map(({ id, person, account_name: name, purpose, asked, decided, granted, until }) => ({
      id,
      account: name,
      purpose,
      asked,
      state:
        decided === null ? "waiting" : granted !== 1 ? "refused" : (until ?? "") > now ? "granted" : "over",
      ...(person !== null && { person }),
      ...(until !== null && { until }),
    }));
  }

  /** @param year of the calendar, UTC */
  report(year: number): MinorReport {
    const { db } = this.#deps;
    const from = `${year}-01-01`;
    const to = `${year + 1}-01-01`;
    const looks = db
      .prepare(
        `SELECT role, purpose, outcome, count(*) AS count FROM minor_access WHERE at >= ? AND at < ?
         GROUP BY role, purpose, outcome ORDER BY role, purpose, outcome`,
      )
      .all(from, to)
      .map(({ role, purpose, outcome, count }) => ({
        role: String(role),
        purpose: String(purpose),
        outcome: String(outcome) as "approved",
        count: Number(count),
      }));
    const row = db
      .prepare(
        `SELECT count(*) AS asked, coalesce(sum(granted = 1), 0) AS granted, coalesce(sum(granted = 0), 0) AS refused,
         coalesce(sum(decided IS NULL), 0) AS waiting FROM minor_approval WHERE asked >= ? AND asked < ?`,
      )
      .get(from, to)!;
    const count = (name: string) => Number(row[name]);
    return {
      year,
      looks,
      approvals: {
        asked: count("asked"),
        granted: count("granted"),
        refused: count("refused"),
        waiting: count("waiting"),
      },
    };
  }

  /** Approvals decided, and looks counted, so many days ago (RD-43). */
  over(days: number): number {
    const before = this.#before(days);
    const count = (sql: string) => Number(this.#deps.db.prepare(sql).get(before)?.count);
    return (
      count("SELECT count(*) AS count FROM minor_approval WHERE decided < ?") +
      count("SELECT count(*) AS count FROM minor_access WHERE at < ?")
    );
  }

  /** Deletes them. @returns how many */
  forget(days: number): number {
    const before = this.#before(days);
    const { db } = this.#deps;
    return (
      Number(db.prepare("DELETE FROM minor_approval WHERE decided < ?").run(before).changes) +
      Number(db.prepare("DELETE FROM minor_access WHERE at < ?").run(before).changes)
    );
  }

  #before(days: number): string {
    return new Date(this.#deps.clock.now().getTime() - days * 24 * hourMs).toISOString();
  }

  /** Inside an erasure. */
  cut(person: string): void {
    this.#deps.db.prepare("UPDATE minor_approval SET person = NULL WHERE person = ?").run(person);
  }

  #count({ role }: Actor, purpose: string, outcome: MinorReport["looks"][number]["outcome"]): void {
    const { db, clock } = this.#deps;
    db.prepare("INSERT INTO minor_access (at, role, purpose, outcome) VALUES (?, ?, ?, ?)").run(
      clock.now().toISOString(),
      role,
      purpose,
      outcome,
    );
  }

  #record(
    subject: string,
    what: string,
    at: Date,
    fields: Record<string, FieldValue>,
    write: () => void,
  ): void {
    this.#deps.log.appendWith(
      [{ class: "configuration", at, subject, fields: { at: at.toISOString(), what, ...fields } }],
      write,
    );
  }
}
