import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  randomInt,
} from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { judgePass } from "../devices/passes/judge.ts";
import { type Pass, type ReadPass, readPass, writePass } from "../devices/passes/token.ts";
import { readTypedCode, typedCode } from "../devices/passes/typed.ts";
import type { AttemptCode } from "../entry/codes.ts";
import type { TicketDesk } from "../entry/tickets.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { transaction } from "../store/database.ts";
import type { Migration } from "../store/migrate.ts";
import type { KeyRing } from "../store/types.ts";
import { type By, saidBy } from "./by.ts";
import { Lockout } from "./lockout.ts";

/** Passes: what a pass is lies in its own signed text; here is whose it is and how often it was used. */
export const passMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "passes",
    sql: `CREATE TABLE pass (
      id TEXT PRIMARY KEY,
      token TEXT NOT NULL UNIQUE,
      person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
      kind TEXT NOT NULL CHECK (kind IN ('visitor', 'phone')),
      doors TEXT NOT NULL,
      starts INTEGER NOT NULL,
      ends INTEGER NOT NULL,
      uses INTEGER NOT NULL,
      minutes INTEGER NOT NULL,
      code BLOB UNIQUE,
      used INTEGER NOT NULL DEFAULT 0,
      first INTEGER,
      revoked INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID`,
  },
  {
    version: 2,
    name: "uses whose ticket is out",
    sql: `CREATE TABLE pass_ticket (
      attempt TEXT PRIMARY KEY,
      pass TEXT NOT NULL REFERENCES pass (id) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID`,
  },
];

export interface PassesDeps {
  /** `people.db`, with `peopleMigrations` and `passMigrations`. */
  db: DatabaseSync;
  ring: Pick<KeyRing, "secret">;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
  /** Fixed for the life of the data folder; signed into every pass. */
  site: string;
  /** Which tickets can open nothing any more. */
  tickets?: Pick<TicketDesk, "lapsed">;
}

export interface PassOrder {
  /** The resident who answers for it. */
  person: string;
  kind: "visitor" | "phone";
  /** RFC 3339. */
  from: string;
  until: string;
  /** How often it opens; 0: as often as wanted until it ends. */
  uses: number;
  /** Minutes after the first opening in which it goes on opening; 0: until it ends. */
  window: number;
  doors: readonly string[];
}

export interface IssuedPass {
  id: string;
  /** For a QR code. */
  text: string;
  /** For whoever has to type it: 12 digits. */
  code: string;
}

export interface PassView {
  id: string;
  kind: "visitor" | "phone";
  doors: string[];
  from: string;
  until: string;
  uses: number;
  used: number;
  state: "active" | "blocked" | "expired" | "used-up";
}

interface Row {
  id: string;
  token: string;
  person: string;
  kind: "visitor" | "phone";
  doors: string;
  starts: number;
  ends: number;
  uses: number;
  minutes: number;
  used: number;
  first: number | null;
  revoked: number;
}

export type SensedPass =
  | {
      credential: string;
      person: string;
      assurance: "strong";
      doors?: readonly string[];
      /** Made for somebody else than the person who answers for it. */
      visitor?: true;
    }
  | { code: AttemptCode };

/** PKCS #8 around a 32-byte Ed25519 seed (RFC 8410). */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");
/** A pass is for days, not for ever: who stays longer becomes a resident. */
const longestDays = 92;
const dayMs = 24 * 3_600_000;

/** Visitors' and phones' passes: signed, timed, counted, revocable; scanned or typed. */
export class Passes {
  readonly #deps: PassesDeps;
  readonly #private: KeyObject;
  readonly #public: KeyObject;
  readonly #codeKey: Buffer;
  readonly #lockout: Lockout;

