import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import type { SealContext, WrappedKeys } from "../store/types.ts";
import { openJson, sealJson } from "./sealed.ts";
import type { PersonChanges, PersonFields, PersonRecord, PersonStanding, ProofSeen } from "./types.ts";

export interface PersonsDeps {
  /** `people.db`, opened with `peopleMigrations`. */
  db: DatabaseSync;
  /** `openSubjectKeys(ring)`. */
  keys: Pick<WrappedKeys, "create" | "get" | "destroy">;
  clock: Clock;
  /** Part of every sealed record: fixed for the life of the data folder, whatever a flow calls its site later. */
  site: string;
}

interface Row {
  id: string;
  sealed: Uint8Array;
  doors: string | null;
  opens: string | null;
  state: "resident" | "left";
  since: string;
}

type Sealed = PersonFields & { proof?: ProofSeen };

/** How many rows are opened before the event loop gets its turn. */
const atOnce = 100;

/** People by pseudonym. What names them is sealed under a key of their own, whose destruction erases them. */
export class Persons {
  readonly #deps: PersonsDeps;
  /** Everyone's standing, as committed rows say it: a look asks it of all for every frame. */
  #standings: Map<string, PersonStanding> | undefined;

  constructor(deps: PersonsDeps) {
    this.#deps = deps;
  }

