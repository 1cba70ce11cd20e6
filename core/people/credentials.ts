import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import type { CardNumber } from "../devices/cards/notation.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { OneByOne } from "../one-by-one.ts";
import { transaction } from "../store/database.ts";
import type { KeyRing } from "../store/types.ts";
import { type By, saidBy } from "./by.ts";
import { CardIndex, tailOf } from "./cards.ts";
import { Chips } from "./chips.ts";
import type { CredentialHours } from "./hours.ts";
import { Lockout } from "./lockout.ts";
import { farApart, PinIndex, type StoredPin, trivial } from "./pins.ts";
import { type SharedCode, SharedCodes, type SharedOrder } from "./shared-codes.ts";
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
  schedule?: CredentialHours;
}

/** What a card or code may be limited to. */
interface Limits {
  person: string;
  doors?: string[];
  validUntil?: string;
  schedule?: CredentialHours;
}

/** A code somebody sets: chosen, or `new` for one that is made and shown once. */
export interface OwnCode {
  person: string;
  pin: string;
  /** Absent: there is none from now on. */
  duress?: string;
}

interface Row {
  id: string;
  person: string;
  kind: CredentialRecord["kind"];
  assurance: Assurance;
  tail: string | null;
  doors: string | null;
  valid_until: string | null;
  schedule: string | null;
  state: "active" | "blocked";
  reason: BlockReason | null;
  issued: string;
  ended: string | null;
}

const dayMs = 24 * 3_600_000;
/** How long a card or code has to be somebody's before it shows that they are who they say: staff made it, and a link too. */
const ownAfterMs = 7 * dayMs;

/** Cards and codes: issued, found at a door, blocked. */
export class Credentials {
  readonly #deps: CredentialsDeps;
  readonly #cards: CardIndex;
  readonly #pins: PinIndex;
  readonly #lockout: Lockout;
  readonly #shared: SharedCodes;
  readonly #chips: Chips;
  readonly #turns = new OneByOne();

  constructor(deps: CredentialsDeps) {
    this.#deps = deps;
    this.#cards = new CardIndex(deps.db, deps.ring.secret("card-number"));
    this.#pins = new PinIndex(deps.db, deps.ring.secret("pin-bucket"));
    this.#lockout = new Lockout(deps.db, deps.clock);
    this.#shared = new SharedCodes(deps);
    this.#chips = new Chips(deps.db, deps.ring);
  }

