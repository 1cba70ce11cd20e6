import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Session } from "./route.ts";
import { credentialOf } from "./session.ts";

/** Sessions remembered at most; who is forgotten counts by address once. */
const most = 10_000;

const nameOf = (auth: string): string => createHash("sha256").update(auth).digest("base64url");

/**
 * Sessions the vault confirmed here before, by a hash of their secret: they have a limit of their own. What was never confirmed
 * counts by address, so that making up cookies gains nothing.
 */
export class KnownSessions {
  readonly #names = new Set<string>();

  /** What this request's limit hangs on; undefined: its address. */
  key(req: IncomingMessage): string | undefined {
    const credential = credentialOf(req);
    if (!credential) return undefined;
    const name = nameOf(credential.auth);
    return this.#names.has(name) ? `session ${name}` : undefined;
  }

  add({ auth }: Pick<Session, "auth">): void {
    const name = nameOf(auth);
    this.#names.delete(name); // re-inserted last: the order is the order of use
    this.#names.add(name);
    if (this.#names.size > most) this.#names.delete(this.#names.values().next().value!);
  }
}
