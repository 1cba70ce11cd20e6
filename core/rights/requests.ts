import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { type Signer, signJson } from "../consent/index.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { dueAt, type Level, levelOf } from "./calendar.ts";
import type { RightsPack } from "./packs.ts";
import { openFor, type SealDeps, sealFor } from "./sealed.ts";

/** What somebody may ask for (PIPL 44 to 50; GDPR 12 to 22). */
export const requestKinds = [
  "access",
  "copy",
  "correct",
  "delete",
  "restrict",
  "object",
  "withdraw",
  "explain",
  "complaint",
  "next-of-kin",
  "processor",
] as const;
export type RequestKind = (typeof requestKinds)[number];

/** The only grounds on which a request may be refused; each needs its reasons in words beside it (PIPL 50). */
export const refusalGrounds = [
  "identity-not-shown",
  "not-held",
  "law-requires-keeping",
  "rights-of-others",
  "already-answered",
  "not-entitled",
] as const;
export type RefusalGround = (typeof refusalGrounds)[number];

export type RequestState = "open" | "answered" | "refused" | "withdrawn" | "erased";
export type RequestChannel = "resident-page" | "desk";

/** What only the key of its person opens. */
export interface RequestWords {
  text: string;
  /** Leaf of one's own refusal at a door that is to be explained or reviewed. */
  entry?: number;
  /** For somebody who asks in another's place: who, and how to reach them. */
  asker?: string;
  relation?: "next-of-kin" | "guardian" | "agent";
  answer?: string;
  ground?: RefusalGround;
  /** Why the time was prolonged. */
  extension?: string;
}

export interface RequestLine {
  id: string;
  person?: string;
  kind: RequestKind;
  channel: RequestChannel;
  processor?: string;
  /** RFC 3339, each. */
  filed: string;
  due: string;
  extended?: string;
  state: RequestState;
  closed?: string;
  /** Of an open one. */
  level?: Level;
}
export type RequestView = RequestLine & Partial<RequestWords>;

export interface NewRequest extends Pick<RequestWords, "text" | "entry" | "asker" | "relation"> {
  person?: string;
  kind: RequestKind;
  channel: RequestChannel;
  processor?: string;
}

export interface RequestDeps extends SealDeps {
  /** `ledger.db`, with `rightsMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
  signer: Signer;
  /** Of the site's policy, as of now; `promised`: days the public notice promises an answer in. */
  rules(): { pack: RightsPack; timeZone: string; promised?: number };
}

interface Row {
  id: string;
  person: string | null;
  kind: RequestKind;
  channel: RequestChannel;
  processor: string | null;
  filed: string;
  due: string;
  extended: string | null;
  escalated: string | null;
  state: RequestState;
  closed: string | null;
  sealed: Uint8Array | null;
}

/** Requests about one's rights, each with its clock; every step is a leaf of the log in the same transaction. */
export class Requests {
  readonly #deps: RequestDeps;

  constructor(deps: RequestDeps) {
    this.#deps = deps;
  }

  /** Takes a request in; the clock begins. @returns it, and the asker's signed receipt @throws LimenError `log-failed` */
  file(request: NewRequest, by: string): { request: RequestView; receipt: string } {
    const { db, clock } = this.#deps;
    const { pack, timeZone, promised } = this.#deps.rules();
    const now = clock.now();
    const { person, kind, channel, processor, ...words } = request;
    const id = opaqueId("request");
    const period = kind === "processor" ? pack.question : pack.request;
    const due = dueAt(now, period, {
      calendar: pack.calendar,
      timeZone,
      ...(promised !== undefined && kind !== "processor" && { promised }),
    });
    const sealed = sealFor(this.#deps, "request", id, person ?? id, words);
    this.#record(person ?? id, "request-filed", now, { request: id, kind, by, due: due.toISOString() }, () =>
      db
        .prepare(
          `INSERT INTO rights_request (id, person, kind, channel, processor, filed, due, state, sealed)
           VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?)`,
        )
        .run(
          id,
          person ?? null,
          kind,
          channel,
          processor ?? null,
          now.toISOString(),
          due.toISOString(),
          sealed,
        ),
    );
    return { request: this.read(id), receipt: this.receipt(id) };
  }

