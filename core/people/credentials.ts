import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import type { CardNumber } from "../devices/cards/notation.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { transaction } from "../store/database.ts";
import type { KeyRing } from "../store/types.ts";
import { CardIndex, tailOf } from "./cards.ts";
import { Chips } from "./chips.ts";
import { Lockout } from "./lockout.ts";
import { PinIndex } from "./pins.ts";
import type { Assurance, BlockReason, CredentialRecord, Sensed } from "./types.ts";

export interface CredentialsDeps {
  /** `people.db`, opened with `peopleMigrations`. */
  db: DatabaseSync;
  ring: Pick<KeyRing, "secret">;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
  /** Does this person have a face in use? Then the last other way in is not taken back (RD-07). */
  hasFace?(person: string): boolean;
}

export interface CardIssue extends CardNumber {
  person: string;
  notation: string;
  /** As printed: only its last digits are kept. */
  number: string;
  doors?: string[];
  /** RFC 3339. */
  validUntil?: string;
}

interface Row {
  id: string;
  person: string;
  kind: CredentialRecord["kind"];
  assurance: Assurance;
  tail: string | null;
  doors: string | null;
  valid_until: string | null;
  state: "active" | "blocked";
  reason: BlockReason | null;
  issued: string;
  ended: string | null;
}

const dayMs = 24 * 3_600_000;

