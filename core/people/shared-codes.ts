import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { transaction } from "../store/database.ts";
import type { CredentialHours } from "./hours.ts";
import type { StoredPin } from "./pins.ts";
import type { BlockReason } from "./types.ts";

export interface SharedCodesDeps {
  /** `people.db`, opened with `peopleMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
}

/** A code several people type: a household's, or a door's own. */
export interface SharedCode {
  id: string;
  kind: "room" | "door";
  /** Whose room code it is; empty for a door's. */
  members: string[];
  doors: string[];
  schedule?: CredentialHours;
  /** RFC 3339. */
  validUntil?: string;
  state: "active" | "blocked" | "expired";
}

export interface SharedOrder {
  kind: "room" | "door";
  members: readonly string[];
  doors: readonly string[];
  schedule?: CredentialHours | undefined;
  validUntil?: string | undefined;
}

/** A door's own code is known to many: it lasts this long at most, days. */
const longestDoorDays = 92;
const dayMs = 86_400_000;

interface Row {
  id: string;
  kind: "room" | "door";
  doors: string;
  schedule: string | null;
  valid_until: string | null;
  state: "active" | "blocked";
}

/** Room codes and door codes. Who typed one is not known, and never guessed. */
export class SharedCodes {
  readonly #deps: SharedCodesDeps;

  constructor(deps: SharedCodesDeps) {
    this.#deps = deps;
  }

  /** @throws LimenError `code-members`, `code-doors`, `code-too-long`, `person-unknown`, `residency-ended` */
  check({ kind, members, doors, validUntil }: SharedOrder): void {
    const { db, clock } = this.#deps;
    if (doors.length === 0) throw new LimenError("code-doors", { field: "/doors", status: 422 });
    if ((kind === "room") !== members.length > 0)
      throw new LimenError("code-members", { field: "/members", status: 422 });
    for (const person of members) {
      const row = db.prepare("SELECT state FROM person WHERE id = ?").get(person);
      if (!row) throw new LimenError("person-unknown", { field: "/members", status: 404 });
      if (row.state !== "resident")
        throw new LimenError("residency-ended", { field: "/members", status: 409 });
    }
    if (kind === "room") return;
    const left = validUntil === undefined ? Number.NaN : Date.parse(validUntil) - clock.now().getTime();
    if (!(left > 0 && left <= longestDoorDays * dayMs))
      throw new LimenError("code-too-long", {
        field: "/valid_until",
        params: { days: longestDoorDays },
        status: 422,
      });
  }

  add(order: SharedOrder, { bucket, phc }: StoredPin, by: string): string {
    const { db, clock } = this.#deps;
    const id = opaqueId("code");
    const { kind, members, doors, schedule, validUntil } = order;
    this.#logged(`${kind}-code-issued`, id, members, { by }, () =>
      transaction(db, () => {
        db.prepare(
          `INSERT INTO shared_code (id, kind, doors, schedule, valid_until, state, issued, bucket, phc)
           VALUES (?, ?, ?, ?, ?, 'active', ?, ?, ?)`,
        ).run(
          id,
          kind,
          JSON.stringify(doors),
          schedule ? JSON.stringify(schedule) : null,
          validUntil ?? null,
          clock.now().toISOString(),
          bucket,
          phc,
        );
        const join = db.prepare("INSERT INTO shared_member (code, person) VALUES (?, ?)");
        for (const person of new Set(members)) join.run(id, person);
      }),
    );
    return id;
  }

  /** @throws LimenError `credential-unknown` */
  read(id: string): SharedCode {
    const row = this.#deps.db.prepare("SELECT * FROM shared_code WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("credential-unknown", { field: "/id", status: 404 });
    return this.#record(row);
  }