  /**
   * Answers, or refuses with a ground and its reasons: there is no refusal without them. A withdrawal cannot be refused.
   * @throws LimenError `request-unknown`, `request-closed`, `request-reason-missing`, `request-not-refusable`
   */
  answer(id: string, answer: { text: string; ground?: RefusalGround }, by: string): RequestView {
    const row = this.#open(id);
    const { ground } = answer;
    const text = answer.text.trim();
    if (ground !== undefined && row.kind === "withdraw") {
      throw new LimenError("request-not-refusable", { field: "/ground", status: 422 });
    }
    if (text.length < (ground === undefined ? 1 : 10)) {
      throw new LimenError("request-reason-missing", { field: "/text", status: 422 });
    }
    const state = ground === undefined ? "answered" : "refused";
    return this.#close(row, state, by, { answer: text, ...(ground !== undefined && { ground }) });
  }

  /** The one who asked takes it back. @throws LimenError `request-unknown`, `request-closed` */
  withdraw(id: string, by: string): RequestView {
    return this.#close(this.#open(id), "withdrawn", by, {});
  }

  /**
   * Prolongs the time, once, before it is over, and with a reason that is shown to whoever asked (GDPR 12(3)).
   * @throws LimenError `request-unknown`, `request-closed`, `request-extended`, `request-reason-missing`
   */
  extend(id: string, reason: string, by: string): RequestView {
    const { db, clock } = this.#deps;
    const row = this.#open(id);
    const now = clock.now();
    if (row.extended !== null || now.getTime() > Date.parse(row.due)) {
      throw new LimenError("request-extended", { field: "/id", status: 409 });
    }
    if (reason.trim().length < 10) {
      throw new LimenError("request-reason-missing", { field: "/reason", status: 422 });
    }
    const { pack, timeZone } = this.#deps.rules();
    const due = dueAt(new Date(row.filed), pack.extension, { calendar: pack.calendar, timeZone });
    if (due.getTime() <= Date.parse(row.due)) {
      throw new LimenError("request-extended", { field: "/id", status: 409 });
    }
    const sealed = this.#reseal(row, { extension: reason.trim() });
    const fields = { request: id, kind: row.kind, by, due: due.toISOString() };
    this.#record(holder(row), "request-extended", now, fields, () =>
      db
        .prepare("UPDATE rights_request SET due = ?, extended = ?, sealed = ? WHERE id = ?")
        .run(due.toISOString(), now.toISOString(), sealed, id),
    );
    return this.read(id);
  }

  /** @throws LimenError `request-unknown` */
  read(id: string): RequestView {
    const row = this.#row(id);
    const words = openFor<RequestWords>(this.#deps, "request", id, holder(row), row.sealed);
    return { ...this.#line(row), ...words };
  }

  /** Somebody's own, newest first. */
  of(person: string): RequestView[] {
    return this.#deps.db
      .prepare("SELECT id FROM rights_request WHERE person = ? ORDER BY filed DESC")
      .all(person)
      .map((row) => this.read(String(row.id)));
  }

  /** The most urgent first; what they say is not read. @param open also those that are closed when false */
  list({ open, limit = 200 }: { open: boolean; limit?: number }): RequestLine[] {
    const where = open ? "WHERE state = 'open' ORDER BY due" : "ORDER BY state = 'open' DESC, filed DESC";
    return (
      this.#deps.db.prepare(`SELECT * FROM rights_request ${where} LIMIT ?`).all(limit) as unknown as Row[]
    ).map((row) => this.#line(row));
  }

  /** What the asker keeps: that, when and of what kind, and by when there must be an answer. No word of its text. */
  receipt(id: string): string {
    const row = this.#row(id);
    return signJson(
      {
        type: "limen-request-receipt",
        version: 1,
        id,
        kind: row.kind,
        filed: row.filed,
        due: row.due,
        state: row.state,
        ...(row.extended !== null && { extended: row.extended }),
        ...(row.closed !== null && { closed: row.closed }),
      },
      this.#deps.signer,
    );
  }

  /** Writes down, once each, which are so late that they are everybody's matter. Call it hourly. @returns how many */
  sweep(): number {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const late = this.list({ open: true, limit: 1000 }).filter(({ level }) => level === "escalated");
    let written = 0;
    for (const { id } of late) {
      const row = this.#row(id);
      if (row.escalated !== null) continue;
      this.#record(holder(row), "request-overdue", now, { request: id, kind: row.kind, due: row.due }, () =>
        db.prepare("UPDATE rights_request SET escalated = ? WHERE id = ?").run(now.toISOString(), id),
      );
      written++;
    }
    return written;
  }

  /** Inside an erasure: the person's requests stay as acts of an office, of nobody. */
  cut(person: string): void {
    this.#deps.db
      .prepare(
        `UPDATE rights_request SET person = NULL, sealed = NULL, closed = coalesce(closed, ?),
         state = CASE state WHEN 'open' THEN 'erased' ELSE state END WHERE person = ?`,
      )
      .run(this.#deps.clock.now().toISOString(), person);
  }

  /** Closed so many days ago that nobody has to answer for them any more (RD-43). */
  over(days: number, held: (person: string) => boolean = () => false): string[] {
    const before = new Date(this.#deps.clock.now().getTime() - days * 86_400_000).toISOString();
    return this.#deps.db
      .prepare("SELECT id, person FROM rights_request WHERE closed < ?")
      .all(before)
      .filter(({ person }) => person === null || !held(String(person)))
      .map(({ id }) => String(id));
  }

  /** Deletes them, and the keys of those that had one of their own. @returns how many */
  forget(days: number, held?: (person: string) => boolean): number {
    const { db, keys } = this.#deps;
    const ids = this.over(days, held);
    for (const id of ids) {
      db.prepare("DELETE FROM rights_request WHERE id = ?").run(id);
      keys.destroy(id);
    }
    return ids.length;
  }

  #close(row: Row, state: RequestState, by: string, words: Partial<RequestWords>): RequestView {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const sealed = this.#reseal(row, words);
    const fields: Record<string, FieldValue> = { request: row.id, kind: row.kind, by };
    if (words.ground) fields.ground = words.ground;
    this.#record(holder(row), `request-${state}`, now, fields, () =>
      db
        .prepare("UPDATE rights_request SET state = ?, closed = ?, sealed = ? WHERE id = ?")
        .run(state, now.toISOString(), sealed, row.id),
    );
    return this.read(row.id);
  }

  #reseal(row: Row, more: Partial<RequestWords>): Buffer {
    const words = openFor<RequestWords>(this.#deps, "request", row.id, holder(row), row.sealed);
    return sealFor(this.#deps, "request", row.id, holder(row), { ...words, ...more });
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

  #line(row: Row): RequestLine {
    const { pack } = this.#deps.rules();
    const { id, kind, channel, filed, due, state } = row;
    const now = this.#deps.clock.now();
    return {
      id,
      kind,
      channel,
      filed,
      due,
      state,
      ...(row.person !== null && { person: row.person }),
      ...(row.processor !== null && { processor: row.processor }),
      ...(row.extended !== null && { extended: row.extended }),
      ...(row.closed !== null && { closed: row.closed }),
      ...(state === "open" && { level: levelOf(new Date(filed), new Date(due), now, pack.escalate) }),
    };
  }

  #open(id: string): Row {
    const row = this.#row(id);
    if (row.state !== "open") throw new LimenError("request-closed", { field: "/id", status: 409 });
    return row;
  }

  #row(id: string): Row {
    const row = this.#deps.db.prepare("SELECT * FROM rights_request WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("request-unknown", { field: "/id", status: 404 });
    return row;
  }
}

/** Whose key its words are under. */
const holder = ({ id, person }: Pick<Row, "id" | "person">): string => person ?? id;
