import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue, LogEntry } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { openFor, type SealDeps, sealFor } from "./sealed.ts";

/** Why something may leave, or be put together, at all: the article is in the words (`rights.basis-<id>`). */
export const disclosureBases = [
  "criminal-procedure",
  "public-security",
  "court-order",
  "emergency",
  "own-claim",
  "security-case",
] as const;
export type DisclosureBasis = (typeof disclosureBases)[number];

export type DisclosureState = "asked" | "approved" | "refused" | "expired";

/** What may be given out: entries of doors in a time that has passed. Never a picture, a template or a number. */
export interface Scope {
  doors: readonly string[];
  /** RFC 3339 */
  from: string;
  to: string;
  /** One person's entries alone. */
  person?: string;
  /** With the names of those who entered. */
  names: boolean;
}

export interface NewDisclosure extends Scope {
  kind: "authority" | "inquiry";
  recipient: string;
  basis: DisclosureBasis;
  case: string;
  why: string;
  /** Who asked, by name or number of office. */
  officer: string;
  expires: string;
  /** Until when a law forbids telling those concerned, and which. */
  withheld?: { until: string; law: string };
}

/** An account that opens, approves or refuses. */
export interface Approver {
  id: string;
  name: string;
}

export interface DisclosureView extends Omit<NewDisclosure, "why" | "officer" | "doors"> {
  id: string;
  doors: string[];
  why?: string;
  officer?: string;
  state: DisclosureState;
  opened: string;
  opener: string;
  /** Is it the reader's own, who therefore cannot be the second? */
  approved?: string;
  approver?: string;
  /** How often it was handed out; and of the last time, how much. */
  released: number;
  handed?: string;
  entries?: number;
  people?: number;
}

/** One disclosure as somebody it concerns sees it. */
export interface Told {
  id: string;
  kind: "authority" | "inquiry";
  recipient: string;
  basis: DisclosureBasis;
  doors: string[];
  from: string;
  to: string;
  at: string;
}

export interface DisclosureDeps extends SealDeps {
  /** `ledger.db`, with `rightsMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
}

interface Row {
  id: string;
  kind: "authority" | "inquiry";
  recipient: string;
  basis: DisclosureBasis;
  case_no: string;
  person: string | null;
  doors: string;
  from_time: string;
  to_time: string;
  names: number;
  withheld: string | null;
  withheld_law: string | null;
  opened: string;
  opened_by: string;
  opened_name: string;
  approved: string | null;
  approved_by: string | null;
  approved_name: string | null;
  refused: string | null;
  expires: string;
  released: number;
  last_release: string | null;
  entries: number | null;
  people: number | null;
  sealed: Uint8Array | null;
}

const dayMs = 86_400_000;
/** The longest time one case may look back on: of one person or of nobody; of everybody at a door. */
const longest = { narrow: 31 * dayMs, names: 3 * dayMs };
const longestLife = 14 * dayMs;
const longestSilence = 366 * dayMs;

/**
 * Case by case, or not at all (RD-46, RD-60): a recipient, a basis, doors and a time that is over, opened by one account,
 * approved by another, good for a few days. Nothing here can be made to stand.
 */
export class Disclosures {
  readonly #deps: DisclosureDeps;

  constructor(deps: DisclosureDeps) {
    this.#deps = deps;
  }

