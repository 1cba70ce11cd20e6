import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { hashSecret, outdated, verifyNothing, verifySecret } from "./phc.ts";
import { readablePassword } from "./secrets.ts";
import type { StaffRole } from "./types.ts";

export interface AccountsDeps {
  /** `people.db`, opened with `peopleMigrations`. */
  db: DatabaseSync;
  clock: Clock;
}

export interface Account {
  id: string;
  name: string;
  role: StaffRole;
  disabled: boolean;
  /** Its one-time password was never used yet. */
  firstRun: boolean;
}

interface Row {
  id: string;
  name: string;
  role: StaffRole;
  phc: string;
  first_run: number;
  disabled: number;
}

/** The name of the account the first start makes. */
export const firstManagerName = "manager";

/** Staff accounts. No account comes with a password that anybody else could know. */
export class Accounts {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  constructor({ db, clock }: AccountsDeps) {
    this.#db = db;
    this.#clock = clock;
  }

  /**
   * The first start's one account, with a password to be printed once. Undefined once there is any account.
   */
  async createFirstManager(): Promise<{ name: string; password: string } | undefined> {
    if (this.list().length > 0) return undefined;
    const password = readablePassword();
    this.#insert(firstManagerName, "manager", await hashSecret(password), true);
    return { name: firstManagerName, password };
  }

  /** @throws LimenError `staff-name-taken` at /name, `password-weak` at /password */
  async add({ name, role, password }: { name: string; role: StaffRole; password: string }): Promise<string> {
    requireStrong(password, name);
    return this.#insert(name, role, await hashSecret(password), false);
  }

  /**
   * The account this name and password belong to, or undefined. As slow for no account as for a wrong password.
   */
  async verify(name: string, password: string): Promise<Account | undefined> {
    const row = this.#db.prepare("SELECT * FROM staff WHERE folded = ?").get(fold(name)) as Row | undefined;
    const right = row ? await verifySecret(password, row.phc) : await verifyNothing(password);
    if (!row || !right || row.disabled === 1) return undefined;
    if (row.first_run === 1) this.#db.prepare("UPDATE staff SET first_run = 0 WHERE id = ?").run(row.id);
    if (outdated(row.phc)) this.#setHash(row.id, await hashSecret(password));
    return account({ ...row, first_run: 0 });
  }

  /** The caller ends the other sessions (`SignIn.closeOthers`). @throws LimenError `password-wrong` at /current, `password-weak` at /password */
  async changePassword(id: string, current: string, password: string): Promise<void> {
    const row = this.#row(id);
    if (!(await verifySecret(current, row.phc))) {
      throw new LimenError("password-wrong", { field: "/current", status: 403 });
    }
    requireStrong(password, row.name);
    this.#setHash(id, await hashSecret(password));
  }

  /** A new one-time password for whoever lost theirs: sessions and passkeys end. @returns it, for the only time */
  async resetPassword(id: string): Promise<string> {
    this.#row(id);
    const password = readablePassword();
    this.#setHash(id, await hashSecret(password));
    this.#db.prepare("UPDATE staff SET first_run = 1 WHERE id = ?").run(id);
    this.#db.prepare("DELETE FROM session WHERE staff = ?").run(id);
    this.#db.prepare("DELETE FROM passkey WHERE staff = ?").run(id);
    return password;
  }

  /** @throws LimenError `staff-unknown`; `staff-last-manager` when nobody else could manage */
  disable(id: string): void {
    const row = this.#row(id);
    const managers = this.list().filter(({ role, disabled }) => role === "manager" && !disabled);
    if (row.role === "manager" && managers.length === 1 && managers[0]!.id === id) {
      throw new LimenError("staff-last-manager", { status: 409 });
    }
    this.#db.prepare("UPDATE staff SET disabled = 1 WHERE id = ?").run(id);
    this.#db.prepare("DELETE FROM session WHERE staff = ?").run(id);
    this.#db.prepare("DELETE FROM passkey WHERE staff = ?").run(id);
    this.#db
      .prepare("UPDATE token SET revoked = coalesce(revoked, ?) WHERE staff = ?")
      .run(this.#clock.now().getTime(), id);
  }

  /**
   * Gives an account back, with a new one-time password: sessions, passkeys and tokens it had stay ended.
   * @returns the password, for the only time
   * @throws LimenError `staff-unknown`
   */
  async enable(id: string): Promise<string> {
    const password = await this.resetPassword(id);
    this.#db.prepare("UPDATE staff SET disabled = 0 WHERE id = ?").run(id);
    return password;
  }

  list(): Account[] {
    return (this.#db.prepare("SELECT * FROM staff ORDER BY name").all() as unknown as Row[]).map(account);
  }

  #insert(name: string, role: StaffRole, phc: string, firstRun: boolean): string {
    const id = opaqueId("staff");
    if (this.#db.prepare("SELECT 1 FROM staff WHERE folded = ?").get(fold(name))) {
      throw new LimenError("staff-name-taken", { field: "/name", status: 409 });
    }
    this.#db
      .prepare(
        "INSERT INTO staff (id, name, folded, role, phc, first_run, since) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(id, name.trim(), fold(name), role, phc, firstRun ? 1 : 0, this.#clock.now().toISOString());
    return id;
  }

  #setHash(id: string, phc: string): void {
    this.#db.prepare("UPDATE staff SET phc = ? WHERE id = ?").run(phc, id);
  }

  #row(id: string): Row {
    const row = this.#db.prepare("SELECT * FROM staff WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("staff-unknown", { status: 404 });
    return row;
  }
}

const account = ({ id, name, role, disabled, first_run }: Row): Account => ({
  id,
  name,
  role,
  disabled: disabled === 1,
  firstRun: first_run === 1,
});

const fold = (name: string): string => name.normalize("NFKC").trim().toLowerCase();

/** Long is strong, unless it is long for nothing. Any characters, no rules of composition (ASVS 6.2). */
function requireStrong(password: string, name: string): void {
  const text = password.normalize("NFKC").toLowerCase();
  const runs = [...text].filter(
    (char, at) => at > 0 && Math.abs(char.charCodeAt(0) - text.charCodeAt(at - 1)) <= 1,
  );
  const known = [
    "password",
    "limen",
    "admin",
    "manager",
    "qwerty",
    "1q2w3e",
    "iloveyou",
    "woaini",
    fold(name),
  ]
    .filter((word) => word.length > 2)
    .reduce((rest, word) => rest.replaceAll(word, ""), text);
  const weak =
    [...text].length < 12 || new Set(text).size < 5 || runs.length > text.length * 0.7 || known.length < 8;
  if (weak) throw new LimenError("password-weak", { field: "/password" });
}