  /** @returns the new person's pseudonym */
  create({ doors, opens, ...fields }: Sealed & { doors?: string[]; opens?: string[] }): string {
    const { db, keys, clock } = this.#deps;
    const id = opaqueId("person");
    const key = keys.create(id); // first: a key without a person is harmless, a person without a key is not
    db.prepare(
      "INSERT INTO person (id, sealed, doors, opens, state, since) VALUES (?, ?, ?, ?, 'resident', ?)",
    ).run(
      id,
      sealJson(key, this.#context(id), fields),
      doors ? JSON.stringify(doors) : null,
      opens && opens.length > 0 ? JSON.stringify(opens) : null,
      clock.now().toISOString(),
    );
    key.fill(0);
    this.#refresh(id);
    return id;
  }

  /** @throws LimenError `person-unknown` */
  read(id: string): PersonRecord {
    return this.#open(this.#row(id));
  }

  has(id: string): boolean {
    return this.#deps.db.prepare("SELECT 1 FROM person WHERE id = ?").get(id) !== undefined;
  }

  /** Every pseudonym, of residents and of those who left. */
  ids(): string[] {
    return this.#deps.db
      .prepare("SELECT id FROM person ORDER BY id")
      .all()
      .map((row) => String(row.id));
  }

  /**
   * What `core/entry` asks about a person; undefined when there is none. Read from memory, which follows every change
   * here before that change returns: nothing else writes to this table.
   */
  standing(id: string): PersonStanding | undefined {
    return this.#allStandings().get(id);
  }

  /** Whether doors stay open longer for this person. Not known for one whose record cannot be read. */
  needsTime(id: string): boolean {
    const row = this.#deps.db.prepare("SELECT * FROM person WHERE id = ?").get(id) as Row | undefined;
    return row !== undefined && this.#openIfKept(row)?.moreTime === true;
  }

  /** @throws LimenError `person-unknown` */
  update(id: string, { doors, opens, ...changes }: PersonChanges): void {
    const { db, keys } = this.#deps;
    const row = this.#row(id);
    const key = keys.create(id);
    const fields = openJson<Record<string, unknown>>(key, this.#context(id), row.sealed);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) delete fields[name];
      else if (value !== undefined) fields[name] = value;
    }
    const list = doors === undefined ? row.doors : doors && JSON.stringify(doors);
    const days = opens === undefined ? row.opens : opens && opens.length > 0 ? JSON.stringify(opens) : null;
    db.prepare("UPDATE person SET sealed = ?, doors = ?, opens = ? WHERE id = ?").run(
      sealJson(key, this.#context(id), fields),
      list,
      days,
      id,
    );
    key.fill(0);
    this.#refresh(id);
  }

  /**
   * People whose name or flat holds the text, in any case and width; everyone without one. Names are sealed, so each is
   * opened and forgotten, a hundred at a time.
   */
  async search({
    search = "",
    limit = 50,
  }: {
    search?: string;
    limit?: number;
  } = {}): Promise<PersonRecord[]> {
    const wanted = fold(search);
    return await this.#matching(limit, ({ name, flat }) => fold(`${name}\n${flat ?? ""}`).includes(wanted));
  }

  /**
   * Residents called exactly this, in any case and width; where a flat is given, of that flat.
   * @returns ten at most: whoever asks wants the one
   */
  async called(wanted: { name: string; flat?: string | undefined }): Promise<PersonRecord[]> {
    const [name, flat] = [fold(wanted.name), fold(wanted.flat ?? "")];
    return await this.#matching(
      10,
      (one) =>
        one.state === "resident" && fold(one.name) === name && (flat === "" || fold(one.flat ?? "") === flat),
    );
  }

  async #matching(limit: number, fits: (person: PersonRecord) => boolean): Promise<PersonRecord[]> {
    const found: PersonRecord[] = [];
    const page = this.#deps.db.prepare("SELECT * FROM person WHERE id > ? ORDER BY id LIMIT ?");
    for (let last = ""; ; ) {
      const rows = page.all(last, atOnce) as unknown as Row[];
      for (const row of rows) {
        const person = this.#openIfKept(row);
        if (!person) continue;
        if (fits(person)) found.push(person);
        if (found.length >= limit) return found;
      }
      if (rows.length < atOnce) return found;
      last = rows.at(-1)!.id;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Ends residency. @throws LimenError `person-unknown` */
  leave(id: string): void {
    const { db, clock } = this.#deps;
    this.#row(id);
    db.prepare("UPDATE person SET state = 'left', since = ? WHERE id = ? AND state = 'resident'").run(
      clock.now().toISOString(),
      id,
    );
    this.#refresh(id);
  }

  /** Deletes the row, all that hangs on it, and the key. Idempotent; for good only after the erasure's further steps. */
  erase(id: string): void {
    this.#deps.keys.destroy(id);
    this.#deps.db.prepare("DELETE FROM person WHERE id = ?").run(id);
    this.#refresh(id);
  }

  /** People whose key is not here: after a backup came to a new box. */
  unreadable(): string[] {
    return this.ids().filter((id) => {
      const key = this.#deps.keys.get(id);
      key?.fill(0);
      return key === undefined;
    });
  }

  /** Gives somebody whose name is lost a new key and a placeholder, so that their cards go on and the desk can ask. */
  renameLost(id: string): void {
    const { db, keys } = this.#deps;
    const key = keys.create(id);
    const sealed = sealJson(key, this.#context(id), { name: `? ${id.slice(-6)}` });
    key.fill(0);
    db.prepare("UPDATE person SET sealed = ? WHERE id = ?").run(sealed, id);
  }

  #allStandings(): Map<string, PersonStanding> {
    if (this.#standings) return this.#standings;
    const rows = this.#deps.db
      .prepare("SELECT id, doors, opens, state FROM person")
      .all() as unknown as Row[];
    this.#standings = new Map(rows.map((row) => [row.id, standingOf(row)]));
    return this.#standings;
  }

  /** Takes one person's standing over from the row that was just written, or forgets it with the row. */
  #refresh(id: string): void {
    if (!this.#standings) return;
    const row = this.#deps.db.prepare("SELECT doors, opens, state FROM person WHERE id = ?").get(id);
    if (row) this.#standings.set(id, standingOf(row as unknown as Row));
    else this.#standings.delete(id);
  }

  #row(id: string): Row {
    const row = this.#deps.db.prepare("SELECT * FROM person WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("person-unknown", { field: "/person", status: 404 });
    return row;
  }

  #open(row: Row): PersonRecord {
    const key = this.#deps.keys.get(row.id);
    if (!key) throw new LimenError("person-erased", { field: "/person", status: 410 });
    const fields = openJson<Sealed>(key, this.#context(row.id), row.sealed);
    key.fill(0);
    const [doors, opens] = [doorsOf(row), opensOf(row)];
    const lists = { ...(doors && { doors }), ...(opens && { opens }) };
    return { ...fields, id: row.id, state: row.state, since: row.since, ...lists };
  }

  /** One whose key is gone is being erased, or waits for a restore to be finished: no reason to show nobody at all. */
  #openIfKept(row: Row): PersonRecord | undefined {
    try {
      return this.#open(row);
    } catch (error) {
      if (error instanceof LimenError && error.code === "person-erased") return undefined;
      throw error;
    }
  }

  #context(id: string): SealContext {
    return { kind: "person", version: 1, site: this.#deps.site, subject: id };
  }
}

function standingOf(row: Pick<Row, "doors" | "opens" | "state">): PersonStanding {
  const opens = opensOf(row);
  return { doors: doorsOf(row), resident: row.state === "resident", ...(opens && { opens }) };
}

const opensOf = ({ opens }: Pick<Row, "opens">): string[] | undefined =>
  opens === null ? undefined : (JSON.parse(opens) as string[]);

const doorsOf = ({ doors }: { doors: string | null }): string[] | undefined =>
  doors === null ? undefined : (JSON.parse(doors) as string[]);

const fold = (text: string): string => text.normalize("NFKC").toLowerCase().trim();
