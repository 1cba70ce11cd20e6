import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";

/** Whose passkey: an account of staff, or a resident by pseudonym. */
export type Holder = { staff: string } | { person: string };

export interface PasskeyView {
  id: string;
  /** Chosen by staff; a resident's has none. */
  label: string;
  since: string;
  used?: string;
  /** Kept by a password manager on several devices. */
  synced: boolean;
}

export interface PasskeyRow {
  id: string;
  staff: string | null;
  person: string | null;
  credential: Uint8Array<ArrayBuffer>;
  public_key: Uint8Array<ArrayBuffer>;
  counter: number;
  rp: string;
  transports: string;
  label: string;
  synced: number;
  since: string;
  used: string | null;
  /** ms since 1970: made in a session that shows doors from then on; null: shows all there is. */
  doors_from: number | null;
}

/** What an authenticator made, checked. */
export interface NewPasskey {
  credential: Buffer;
  publicKey: Uint8Array;
  counter: number;
  rp: string;
  transports: readonly string[];
  label: string;
  synced: boolean;
  /** Of the session it was made in (`SignedIn.doorsFrom`). */
  doorsFrom?: string | undefined;
}

/** More than anybody has devices; a stolen session cannot fill the disk. */
const mostEach = 10;

/** The passkeys there are: rows with public keys. */
export class PasskeyBook {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Somebody's, oldest first. */
  of(holder: Holder): PasskeyRow[] {
    const [column, value] = columnOf(holder);
    return this.#db
      .prepare(`SELECT * FROM passkey WHERE ${column} = ? ORDER BY since, id`)
      .all(value) as unknown as PasskeyRow[];
  }

  list(holder: Holder): PasskeyView[] {
    return this.of(holder).map(({ id, label, since, used, synced }) => ({
      id,
      label,
      since,
      synced: synced === 1,
      ...(used === null ? {} : { used }),
    }));
  }

  /** @param rp the party it has to be good for */
  find(credential: Buffer, rp: string): PasskeyRow | undefined {
    return this.#db.prepare("SELECT * FROM passkey WHERE credential = ? AND rp = ?").get(credential, rp) as
      | PasskeyRow
      | undefined;
  }

  /** @throws LimenError `passkeys-enough` */
  requireRoom(holder: Holder): void {
    if (this.of(holder).length >= mostEach) throw new LimenError("passkeys-enough", { status: 409 });
  }

  /** @returns its id @throws LimenError `passkeys-enough`, `passkey-failed` for one that is somebody's already */
  add(holder: Holder, made: NewPasskey): string {
    this.requireRoom(holder);
    if (this.#db.prepare("SELECT 1 FROM passkey WHERE credential = ?").get(made.credential))
      throw new LimenError("passkey-failed", { status: 409 });
    const id = opaqueId("passkey");
    this.#db
      .prepare(
        `INSERT INTO passkey (id, staff, person, credential, public_key, counter, rp, transports, label, synced, since, doors_from)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        id,
        "staff" in holder ? holder.staff : null,
        "person" in holder ? holder.person : null,
        made.credential,
        made.publicKey,
        made.counter,
        made.rp,
        made.transports.join(" "),
        "staff" in holder ? made.label : "", // of a resident no name is kept
        made.synced ? 1 : 0,
        this.#clock.now().toISOString(),
        made.doorsFrom === undefined ? null : Date.parse(made.doorsFrom),
      );
    return id;
  }

  /** It answered: its counter and its time go on. */
  used(id: string, counter: number, synced: boolean): void {
    this.#db
      .prepare("UPDATE passkey SET counter = ?, used = ?, synced = ? WHERE id = ?")
      .run(counter, this.#clock.now().toISOString(), synced ? 1 : 0, id);
  }

  /** @throws LimenError `passkey-unknown`: there is none, or it is somebody else's */
  rename(holder: Holder, id: string, label: string): void {
    this.#own(holder, id);
    this.#db.prepare("UPDATE passkey SET label = ? WHERE id = ?").run(label, id);
  }

  /** @throws LimenError `passkey-unknown` */
  remove(holder: Holder, id: string): void {
    this.#own(holder, id);
    this.#db.prepare("DELETE FROM passkey WHERE id = ?").run(id);
  }

  /** Forgets all of somebody's: a lost phone, a residency that ended. @returns how many there were */
  forget(holder: Holder): number {
    const [column, value] = columnOf(holder);
    return Number(this.#db.prepare(`DELETE FROM passkey WHERE ${column} = ?`).run(value).changes);
  }

  #own(holder: Holder, id: string): void {
    if (!this.of(holder).some((row) => row.id === id))
      throw new LimenError("passkey-unknown", { field: "/id", status: 404 });
  }
}

export const holderOf = ({ staff, person }: PasskeyRow): Holder =>
  staff === null ? { person: person! } : { staff };

/** One text for one holder. */
export const holderKey = (holder: Holder): string => columnOf(holder).join(" ");

const columnOf = (holder: Holder): ["staff" | "person", string] =>
  "staff" in holder ? ["staff", holder.staff] : ["person", holder.person];