  /** @throws LimenError `approver-not-a-person`, `disclosure-bad` at the field, `log-failed` */
  open(request: NewDisclosure, by: Approver): string {
    requirePerson(by);
    const { db, clock } = this.#deps;
    const now = clock.now();
    const wrong = wrongIn(request, now.getTime());
    if (wrong) {
      throw new LimenError("disclosure-bad", { field: wrong, params: { field: wrong }, status: 422 });
    }
    const id = opaqueId("disclosure");
    const { person, withheld, why, officer } = request;
    const sealed = sealFor(this.#deps, "disclosure", id, person ?? id, { why, officer });
    this.#record("disclosure-asked", { disclosure: id, kind: request.kind, by: by.id }, () =>
      db
        .prepare(
          `INSERT INTO disclosure (id, kind, recipient, basis, case_no, person, doors, from_time, to_time, names,
             withheld, withheld_law, opened, opened_by, opened_name, expires, sealed)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          id,
          request.kind,
          request.recipient,
          request.basis,
          request.case,
          person ?? null,
          JSON.stringify(request.doors),
          request.from,
          request.to,
          request.names ? 1 : 0,
          withheld?.until ?? null,
          withheld?.law ?? null,
          now.toISOString(),
          by.id,
          by.name,
          request.expires,
          sealed,
        ),
    );
    return id;
  }

  /**
   * The second person says yes.
   * @throws LimenError `disclosure-unknown`, `disclosure-over`, `approver-not-a-person`, `approver-same`
   */
  approve(id: string, by: Approver): void {
    const { db, clock } = this.#deps;
    requirePerson(by);
    const row = this.#row(id);
    if (this.#state(row) !== "asked") throw over();
    if (row.opened_by === by.id) throw new LimenError("approver-same", { field: "/id", status: 409 });
    this.#record("disclosure-approved", { disclosure: id, by: by.id }, () =>
      db
        .prepare("UPDATE disclosure SET approved = ?, approved_by = ?, approved_name = ? WHERE id = ?")
        .run(clock.now().toISOString(), by.id, by.name, id),
    );
  }

  /** Anybody who could approve says no, before or after. @throws LimenError `disclosure-unknown`, `disclosure-over` */
  refuse(id: string, by: Approver): void {
    const { db, clock } = this.#deps;
    const state = this.#state(this.#row(id));
    if (state !== "asked" && state !== "approved") throw over();
    this.#record("disclosure-refused", { disclosure: id, by: by.id }, () =>
      db.prepare("UPDATE disclosure SET refused = ? WHERE id = ?").run(clock.now().toISOString(), id),
    );
  }

  /** What may be read now. @throws LimenError `disclosure-unknown`, `disclosure-not-approved`, `disclosure-over` */
  requireApproved(id: string): DisclosureView {
    const view = this.read(id);
    if (view.state === "asked") {
      throw new LimenError("disclosure-not-approved", { field: "/id", status: 409 });
    }
    if (view.state !== "approved") throw over();
    return view;
  }

  /**
   * Writes down that it was handed out and whom it concerned, before it is: each of them sees it on their own page, now or
   * when the law's silence ends.
   * @throws LimenError `disclosure-unknown`, `disclosure-not-approved`, `disclosure-over`, `log-failed`
   */
  release(id: string, found: { entries: number; persons: readonly string[] }, by: Approver): DisclosureView {
    const { db, log, clock } = this.#deps;
    const view = this.requireApproved(id);
    const now = clock.now();
    const at = now.toISOString();
    const silent = view.withheld !== undefined && view.withheld.until > at;
    const { entries, persons } = found;
    const count = { entries, people: persons.length };
    const own: LogEntry = {
      class: "configuration",
      at: now,
      fields: { at, what: "disclosure-released", disclosure: id, by: by.id, ...count },
    };
    const told = silent ? [] : persons.map((person) => tellingOf(view, person, by, now));
    log.appendWith([own, ...told], () => {
      db.prepare(
        "UPDATE disclosure SET released = released + 1, last_release = ?, entries = ?, people = ? WHERE id = ?",
      ).run(at, entries, persons.length, id);
      const add = db.prepare(
        `INSERT INTO disclosure_person (disclosure, person, at, told) VALUES (?, ?, ?, ?)
         ON CONFLICT (disclosure, person) DO UPDATE SET told = coalesce(told, excluded.told)`,
      );
      for (const person of persons) add.run(id, person, at, silent ? null : at);
    });
    return this.read(id);
  }

  /** @throws LimenError `disclosure-unknown` */
  read(id: string): DisclosureView {
    return this.#view(this.#row(id));
  }

  /** Newest first. */
  list(limit = 200): DisclosureView[] {
    return (
      this.#deps.db
        .prepare("SELECT * FROM disclosure ORDER BY opened DESC LIMIT ?")
        .all(limit) as unknown as Row[]
    ).map((row) => this.#view(row));
  }

  /** What somebody may know of, newest first. */
  toldTo(person: string): Told[] {
    return this.#deps.db
      .prepare(
        `SELECT d.*, p.at AS given FROM disclosure_person p JOIN disclosure d ON d.id = p.disclosure
         WHERE p.person = ? AND p.told IS NOT NULL ORDER BY p.at DESC`,
      )
      .all(person)
      .map((found) => {
        const { id, kind, recipient, basis, doors, from_time: from, to_time: to } = found as unknown as Row;
        return {
          id,
          kind,
          recipient,
          basis,
          doors: JSON.parse(doors) as string[],
          from,
          to,
          at: String(found.given),
        };
      });
  }

  /** Tells those whom a law kept from knowing, once its time is over. Call it hourly. @returns how many people */
  sweep(): number {
    const { db, log, clock } = this.#deps;
    const now = clock.now();
    const due = db
      .prepare(
        `SELECT p.disclosure, p.person FROM disclosure_person p JOIN disclosure d ON d.id = p.disclosure
         WHERE p.told IS NULL AND (d.withheld IS NULL OR d.withheld <= ?) LIMIT 500`,
      )
      .all(now.toISOString())
      .map((row) => ({ id: String(row.disclosure), person: String(row.person) }));
    if (due.length === 0) return 0;
    const system = { id: "system", name: "" };
    const entries = due.map(({ id, person }) => tellingOf(this.read(id), person, system, now));
    log.appendWith(entries, () => {
      const tell = db.prepare("UPDATE disclosure_person SET told = ? WHERE disclosure = ? AND person = ?");
      for (const { id, person } of due) tell.run(now.toISOString(), id, person);
    });
    return due.length;
  }

  /** Inside an erasure: the register keeps that something was disclosed, of nobody. */
  cut(person: string): void {
    const { db } = this.#deps;
    db.prepare("UPDATE disclosure SET person = NULL, sealed = NULL WHERE person = ?").run(person);
    db.prepare("DELETE FROM disclosure_person WHERE person = ?").run(person);
  }

  /** Ended so many days ago, and still about somebody (RD-43). */
  over(days: number, held: (person: string) => boolean = () => false): string[] {
    const before = new Date(this.#deps.clock.now().getTime() - days * dayMs).toISOString();
    return this.#deps.db
      .prepare(
        `SELECT id, person FROM disclosure d WHERE expires < ? AND (sealed IS NOT NULL OR
         EXISTS (SELECT 1 FROM disclosure_person p WHERE p.disclosure = d.id))`,
      )
      .all(before)
      .filter(({ person }) => person === null || !held(String(person)))
      .map(({ id }) => String(id));
  }

  /** Takes out of them whom they concerned and why; that something was disclosed stays. @returns how many */
  forget(days: number, held?: (person: string) => boolean): number {
    const { db, keys } = this.#deps;
    const ids = this.over(days, held);
    for (const id of ids) {
      db.prepare("UPDATE disclosure SET person = NULL, sealed = NULL WHERE id = ?").run(id);
      db.prepare("DELETE FROM disclosure_person WHERE disclosure = ?").run(id);
      keys.destroy(id);
    }
    return ids.length;
  }

  #record(what: string, fields: Record<string, FieldValue>, write: () => void): void {
    const at = this.#deps.clock.now();
    this.#deps.log.appendWith(
      [{ class: "configuration", at, fields: { at: at.toISOString(), what, ...fields } }],
      write,
    );
  }

  #state({ refused, approved, expires }: Row): DisclosureState {
    if (refused !== null) return "refused";
    if (expires <= this.#deps.clock.now().toISOString()) return "expired";
    return approved === null ? "asked" : "approved";
  }

  #view(row: Row): DisclosureView {
    const { id, kind, recipient, basis, person } = row;
    const words = openFor<{ why: string; officer: string }>(
      this.#deps,
      "disclosure",
      id,
      person ?? id,
      row.sealed,
    );
    return {
      id,
      kind,
      recipient,
      basis,
      case: row.case_no,
      doors: JSON.parse(row.doors) as string[],
      from: row.from_time,
      to: row.to_time,
      names: row.names === 1,
      expires: row.expires,
      state: this.#state(row),
      opened: row.opened,
      opener: row.opened_name,
      released: row.released,
      ...words,
      ...(person !== null && { person }),
      ...(row.withheld !== null && {
        withheld: { until: row.withheld, law: row.withheld_law ?? "" },
      }),
      ...(row.approved !== null && { approved: row.approved, approver: row.approved_name ?? "" }),
      ...(row.last_release !== null && { handed: row.last_release }),
      ...(row.entries !== null && { entries: row.entries }),
      ...(row.people !== null && { people: row.people }),
    };
  }

  #row(id: string): Row {
    const row = this.#deps.db.prepare("SELECT * FROM disclosure WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("disclosure-unknown", { field: "/id", status: 404 });
    return row;
  }
}

/** The field that makes a case too wide, too long or without end; undefined: none. */
function wrongIn(request: NewDisclosure, now: number): string | undefined {
  const { kind, basis, from, to, expires, person, names, withheld, doors } = request;
  const [start, end, life] = [from, to, expires].map((at) => Date.parse(at)) as [number, number, number];
  if (doors.length === 0) return "/doors";
  if (!(start < end)) return "/from";
  if (!(end <= now)) return "/to"; // what is still to come would be a feed
  if (end - start > (names && person === undefined ? longest.names : longest.narrow)) return "/from";
  if (!(life > now && life <= now + longestLife)) return "/expires";
  if ((kind === "inquiry") !== (basis === "security-case" || basis === "own-claim")) return "/basis";
  if (withheld) {
    const until = Date.parse(withheld.until);
    if (kind === "inquiry" || withheld.law.trim().length < 2) return "/withheld/law";
    if (!(until > now && until <= now + longestSilence)) return "/withheld/until";
  }
  return undefined;
}

/** Beside the look-ups of staff: who got one's data, and what for. */
const tellingOf = (view: DisclosureView, person: string, by: Approver, at: Date): LogEntry => ({
  class: "look-up",
  at,
  subject: person,
  fields: {
    at: at.toISOString(),
    by: by.id,
    name: view.recipient,
    purpose: view.kind === "authority" ? "disclosure" : "security-case",
    what: `entries ${view.doors.join(" ")}`,
    disclosure: view.id,
  },
});

/** A token is a program's, and the operator of the box is whoever holds it: neither can be one of two people. */
function requirePerson({ id }: Approver): void {
  if (!id.startsWith("staff_")) throw new LimenError("approver-not-a-person", { field: "/id", status: 403 });
}

const over = (): LimenError => new LimenError("disclosure-over", { field: "/id", status: 409 });
