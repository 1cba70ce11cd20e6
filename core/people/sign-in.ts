import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { errorCode, LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import type { Accounts } from "./accounts.ts";
import { awake } from "./awake.ts";
import type { Holder } from "./passkey-book.ts";
import { newToken, tokenHash } from "./secrets.ts";
import { Throttle } from "./throttle.ts";
import type { SignedIn, StaffRole } from "./types.ts";

export interface SignInDeps {
  /** `people.db`, opened with `peopleMigrations`. */
  db: DatabaseSync;
  clock: Clock;
  accounts: Accounts;
  /** Waits between a try and its answer; tests pass none. */
  sleep?: (ms: number) => Promise<void>;
}

const minute = 60_000;
/** ASVS 7.3: idle for 15 minutes it wants a password or passkey again (a resident's ends), and after 8 hours it is over. */
const idleMs = 15 * minute;
const longestMs = 8 * 60 * minute;
/** How long a password or passkey counts as just given (ASVS 7.5.3: for what is sensitive, prove it again). */
const freshMs = 10 * minute;
/** A session's last use is written down this often: idle time is measured to within it after a restart. */
const noteMs = minute;
const invitationMs = 24 * 60 * minute;
const dayMs = 24 * 60 * minute;

interface SessionRow {
  staff: string | null;
  person: string | null;
  opened: number;
  seen: number;
  proved: number;
  doors_from: number | null;
  name: string | null;
  role: StaffRole | null;
  disabled: number | null;
}

/** Sessions, bearer tokens and residents' invitations: random values of which only hashes are kept. */
export class SignIn {
  readonly #deps: Required<SignInDeps>;
  readonly #throttle: Throttle;
  /** Monotonic ms of each session's last use since the start: a clock that is set cannot prolong it. */
  readonly #used = new Map<string, number>();
  /** The same of each session's last proof. */
  readonly #proved = new Map<string, number>();

  constructor(deps: SignInDeps) {
    this.#deps = { sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)), ...deps };
    this.#throttle = new Throttle(deps.clock);
  }

  /**
   * Opens a session with name and password.
   * @param request.address who asks, for slowing down: the client's address as the server saw it
   * @throws LimenError `sign-in-failed` (whatever was wrong), `try-later` with `seconds`
   */
  async open(request: {
    name: string;
    password: string;
    address: string;
  }): Promise<SignedIn & { auth: string }> {
    const account = request.name.normalize("NFKC").trim().toLowerCase();
    const pause = this.#throttle.before(request.address, account);
    if (pause > 0) await this.#deps.sleep(pause);
    // counted before it is looked at, so that tries sent at once are all counted
    this.#throttle.wrong(request.address, account);
    const found = await this.#deps.accounts.verify(request.name, request.password);
    if (!found) throw new LimenError("sign-in-failed", { status: 401 });
    this.#throttle.right(request.address, account);
    return this.#begin({ staff: found.id });
  }

  /**
   * Opens a session for whoever a passkey was checked to be.
   * @param doorsFrom of that passkey (`Passkeys.check`)
   * @throws LimenError `sign-in-failed` for a disabled account
   */
  openFor(holder: Holder, doorsFrom: number | null = null): SignedIn & { auth: string } {
    try {
      return this.#begin(holder, doorsFrom);
    } catch (error) {
      throw errorCode(error) === "not-signed-in" ? new LimenError("sign-in-failed", { status: 401 }) : error;
    }
  }

  /**
   * Somebody proved anew who they are: their session goes on under another secret, and counts as fresh (ASVS 7.2.4).
   * @param proof.doorsFrom of the passkey that answered: one that shows more lets the session show it
   * @returns it; the old secret is over
   * @throws LimenError `not-signed-in`
   */
  renew(auth: string, { doorsFrom }: { doorsFrom?: number | null } = {}): SignedIn & { auth: string } {
    const { db, clock } = this.#deps;
    this.see(auth, { touch: false });
    const next = newToken("ls");
    const old = tokenHash(auth);
    const hash = tokenHash(next);
    const now = clock.now().getTime();
    db.prepare("UPDATE session SET hash = ?, proved = ?, seen = ? WHERE hash = ?").run(hash, now, now, old);
    if (doorsFrom !== undefined)
      db.prepare(
        "UPDATE session SET doors_from = CASE WHEN ?1 IS NULL THEN NULL ELSE min(doors_from, ?1) END WHERE hash = ?2",
      ).run(doorsFrom, hash);
    this.#used.delete(old.toString("hex"));
    this.#proved.delete(old.toString("hex"));
    this.#proved.set(hash.toString("hex"), clock.monotonic());
    return { ...this.check(next), auth: next };
  }

  /**
   * Is this the password of the session's own account? Slowed like signing in.
   * @throws LimenError `password-wrong`, `try-later`
   */
  async prove(auth: string, password: string, address: string): Promise<void> {
    const { name, role, person } = this.see(auth, { touch: false });
    if (person !== undefined) throw new LimenError("password-wrong", { field: "/password", status: 403 });
    const account = name.normalize("NFKC").trim().toLowerCase();
    const pause = this.#throttle.before(address, account);
    if (pause > 0) await this.#deps.sleep(pause);
    this.#throttle.wrong(address, account);
    const found = await this.#deps.accounts.verify(name, password);
    if (!found || found.role !== role)
      throw new LimenError("password-wrong", { field: "/password", status: 403 });
    this.#throttle.right(address, account);
  }

  /** Did this session's account prove itself moments ago, here or in another session? @throws LimenError `not-signed-in` */
  accountFresh(auth: string): boolean {
    const who = this.see(auth, { touch: false });
    if (who.fresh || who.kind === "token" || who.person !== undefined) return who.fresh;
    const now = this.#deps.clock.now().getTime();
    const rows = this.#deps.db
      .prepare("SELECT hash, person, proved FROM session WHERE staff = ?")
      .all(who.id) as unknown as (SessionRow & { hash: Uint8Array })[];
    return rows.some((row) => this.#fresh(row, Buffer.from(row.hash).toString("hex"), now));
  }

  /** A resident's way to their own page: one use, one day. @returns the value for a link or QR code */
  invite(person: string): { invitation: string; expires: string } {
    const { db, clock } = this.#deps;
    const invitation = newToken("li");
    const expires = clock.now().getTime() + invitationMs;
    db.prepare("DELETE FROM invitation WHERE person = ? OR expires <= ?").run(person, clock.now().getTime());
    db.prepare("INSERT INTO invitation (hash, person, expires) VALUES (?, ?, ?)").run(
      tokenHash(invitation),
      person,
      expires,
    );
    return { invitation, expires: new Date(expires).toISOString() };
  }

  /** Uses an invitation up. @throws LimenError `sign-in-failed`, `try-later` */
  accept(invitation: string, address: string): SignedIn & { auth: string } {
    this.#throttle.before(address, "invitation");
    const { db, clock } = this.#deps;
    const row = db
      .prepare("DELETE FROM invitation WHERE hash = ? RETURNING person, expires")
      .get(tokenHash(invitation));
    if (!row || Number(row.expires) <= clock.now().getTime()) {
      this.#throttle.wrong(address, "invitation");
      throw new LimenError("sign-in-failed", { status: 401 });
    }
    return this.#begin({ person: String(row.person) }, clock.now().getTime());
  }

  /**
   * Somebody showed what is the resident's own: this session, and the passkey it stands on or made, show all there is.
   * @throws LimenError `not-signed-in`
   */
  confirmOwn(auth: string): void {
    const { db } = this.#deps;
    const { person } = this.check(auth);
    const hash = tokenHash(auth);
    const from = db.prepare("SELECT doors_from FROM session WHERE hash = ?").get(hash)?.doors_from;
    if (person === undefined || typeof from !== "number") return;
    // of other links of the same resident nobody has shown anything
    for (const table of ["session", "passkey"])
      db.prepare(`UPDATE ${table} SET doors_from = NULL WHERE person = ? AND doors_from = ?`).run(
        person,
        from,
      );
  }

  /**
   * Who is this, now, as somebody uses it?
   * @throws LimenError `not-signed-in` for anything unknown, expired, revoked or disabled; `session-rests`
   */
  check(auth: string): SignedIn {
    return awake(this.see(auth, { touch: true }));
  }

  /**
   * Who is this, now; it may be resting.
   * @param how.touch whether this is a use that keeps it from resting: what a page does by itself is none
   * @throws LimenError `not-signed-in`
   */
  see(auth: string, { touch }: { touch: boolean }): SignedIn {
    const found = auth.startsWith("lt_") ? this.#token(auth) : this.#session(auth, touch);
    if (!found) throw new LimenError("not-signed-in", { status: 401 });
    return found;
  }

  /** Ends a session. Ending what is no session changes nothing. */
  close(auth: string): void {
    this.#end(tokenHash(auth));
  }

  /** Ends every session of an account but this one: after a change of password. */
  closeOthers(staff: string, auth?: string): void {
    const { db } = this.#deps;
    const keep = auth === undefined ? Buffer.alloc(0) : tokenHash(auth);
    db.prepare("DELETE FROM session WHERE staff = ? AND hash <> ?").run(staff, keep);
  }

  /** @param options.staff the account that makes it: the token ends with it; absent: the box's operator's */
  createToken(options: { role: StaffRole; label: string; days: number; staff?: string }): {
    id: string;
    token: string;
    expires: string;
  } {
    const { db, clock } = this.#deps;
    const id = opaqueId("token");
    const token = newToken("lt");
    const now = clock.now().getTime();
    const expires = now + options.days * dayMs;
    db.prepare(
      "INSERT INTO token (id, hash, label, role, issued, expires, staff) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ).run(id, tokenHash(token), options.label, options.role, now, expires, options.staff ?? null);
    return { id, token, expires: new Date(expires).toISOString() };
  }

  /** Tokens that open something now, newest first: what each is for, never the token. */
  tokens(): { id: string; label: string; role: StaffRole; since: string; expires: string; staff?: string }[] {
    const { db, clock } = this.#deps;
    return db
      .prepare(
        `SELECT id, label, role, issued, expires, staff FROM token
         WHERE revoked IS NULL AND expires > ? ORDER BY issued DESC, id`,
      )
      .all(clock.now().getTime())
      .map(({ id, label, role, issued, expires, staff }) => ({
        id: String(id),
        label: String(label),
        role: String(role) as StaffRole,
        since: new Date(Number(issued)).toISOString(),
        expires: new Date(Number(expires)).toISOString(),
        ...(staff === null ? {} : { staff: String(staff) }),
      }));
  }

  /** @throws LimenError `token-unknown` */
  revokeToken(id: string): void {
    const { db, clock } = this.#deps;
    const { changes } = db
      .prepare("UPDATE token SET revoked = coalesce(revoked, ?) WHERE id = ?")
      .run(clock.now().getTime(), id);
    if (changes === 0) throw new LimenError("token-unknown", { field: "/id", status: 404 });
  }

  /** Ends every session of a resident, and links not used yet: they moved out, or somebody else may hold their phone. */
  closeResident(person: string): void {
    const { db } = this.#deps;
    db.prepare("DELETE FROM session WHERE person = ?").run(person);
    db.prepare("DELETE FROM invitation WHERE person = ?").run(person);
  }

  #begin(who: Holder, doorsFrom: number | null = null): SignedIn & { auth: string } {
    const { db, clock } = this.#deps;
    const auth = newToken("ls");
    const now = clock.now().getTime();
    db.prepare("DELETE FROM session WHERE opened <= ? OR (person IS NOT NULL AND seen <= ?)").run(
      now - longestMs,
      now - idleMs - noteMs,
    );
    db.prepare(
      "INSERT INTO session (hash, staff, person, opened, seen, proved, doors_from) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ).run(
      tokenHash(auth),
      "staff" in who ? who.staff : null,
      "person" in who ? who.person : null,
      now,
      now,
      now,
      doorsFrom,
    );
    this.#proved.set(tokenHash(auth).toString("hex"), clock.monotonic());
    return { ...this.check(auth), auth };
  }

  #session(auth: string, touch: boolean): SignedIn | undefined {
    const { db, clock } = this.#deps;
    const hash = tokenHash(auth);
    const row = db
      .prepare(
        `SELECT s.staff, s.person, s.opened, s.seen, s.proved, s.doors_from, a.name, a.role, a.disabled
         FROM session s LEFT JOIN staff a ON a.id = s.staff WHERE s.hash = ?`,
      )
      .get(hash) as SessionRow | undefined;
    if (!row || row.disabled === 1) return undefined;
    const now = clock.now().getTime();
    const key = hash.toString("hex");
    const used = this.#used.get(key) ?? clock.monotonic() - Math.max(0, now - row.seen);
    const idle = Math.max(now - row.seen, clock.monotonic() - used);
    const resting = idle > idleMs;
    // a clock set back by more than a moment makes every age unknown: sign in again
    if (now - row.opened > longestMs || (resting && row.person !== null) || now < row.opened - noteMs) {
      this.#end(hash);
      return undefined;
    }
    const uses = touch && !resting;
    this.#used.set(key, uses ? clock.monotonic() : used);
    if (uses && now - row.seen >= noteMs)
      db.prepare("UPDATE session SET seen = ? WHERE hash = ?").run(now, hash);
    const left = Math.max(0, uses ? idleMs : idleMs - idle);
    const expires = new Date(Math.min(row.opened + longestMs, now + left)).toISOString();
    const until = new Date(row.opened + longestMs).toISOString();
    const kind = "session" as const;
    const fresh = this.#fresh(row, key, now);
    return row.person === null
      ? {
          id: row.staff!,
          role: row.role!,
          name: row.name!,
          expires,
          until,
          kind,
          fresh: fresh && !resting,
          ...(resting && { resting }),
        }
      : {
          id: row.person,
          role: "resident",
          name: "",
          expires,
          until,
          kind,
          person: row.person,
          ...(row.doors_from !== null && { doorsFrom: new Date(row.doors_from).toISOString() }),
          fresh,
        };
  }

  /** By both clocks, so that neither one set back makes an old proof new. */
  #fresh({ person, proved }: SessionRow, key: string, now: number): boolean {
    const { db, clock } = this.#deps;
    const at = this.#proved.get(key);
    const age = Math.max(now - proved, at === undefined ? 0 : clock.monotonic() - at);
    if (age <= freshMs && now >= proved - noteMs) return true;
    return person !== null && db.prepare("SELECT 1 FROM passkey WHERE person = ?").get(person) === undefined;
  }

  #token(auth: string): SignedIn | undefined {
    const { db, clock } = this.#deps;
    const row = db
      .prepare("SELECT id, label, role, issued, expires FROM token WHERE hash = ? AND revoked IS NULL")
      .get(tokenHash(auth)) as
      | { id: string; label: string; role: StaffRole; issued: number; expires: number }
      | undefined;
    const now = clock.now().getTime();
    if (!row || now >= row.expires || now < row.issued - dayMs) return undefined;
    const expires = new Date(row.expires).toISOString();
    return {
      id: row.id,
      role: row.role,
      name: row.label,
      expires,
      until: expires,
      kind: "token",
      fresh: true,
    };
  }

  #end(hash: Buffer): void {
    this.#used.delete(hash.toString("hex"));
    this.#proved.delete(hash.toString("hex"));
    this.#deps.db.prepare("DELETE FROM session WHERE hash = ?").run(hash);
  }
}