  constructor(deps: PassesDeps) {
    this.#deps = deps;
    const seed = deps.ring.secret("passes");
    this.#private = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: "der", type: "pkcs8" });
    this.#public = createPublicKey(this.#private);
    this.#codeKey = deps.ring.secret("pass-code");
    this.#lockout = new Lockout(deps.db, deps.clock);
    // a restart voids every ticket: what was not redeemed by then never will be
    this.#unspend(
      deps.db
        .prepare("SELECT attempt FROM pass_ticket")
        .all()
        .map(({ attempt }) => String(attempt)),
    );
  }

  /**
   * Issues a pass. Text and code are in the answer for the only time.
   * @param by who makes it, for the record
   * @throws LimenError `pass-fields` naming the field, `pass-too-long`, `person-unknown`,
   *   `pass-not-own-door`, `log-failed`
   */
  issue(order: PassOrder, by?: By): IssuedPass {
    const { db, clock, log, site } = this.#deps;
    const pass: Pass = {
      ...order,
      id: randomBytes(10).toString("hex"),
      from: new Date(order.from),
      until: new Date(order.until),
    };
    if (pass.until.getTime() - pass.from.getTime() > longestDays * dayMs) {
      throw new LimenError("pass-too-long", { field: "/until", params: { days: longestDays }, status: 422 });
    }
    if (pass.until <= clock.now())
      throw new LimenError("pass-fields", { field: "/until", params: { field: "/until" } });
    const giver = db
      .prepare("SELECT doors FROM person WHERE id = ? AND state = 'resident'")
      .get(order.person) as { doors: string | null } | undefined;
    if (!giver) throw new LimenError("person-unknown", { field: "/person", status: 404 });
    // it would open nothing there, and a visitor would be the one to find out
    const own = giver.doors === null ? undefined : (JSON.parse(giver.doors) as string[]);
    const elsewhere = order.doors.findIndex((door) => own && !own.includes(door));
    if (elsewhere >= 0)
      throw new LimenError("pass-not-own-door", { field: `/doors/${elsewhere}`, status: 422 });
    const text = writePass(pass, site, this.#private);
    const id = opaqueId("pass");
    const code = typedCode((limit) => randomInt(limit));
    const { person, kind } = order;
    const at = clock.now();
    const fields = { at: at.toISOString(), what: "pass-issued", credential: id, kind, ...(by && saidBy(by)) };
    log.appendWith([{ class: "configuration", at, subject: person, fields }], () => {
      db.prepare(
        `INSERT INTO pass (id, token, person, kind, doors, starts, ends, uses, minutes, code)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        id,
        pass.id,
        person,
        kind,
        JSON.stringify(order.doors),
        pass.from.getTime(),
        pass.until.getTime(),
        order.uses,
        order.window,
        this.#hash(code),
      );
    });
    return { id, text, code };
  }

  /**
   * Whose pass is this, and does it open this door now? A typed code counts against the keypad's lock like a PIN.
   * @param at reader and door, for the lock
   */
  find(text: string, at: { reader: string; door: string }): SensedPass {
    this.settle();
    const digits = readTypedCode(text);
    const places = [`reader:${at.reader}`, `door:${at.door}`];
    if (digits !== undefined && this.#lockout.remaining(places) > 0) return { code: "locked-out" };
    const found = digits === undefined ? this.#scanned(text) : this.#typed(digits);
    if (!found) {
      if (digits !== undefined) this.#lockout.failed(places);
      return { code: "pass-invalid" };
    }
    const { row, pass } = found;
    const code = judgePass(pass, {
      site: this.#deps.site,
      door: at.door,
      now: this.#deps.clock.now(),
      history: historyOf(row),
    });
    if (code) return { code };
    const doors = JSON.parse(row.doors) as string[];
    return {
      credential: row.id,
      person: row.person,
      assurance: "strong",
      ...(doors.length > 0 && { doors }),
      ...(row.kind === "visitor" && { visitor: true }),
    };
  }

  /**
   * Counts an opening, before the door opens: of two readers at once, a single-use pass opens one. It stays counted once
   * its ticket is `redeemed`, and is given back when that can no longer happen.
   * @returns whether it still had one
   */
  take(id: string, attempt: string): boolean {
    const { clock, db } = this.#deps;
    this.settle();
    return transaction(db, () => {
      const { changes } = db
        .prepare(
          `UPDATE pass SET used = used + 1, first = coalesce(first, ?)
           WHERE id = ? AND revoked = 0 AND (uses = 0 OR used < uses)`,
        )
        .run(clock.now().getTime(), id);
      if (changes !== 1) return false;
      db.prepare("INSERT INTO pass_ticket (attempt, pass) VALUES (?, ?)").run(attempt, id);
      return true;
    });
  }

  /**
   * The ticket is used: whatever happens now, the use counts. To be durable before the lock is told, or a crash in between
   * would give back a use that opened a door.
   */
  redeemed(attempt: string): void {
    this.#deps.db.prepare("DELETE FROM pass_ticket WHERE attempt = ?").run(attempt);
  }

  /** Gives back what was counted for tickets that lapsed unused: a wire was cut, a relay was away, nobody came in. */
  settle(): void {
    this.#unspend(this.#deps.tickets?.lapsed() ?? []);
  }

  /** No ticket came of it: the record could not be made. */
  unspent(attempt: string): void {
    this.#unspend([attempt]);
  }

  #unspend(attempts: readonly string[]): void {
    const { db } = this.#deps;
    for (const attempt of attempts)
      transaction(db, () => {
        const row = db.prepare("DELETE FROM pass_ticket WHERE attempt = ? RETURNING pass").get(attempt);
        if (row) this.giveBack(String(row.pass));
      });
  }

  /** The lock did not move: what was counted was no opening. */
  giveBack(id: string): void {
    this.#deps.db
      .prepare(
        `UPDATE pass SET used = used - 1, first = CASE WHEN used = 1 THEN NULL ELSE first END
         WHERE id = ? AND used > 0`,
      )
      .run(id);
  }

  /**
   * Opens nothing from now on. Revoking twice changes nothing.
   * @returns whether it was this that revoked it
   * @throws LimenError `credential-unknown`, `log-failed`
   */
  revoke(id: string, by?: By): boolean {
    return this.#mark(id, 1, "pass-revoked", by);
  }

  /** Takes back that it was revoked: it opens again what is left of it. @throws LimenError `credential-unknown`, `log-failed` */
  restore(id: string, by?: By): boolean {
    return this.#mark(id, 0, "pass-restored", by);
  }

  #mark(id: string, revoked: 0 | 1, what: string, by?: By): boolean {
    const { db, clock, log } = this.#deps;
    const row = this.#row(id);
    if (row.revoked === revoked) return false;
    const at = clock.now();
    const fields = { at: at.toISOString(), what, credential: id, ...(by && saidBy(by)) };
    log.appendWith([{ class: "configuration", at, subject: row.person, fields }], () => {
      db.prepare("UPDATE pass SET revoked = ? WHERE id = ?").run(revoked, id);
    });
    return true;
  }

  /** Whose it is. @throws LimenError `credential-unknown` */
  ownerOf(id: string): string {
    return this.#row(id).person;
  }

  /** A person's passes that have not ended, newest last. */
  of(person: string): PassView[] {
    this.settle();
    const now = this.#deps.clock.now().getTime();
    const rows = this.#deps.db
      .prepare("SELECT * FROM pass WHERE person = ? ORDER BY starts, id")
      .all(person) as unknown as Row[];
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      doors: JSON.parse(row.doors) as string[],
      from: new Date(row.starts).toISOString(),
      until: new Date(row.ends).toISOString(),
      uses: row.uses,
      used: row.used,
      state: stateOf(row, now),
    }));
  }

  /** How many ended so many days ago. */
  over(days: number): number {
    const before = this.#deps.clock.now().getTime() - days * dayMs;
    return Number(this.#deps.db.prepare("SELECT count(*) AS n FROM pass WHERE ends < ?").get(before)?.n);
  }

  /** Deletes passes that ended so many days ago. @returns how many */
  sweep(days: number): number {
    const before = this.#deps.clock.now().getTime() - days * dayMs;
    return Number(this.#deps.db.prepare("DELETE FROM pass WHERE ends < ?").run(before).changes);
  }

  #scanned(text: string): { row: Row; pass: ReadPass } | undefined {
    try {
      const pass = readPass(text, this.#deps.site, this.#public);
      const row = this.#deps.db.prepare("SELECT * FROM pass WHERE token = ?").get(pass.id) as Row | undefined;
      return row && { row, pass };
    } catch {
      return undefined; // a forger learns nothing
    }
  }

  #typed(digits: string): { row: Row; pass: ReadPass } | undefined {
    const row = this.#deps.db.prepare("SELECT * FROM pass WHERE code = ?").get(this.#hash(digits)) as
      | Row
      | undefined;
    if (!row) return undefined;
    const { site } = this.#deps;
    const pass: Pass = {
      id: row.token,
      kind: row.kind,
      from: new Date(row.starts),
      until: new Date(row.ends),
      uses: row.uses,
      window: row.minutes,
      doors: JSON.parse(row.doors) as string[],
    };
    return { row, pass: readPass(writePass(pass, site, this.#private), site, this.#public) };
  }

  #hash(code: string): Buffer {
    return createHmac("sha256", this.#codeKey).update(code).digest();
  }

  #row(id: string): Row {
    const row = this.#deps.db.prepare("SELECT * FROM pass WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("credential-unknown", { field: "/id", status: 404 });
    return row;
  }
}

const historyOf = ({ revoked, used, first }: Row) => ({
  revoked: revoked === 1,
  used,
  ...(first !== null && { first: new Date(first) }),
});

function stateOf({ revoked, ends, uses, used }: Row, now: number): PassView["state"] {
  if (revoked === 1) return "blocked";
  if (ends <= now) return "expired";
  return uses > 0 && used >= uses ? "used-up" : "active";
}
