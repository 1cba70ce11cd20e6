import { LimenError } from "../../core/errors.ts";
import { FakeVault } from "../nodes/fake-vault.ts";

/** A technician's bearer token the vault knows. */
export const token = "t".repeat(43);

/** A vault with one account a role; the password is the same for all. */
export class StaffedVault extends FakeVault {
  readonly #sessions = new Map<string, string>([[token, "technician"]]);

  constructor() {
    super();
    this.answer("session.open", ({ name, password }) => {
      if (password !== "a long enough password") throw notSignedIn();
      return { ...this.open(name), name, role: name as never };
    });
    this.answer("session.check", ({ auth }) => {
      const role = this.#sessions.get(auth);
      if (!role) throw notSignedIn();
      const kind = auth === token ? "token" : "session";
      return { role: role as never, name: role, expires: "2030-01-01T00:00:00Z", kind };
    });
    this.answer("session.fresh", () => ({ fresh: true }));
    this.answer("session.close", ({ auth }) => {
      this.#sessions.delete(auth);
      return {};
    });
  }

  /** A session, as if somebody had signed in. */
  open(role: string): { auth: string; expires: string; until: string } {
    const auth = `${role}-${this.#sessions.size}-`.padEnd(43, "x");
    this.#sessions.set(auth, role);
    return { auth, expires: "2030-01-01T00:00:00Z", until: "2030-01-01T07:45:00Z" };
  }

  closeAll(role: string): void {
    for (const [auth, whose] of this.#sessions) if (whose === role) this.#sessions.delete(auth);
  }
}
const notSignedIn = () => new LimenError("not-signed-in", { status: 401 });