/** Cards and codes: issued, found at a door, blocked. */
export class Credentials {
  readonly #deps: CredentialsDeps;
  readonly #cards: CardIndex;
  readonly #pins: PinIndex;
  readonly #lockout: Lockout;
  readonly #chips: Chips;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: CredentialsDeps) {
    this.#deps = deps;
    this.#cards = new CardIndex(deps.db, deps.ring.secret("card-number"));
    this.#pins = new PinIndex(deps.db, deps.ring.secret("pin-bucket"));
    this.#lockout = new Lockout(deps.db, deps.clock);
    this.#chips = new Chips(deps.db, deps.ring);
  }

  /**
   * Issues a card by its number: an id that is read can be copied, so it is `clonable`, whatever the chip.
   * @throws LimenError `person-unknown`, `residency-ended`, `card-uid-random`, `card-taken`, `card-collides`
   */
  issueCard(card: CardIssue): { id: string; assurance: Assurance } {
    this.#cards.check(card, card.notation);
    return this.#issue("card", card, (id) => this.#cards.add(id, card), {
      tail: tailOf(card.number),
      bits: card.bits,
    });
  }

  /** Checks a number that is to be issued. @throws LimenError `card-uid-random`, `card-taken`, `card-collides` */
  checkCard(number: CardNumber, notation: string): void {
    this.#cards.check(number, notation);
  }

  /**
   * Issues a card whose chip has proved a key of this site.
   * @param also runs in the same transaction
   * @throws LimenError `person-unknown`, `residency-ended`, `card-taken`
   */
  issueChip(
    card: { person: string; doors?: string[]; validUntil?: string },
    number: CardNumber,
    also: (id: string) => void,
  ): { id: string; assurance: Assurance } {
    this.#cards.check(number, "UID");
    const index = (id: string): void => {
      this.#cards.add(id, number);
      also(id);
    };
    return this.#issue("card", card, index, {
      assurance: "strong",
      tail: tailOf(number.hex),
      bits: number.bits,
    });
  }

  /**
   * Issues a code the person types alone. The answer holds it for the only time.
   * @param options.duress a second code of the same person that opens as usual and tells silently; never derived from
   *   the first
   * @throws LimenError `person-unknown`, `residency-ended`
   */
  async issuePin(options: {
    person: string;
    doors?: string[];
    validUntil?: string;
    duress?: boolean;
  }): Promise<{ id: string; assurance: Assurance; pin: string }> {
    return await this.#inTurn(async () => {
      this.#requireResident(options.person);
      const { pin, ...stored } = await this.#pins.generate();
      const index = (id: string): void => this.#pins.add(id, stored, options.duress === true);
      return { ...this.#issue("pin", options, index), pin };
    });
  }

  /**
   * Whose card is this, by the number alone? Never throws for a card; the answer is a person or a code. The number of a
   * card that could have proved itself is a copy for all anybody knows: it opens nothing, or as a copy where it may.
   */
  findCard(read: CardNumber): Sensed {
    const id = this.#cards.find(read);
    if (id === undefined) return { code: "no-such-credential" };
    const sensed = this.sensed(id, "card");
    if ("code" in sensed || sensed.assurance !== "strong") return sensed;
    const { person } = sensed;
    return this.#chips.byNumber(id)
      ? { ...sensed, assurance: "clonable" }
      : { code: "assurance-too-low", person, credential: id };
  }

  /**
   * Whose code is this? One at a time: the lock counts every try before the next one is looked at.
   * @param at the keypad and the door it stands at: each locks for itself
   */
  async findPin(digits: string, at: { reader: string; door: string }): Promise<Sensed> {
    const places = [`reader:${at.reader}`, `door:${at.door}`];
    return await this.#inTurn(async () => {
      const locked = this.#lockout.remaining(places);
      if (locked > 0) return { code: "locked-out", minutes: Math.ceil(locked / 60_000) };
      const found = await this.#pins.find(digits);
      if (!found) {
        this.#lockout.failed(places);
        return { code: "wrong-pin" };
      }
      this.#lockout.passed(places);
      const sensed = this.sensed(found.credential, "pin");
      return "code" in sensed || !found.duress ? sensed : { ...sensed, duress: true };
    });
  }

  /** @throws LimenError `credential-unknown` */
  read(id: string): CredentialRecord {
    return this.#record(this.#row(id));
  }

  /** Ways somebody can use today without a face or a phone: in use, and not past their end. */
  kindsOf(person: string): ("card" | "pin")[] {
    const kinds = this.of(person).flatMap(({ kind, state }) =>
      state === "active" && kind !== "pass" ? [kind] : [],
    );
    return [...new Set(kinds)];
  }

  /** Newest first. */
  of(person: string): CredentialRecord[] {
    return (
      this.#deps.db
        .prepare("SELECT * FROM credential WHERE person = ? ORDER BY issued DESC, id")
        .all(person) as unknown as Row[]
    ).map((row) => this.#record(row));
  }

  /**
   * Blocks a credential from the next read on; that it happened is recorded with its reason. One at a time: there is no
   * way to revoke many at once (RD-07). Blocking what is blocked changes nothing.
   * @throws LimenError `credential-unknown`; `credential-last-way` for handing back the last way in that is no face, while
   *   a face is in use (a lost or stolen card is always blocked); `log-failed` when it could not be recorded: it is blocked nevertheless
   */
  block(id: string, reason: BlockReason, by?: { id: string; role: string }): void {
    const { db, clock } = this.#deps;
    const row = this.#row(id);
    if (row.state === "blocked") return;
    if (reason === "returned") this.#requireAnotherWay(row);
    const write = () => {
      db.prepare("UPDATE credential SET state = 'blocked', reason = ?, ended = ? WHERE id = ?").run(
        reason,
        clock.now().toISOString(),
        id,
      );
    };
    try {
      this.#logged("credential-blocked", row, { reason, ...by }, write);
    } catch (error) {
      write();
      throw error;
    }
  }

  /** Blocks all of somebody who leaves. */
  endAll(person: string, by?: { id: string; role: string }): void {
    for (const { id, state } of this.of(person)) if (state !== "blocked") this.block(id, "left", by);
  }

  /** When this person last lost a way in without getting another in its place (RD-07). */
  lastLoss(person: string): Date | undefined {
    const row = this.#deps.db
      .prepare(
        "SELECT max(ended) AS ended FROM credential WHERE person = ? AND state = 'blocked' AND reason <> 'replaced'",
      )
      .get(person);
    return row?.ended ? new Date(String(row.ended)) : undefined;
  }

  /**
   * Cards and codes that ended so many whole days ago: blocked, or past their last day.
   * @param kept people whose records a legal hold keeps
   */
  over(days: number, kept: (person: string) => boolean): string[] {
    const before = this.#deps.clock.now().getTime() - days * dayMs;
    const rows = this.#deps.db
      .prepare(
        "SELECT id, person, ended, valid_until FROM credential WHERE ended IS NOT NULL OR valid_until IS NOT NULL",
      )
      .all() as unknown as Pick<Row, "id" | "person" | "ended" | "valid_until">[];
    const isOver = (time: string | null) => time !== null && Date.parse(time) < before;
    return rows
      .filter(({ person, ended, valid_until }) => (isOver(ended) || isOver(valid_until)) && !kept(person))
      .map(({ id }) => id);
  }

  /** Deletes them, with every hash of their numbers. @returns how many */
  sweep(days: number, kept: (person: string) => boolean): number {
    const ids = this.over(days, kept);
    const erase = this.#deps.db.prepare("DELETE FROM credential WHERE id = ?");
    transaction(this.#deps.db, () => {
      for (const id of ids) erase.run(id);
    });
    return ids.length;
  }

  #issue(
    kind: "card" | "pin",
    { person, doors, validUntil }: { person: string; doors?: string[]; validUntil?: string },
    index: (id: string) => void,
    { assurance = "clonable", tail, bits }: { assurance?: Assurance; tail?: string; bits?: number } = {},
  ): { id: string; assurance: Assurance } {
    const { db, clock } = this.#deps;
    this.#requireResident(person);
    const row = { id: opaqueId("cred"), person, kind, assurance };
    this.#logged("credential-issued", row, { assurance }, () =>
      transaction(db, () => {
        db.prepare(
          `INSERT INTO credential (id, person, kind, assurance, bits, tail, doors, valid_until, state, issued)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'active', ?)`,
        ).run(
          row.id,
          person,
          kind,
          row.assurance,
          bits ?? null,
          tail ?? null,
          doors ? JSON.stringify(doors) : null,
          validUntil ?? null,
          clock.now().toISOString(),
        );
        index(row.id);
      }),
    );
    return { id: row.id, assurance: row.assurance };
  }

  #logged(
    what: string,
    { id, person, kind }: Pick<Row, "id" | "person" | "kind">,
    fields: Record<string, FieldValue>,
    write: () => void,
  ): void {
    const at = this.#deps.clock.now();
    this.#deps.log.appendWith(
      [{ class: "configuration", at, subject: person, fields: { what, credential: id, kind, ...fields } }],
      write,
    );
  }

  #requireResident(person: string): void {
    const row = this.#deps.db.prepare("SELECT state FROM person WHERE id = ?").get(person);
    if (!row) throw new LimenError("person-unknown", { field: "/person", status: 404 });
    if (row.state !== "resident") throw new LimenError("residency-ended", { field: "/person", status: 409 });
  }

  #requireAnotherWay({ id, person }: Row): void {
    if (!this.#deps.hasFace?.(person)) return;
    if (this.of(person).some((other) => other.id !== id && other.state === "active")) return;
    throw new LimenError("credential-last-way", { field: "/id", status: 409 });
  }

  /** Whose credential this is, or why it opens nothing now. @throws LimenError `credential-unknown` */
  sensed(id: string, method: "card" | "pin"): Sensed {
    const record = this.read(id);
    const { person } = record;
    if (record.state === "blocked") return { code: "credential-blocked", person, credential: id };
    if (record.state === "expired") return { code: "credential-expired", person, credential: id };
    const { assurance, doors } = record;
    return { credential: id, person, assurance, method, ...(doors && { doors }) };
  }

  #row(id: string): Row {
    const row = this.#deps.db.prepare("SELECT * FROM credential WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("credential-unknown", { field: "/id", status: 404 });
    return row;
  }

  #record(row: Row): CredentialRecord {
    const over = row.valid_until !== null && Date.parse(row.valid_until) <= this.#deps.clock.now().getTime();
    return {
      id: row.id,
      person: row.person,
      kind: row.kind,
      assurance: row.assurance,
      state: row.state === "active" && over ? "expired" : row.state,
      issued: row.issued,
      ...(row.tail !== null && { tail: row.tail }),
      ...(row.doors !== null && { doors: JSON.parse(row.doors) as string[] }),
      ...(row.valid_until !== null && { validUntil: row.valid_until }),
      ...(row.reason !== null && { reason: row.reason }),
      ...(row.ended !== null && { ended: row.ended }),
    };
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#turn;
    const mine = before.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }
}