  /**
   * Issues a card by its number: an id that is read can be copied, so it is `clonable`, whatever the chip.
   * @param by who gives it, for the record
   * @throws LimenError `person-unknown`, `residency-ended`, `card-uid-random`, `card-taken`, `card-collides`
   */
  issueCard(card: CardIssue, by?: By): { id: string; assurance: Assurance } {
    this.#cards.check(card, card.notation);
    return this.#issue("card", card, (id) => this.#cards.add(id, card), {
      tail: tailOf(card.number),
      bits: card.bits,
      by,
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
    card: Limits,
    number: CardNumber,
    also: (id: string) => void,
    by?: By,
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
      by,
    });
  }

  /**
   * Issues a code the person types alone. The answer holds it for the only time.
   * @throws LimenError `person-unknown`, `residency-ended`
   */
  async issuePin(limits: Limits, by?: By): Promise<{ id: string; assurance: Assurance; pin: string }> {
    return await this.#turns.run(async () => {
      this.#requireResident(limits.person);
      const { pin, ...stored } = await this.#pins.generate();
      return { ...this.#issue("pin", limits, (id) => this.#pins.add(id, stored), { by }), pin };
    });
  }

  /**
   * Sets somebody's own code, and the code they would type under threat: that one opens as usual and tells silently. Both
   * at once, because only then can both be seen to be far enough apart; a code they have already may be named again to
   * keep it. Codes they had before end.
   * @param asked `new` for a code that is made here; without `duress` there is none from now on
   * @returns codes that were made here, for the only time
   * @throws LimenError `person-unknown`, `residency-ended`; `code-unsuitable` for one that is too short, easily guessed or
   *   taken (which of these is not said), `codes-too-alike`, `try-later` after too many unsuitable ones
   */
  async setOwnCode(asked: OwnCode, by?: By): Promise<{ id: string; pin?: string; duress?: string }> {
    const { person } = asked;
    return await this.#turns.run(async () => {
      this.#requireResident(person);
      const own = await this.#chosen(asked.pin, person);
      if (asked.duress !== undefined && asked.duress !== "new" && !farApart(own.pin, asked.duress))
        throw new LimenError("codes-too-alike", { field: "/duress", status: 422 });
      const duress =
        asked.duress === undefined
          ? undefined
          : asked.duress === "new"
            ? await this.#pins.generate((code) => farApart(own.pin, code))
            : await this.#chosen(asked.duress, person, "duress");
      const before = this.of(person).filter(({ kind, state }) => kind === "pin" && state === "active");
      const id =
        own.credential ?? this.#issue("pin", { person }, (made) => this.#pins.add(made, own), { by }).id;
      for (const { id: other } of before.filter((one) => one.id !== id)) {
        this.block(other, "replaced", by);
        this.#pins.setDuress(other, undefined);
      }
      this.#pins.setDuress(id, duress);
      return {
        id,
        ...(asked.pin === "new" && { pin: own.pin }),
        ...(asked.duress === "new" && { duress: duress!.pin }),
      };
    });
  }

  /** Whether a code has a duress code beside it: for whoever may take it away, never for a wire. */
  hasDuress(id: string): boolean {
    return this.#pins.hasDuress(id);
  }

  /** A code for a household or a door. The answer holds it for the only time. @throws what `SharedCodes.check` throws */
  async issueShared(order: SharedOrder, by: string): Promise<{ id: string; code: string }> {
    return await this.#turns.run(async () => {
      this.#shared.check(order);
      const { pin, ...stored } = await this.#pins.generate();
      return { id: this.#shared.add(order, stored, by), code: pin };
    });
  }

  /** Room codes and door codes: to list, to block, and what is asked of them at a door. */
  get shared(): Pick<SharedCodes, "list" | "of" | "block" | "unblock" | "standing" | "residents"> {
    return this.#shared;
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
    return await this.#turns.run(async () => {
      const locked = this.#lockout.remaining(places);
      if (locked > 0) return { code: "locked-out", minutes: Math.ceil(locked / 60_000) };
      const found = await this.#pins.find(digits);
      if (!found) {
        this.#lockout.failed(places);
        return { code: "wrong-pin" };
      }
      this.#lockout.passed(places);
      if (found.of === "shared") return sensedShared(this.#shared.read(found.id));
      const sensed = this.sensed(found.id, "pin");
      return "code" in sensed || found.of === "own" ? sensed : { ...sensed, duress: true };
    });
  }

  /** @throws LimenError `credential-unknown` */
  read(id: string): CredentialRecord {
    return this.#record(this.#row(id));
  }

  /**
   * Gives a card or code hours of its own; without any it opens whenever its doors do. On its owner's record.
   * @throws LimenError `credential-unknown`, `log-failed`
   */
  setHours(id: string, hours: CredentialHours | undefined, by: By): void {
    const row = this.#row(id);
    this.#logged("credential-hours", row, { limited: hours !== undefined, ...saidBy(by) }, () => {
      this.#deps.db
        .prepare("UPDATE credential SET schedule = ? WHERE id = ?")
        .run(hours ? JSON.stringify(hours) : null, id);
    });
  }

  /**
   * Is this the number on a card, or the code, that is this person's, and has been for a week? Then whoever knows it is more
   * than the holder of a link. One at a time, and slowed like choosing a code: trying must not find a code out.
   * @throws LimenError `own-not-shown`, `own-too-new`, `try-later`
   */
  async requireTheirs(person: string, shown: { code: string } | CardNumber): Promise<void> {
    await this.#turns.run(async () => {
      const place = [`choice:${person}`];
      this.#requireNoLock(place);
      const id = "code" in shown ? await this.#codeOf(shown.code) : this.#cards.find(shown);
      const record = id === undefined ? undefined : this.read(id);
      if (record?.person !== person || record.state !== "active") {
        this.#lockout.failed(place);
        throw new LimenError("own-not-shown", { field: "/number", status: 403 });
      }
      if (this.#deps.clock.now().getTime() - Date.parse(record.issued) < ownAfterMs)
        throw new LimenError("own-too-new", { field: "/number", status: 403 });
      this.#lockout.passed(place);
    });
  }

  async #codeOf(digits: string): Promise<string | undefined> {
    const found = await this.#pins.find(digits);
    return found?.of === "own" ? found.id : undefined;
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
   * @returns whether it was this that blocked it
   */
  block(id: string, reason: BlockReason, by?: By): boolean {
    const { db, clock } = this.#deps;
    const row = this.#row(id);
    if (row.state === "blocked") return false;
    if (reason === "returned") this.#requireAnotherWay(row);
    const write = () => {
      db.prepare("UPDATE credential SET state = 'blocked', reason = ?, ended = ? WHERE id = ?").run(
        reason,
        clock.now().toISOString(),
        id,
      );
    };
    try {
      this.#logged("credential-blocked", row, { reason, ...(by && saidBy(by)) }, write);
    } catch (error) {
      write();
      throw error;
    }
    return true;
  }

  /**
   * Takes a block back that was a slip: it opens again what it opened. Whether somebody may is for whoever asks to know.
   * @throws LimenError `credential-unknown`, `residency-ended`; `card-taken` when its number was given out again meanwhile;
   *   `log-failed`: it stays blocked
   */
  unblock(id: string, by: By): void {
    const row = this.#row(id);
    if (row.state !== "blocked") return;
    this.#requireResident(row.person);
    if (this.#cards.isAnothers(id)) throw new LimenError("card-taken", { field: "/id", status: 409 });
    this.#logged("credential-unblocked", row, saidBy(by), () => {
      this.#deps.db
        .prepare("UPDATE credential SET state = 'active', reason = NULL, ended = NULL WHERE id = ?")
        .run(id);
    });
  }

  /** Blocks all of somebody who leaves. */
  endAll(person: string, by?: By): void {
    for (const { id, state } of this.of(person)) if (state !== "blocked") this.block(id, "left", by);
    for (const { id, state } of this.#shared.of(person))
      if (state !== "blocked" && this.#shared.residents(id).length === 0)
        this.#shared.block(id, "left", by?.id ?? "vault");
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
      .map(({ id }) => id)
      .concat(this.#shared.over(days, kept));
  }

  /** Deletes them, with every hash of their numbers. @returns how many */
  sweep(days: number, kept: (person: string) => boolean): number {
    const ids = this.over(days, kept);
    const erase = this.#deps.db.prepare("DELETE FROM credential WHERE id = ?");
    transaction(this.#deps.db, () => {
      for (const id of ids) erase.run(id);
      this.#shared.sweep(ids);
    });
    return ids.length;
  }

  #issue(
    kind: "card" | "pin",
    { person, doors, validUntil, schedule }: Limits,
    index: (id: string) => void,
    {
      assurance = "clonable",
      tail,
      bits,
      by,
    }: { assurance?: Assurance; tail?: string; bits?: number; by: By | undefined },
  ): { id: string; assurance: Assurance } {
    const { db, clock } = this.#deps;
    this.#requireResident(person);
    const row = { id: opaqueId("cred"), person, kind, assurance };
    this.#logged("credential-issued", row, { assurance, ...(by && saidBy(by)) }, () =>
      transaction(db, () => {
        db.prepare(
          `INSERT INTO credential (id, person, kind, assurance, bits, tail, doors, valid_until, schedule, state, issued)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', ?)`,
        ).run(
          row.id,
          person,
          kind,
          row.assurance,
          bits ?? null,
          tail ?? null,
          doors ? JSON.stringify(doors) : null,
          validUntil ?? null,
          schedule ? JSON.stringify(schedule) : null,
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
      [
        {
          class: "configuration",
          at,
          subject: person,
          fields: { at: at.toISOString(), what, credential: id, kind, ...fields },
        },
      ],
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
    const { assurance, doors, schedule } = record;
    return {
      credential: id,
      person,
      assurance,
      method,
      ...(doors && { doors }),
      ...(schedule && { schedule }),
    };
  }

  /** A code somebody chose, or one that is made; `credential` when it is theirs already. */
  async #chosen(
    pin: string,
    person: string,
    of: "own" | "duress" = "own",
  ): Promise<StoredPin & { pin: string; credential?: string }> {
    if (pin === "new") return await this.#pins.generate();
    const place = [`choice:${person}`];
    this.#requireNoLock(place);
    const found = await this.#pins.find(pin);
    const mine = found && found.of === of && this.read(found.id).person === person ? found.id : undefined;
    const active = mine !== undefined && this.read(mine).state === "active";
    if (of === "own" && active) return { pin, credential: mine, ...(await this.#pins.store(pin)) };
    if ((found && !(of === "duress" && active)) || pin.length < this.#pins.digits || trivial(pin)) {
      // that a code is taken must not be found out by trying
      this.#lockout.failed(place);
      throw new LimenError("code-unsuitable", {
        field: of === "own" ? "/code" : "/duress",
        params: { digits: this.#pins.digits },
        status: 422,
      });
    }
    return { pin, ...(await this.#pins.store(pin)) };
  }

  #requireNoLock(place: readonly string[]): void {
    const wait = this.#lockout.remaining(place);
    if (wait > 0)
      throw new LimenError("try-later", { status: 429, params: { seconds: Math.ceil(wait / 1000) } });
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
      ...(row.schedule !== null && { schedule: JSON.parse(row.schedule) as CredentialHours }),
      ...(row.reason !== null && { reason: row.reason }),
      ...(row.ended !== null && { ended: row.ended }),
    };
  }
}

/** A code nobody in particular typed: its household or door is all that is known. */
function sensedShared(code: SharedCode): Sensed {
  const { id, state, doors, members, schedule } = code;
  if (state === "blocked") return { code: "credential-blocked", credential: id };
  if (state === "expired") return { code: "credential-expired", credential: id };
  return {
    credential: id,
    shared: members,
    assurance: "clonable",
    method: "pin",
    doors,
    ...(schedule && { schedule }),
  };
}