  list(): SharedCode[] {
    const rows = this.#deps.db.prepare("SELECT * FROM shared_code ORDER BY issued DESC, id").all();
    return (rows as unknown as Row[]).map((row) => this.#record(row));
  }

  /** Room codes somebody shares. */
  of(person: string): SharedCode[] {
    return this.list().filter(({ members }) => members.includes(person));
  }

  /**
   * Doors it is good for, and whether anybody it belongs to still lives here: a room code ends with its household.
   * Undefined for what is no shared code.
   */
  standing(id: string): { doors: readonly string[]; resident: boolean } | undefined {
    const row = this.#deps.db.prepare("SELECT kind, doors FROM shared_code WHERE id = ?").get(id);
    if (!row) return undefined;
    const resident = row.kind === "door" || this.residents(id).length > 0;
    return { doors: JSON.parse(String(row.doors)) as string[], resident };
  }

  /** Those of its household who live here now. */
  residents(id: string): string[] {
    return this.#deps.db
      .prepare(
        "SELECT p.id FROM shared_member m JOIN person p ON p.id = m.person WHERE m.code = ? AND p.state = 'resident' ORDER BY p.id",
      )
      .all(id)
      .map((row) => String(row.id));
  }

  /**
   * Opens nothing from now on. Blocking what is blocked changes nothing.
   * @returns whether it was this that blocked it
   * @throws LimenError `credential-unknown`, `log-failed`
   */
  block(id: string, reason: BlockReason, by: string): boolean {
    const { db, clock } = this.#deps;
    const { state, kind, members } = this.read(id);
    if (state === "blocked") return false;
    this.#logged(`${kind}-code-blocked`, id, members, { reason, by }, () => {
      db.prepare("UPDATE shared_code SET state = 'blocked', reason = ?, ended = ? WHERE id = ?").run(
        reason,
        clock.now().toISOString(),
        id,
      );
    });
    return true;
  }

  /** Takes a block back that was a slip. @throws LimenError `credential-unknown`, `log-failed` */
  unblock(id: string, by: string): void {
    const { state, kind, members } = this.read(id);
    if (state !== "blocked") return;
    this.#logged(`${kind}-code-unblocked`, id, members, { by }, () => {
      this.#deps.db
        .prepare("UPDATE shared_code SET state = 'active', reason = NULL, ended = NULL WHERE id = ?")
        .run(id);
    });
  }

  /** Those that ended so many days ago, but for whom a legal hold keeps; and those whose household was erased. */
  over(days: number, kept: (person: string) => boolean): string[] {
    const before = this.#deps.clock.now().getTime() - days * dayMs;
    const isOver = (time: unknown) => typeof time === "string" && Date.parse(time) < before;
    return this.#deps.db
      .prepare(
        `SELECT id, ended, valid_until, kind = 'room' AND NOT EXISTS
           (SELECT 1 FROM shared_member WHERE code = id) AS nobodys FROM shared_code`,
      )
      .all()
      .filter(({ ended, valid_until, nobodys }) => nobodys === 1 || isOver(ended) || isOver(valid_until))
      .map(({ id }) => String(id))
      .filter((id) => !this.read(id).members.some(kept));
  }

  sweep(ids: readonly string[]): void {
    const erase = this.#deps.db.prepare("DELETE FROM shared_code WHERE id = ?");
    for (const id of ids) erase.run(id);
  }

  /** One entry for the site, or one for each of the household, whose own page shows it. */
  #logged(
    what: string,
    id: string,
    members: readonly string[],
    fields: Record<string, FieldValue>,
    write: () => void,
  ): void {
    const at = this.#deps.clock.now();
    const entry = {
      class: "configuration" as const,
      at,
      fields: { at: at.toISOString(), what, credential: id, ...fields },
    };
    this.#deps.log.appendWith(
      members.length > 0 ? members.map((subject) => ({ ...entry, subject })) : [entry],
      write,
    );
  }

  #record(row: Row): SharedCode {
    const { db, clock } = this.#deps;
    const members = db
      .prepare("SELECT person FROM shared_member WHERE code = ? ORDER BY person")
      .all(row.id)
      .map(({ person }) => String(person));
    const over = row.valid_until !== null && Date.parse(row.valid_until) <= clock.now().getTime();
    return {
      id: row.id,
      kind: row.kind,
      members,
      doors: JSON.parse(row.doors) as string[],
      state: row.state === "active" && over ? "expired" : row.state,
      ...(row.schedule !== null && { schedule: JSON.parse(row.schedule) as CredentialHours }),
      ...(row.valid_until !== null && { validUntil: row.valid_until }),
    };
  }
}
