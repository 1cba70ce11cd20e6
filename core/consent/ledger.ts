import type { AuditLog, FieldValue, LogEntry } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { parse } from "../schema.ts";
import { transaction } from "../store/database.ts";
import {
  type Change,
  ConsentBook,
  type ConsentBookDeps,
  type ConsentRow,
  liveOf,
  type StaffActor,
  viewOf,
} from "./book.ts";
import { addMonths } from "./dates.ts";
import { type Live, LiveConsents } from "./live.ts";
import { Notices } from "./notices.ts";
import { receiptOf, recordOf, type SealedConsent } from "./receipt.ts";
import { ConsentRequest, ownFrom, requireEntitled } from "./rules.ts";
import type { Signer } from "./signed.ts";
import type {
  Channel,
  ConsentChange,
  ConsentCode,
  ConsentMethod,
  ConsentRules,
  ConsentView,
  Controller,
  Language,
  NoticeDraft,
  PersonFacts,
} from "./types.ts";

/** `db` is the connection the log writes to. */
export interface ConsentDeps extends ConsentBookDeps {
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
  /** `signerFrom(ring.secret("receipts"))`. */
  signer: Signer;
  /** What the policy pack says, as of now. */
  rules(): ConsentRules;
  /** Who answers for the processing, as of now. */
  controller(): Controller;
  facts(person: string): PersonFacts | undefined;
  /** When this person last lost another way in (`Credentials.lastLoss`). */
  lastLoss?(person: string): Date | undefined;
}

/** Something else that belongs to the same transaction as a change of consent. */
export interface Together {
  entries: readonly LogEntry[];
  write(): void;
}

const hourMs = 3_600_000;

/**
 * The consent ledger. Every change of state is a row that is never altered and a leaf of the log, written in one
 * transaction; a check reads memory that was filled from those rows.
 */
export class Consents {
  readonly notices: Notices;
  readonly #deps: ConsentDeps;
  readonly #book: ConsentBook;
  readonly #live = new LiveConsents();
  #latest: number;

  constructor(deps: ConsentDeps) {
    this.#deps = deps;
    this.notices = new Notices(deps);
    this.#book = new ConsentBook(deps);
    this.#latest = this.#book.latest;
    for (const consent of this.#book.load()) this.#live.put(consent);
  }

  /** Why this person may not enter this way here, now; undefined: they may. Only a face needs a consent. */
  check(person: string, method: string, door: string): ConsentCode | undefined {
    if (method !== "face") return undefined;
    return this.#live.refusal(person, method, door, this.notices.material(method, door), this.#now());
  }

  /** Everyone with a live consent for this way in here, now (RD-26). */
  peopleAt(method: string, door: string): Set<string> {
    const people = new Set<string>();
    for (const person of this.#live.people()) if (!this.check(person, method, door)) people.add(person);
    return people;
  }

  /** Is a face of this person in use, or only resting until they are asked anew? */
  keepsFace(person: string): boolean {
    return this.#live
      .of(person)
      .some(({ state, runsOut }) => state === "suspended" || (state === "given" && this.#now() < runsOut));
  }

  /**
   * Gives consent: one purpose, an act of its own, under a notice in force.
   * @throws LimenError `invalid`, those of `requireEntitled`, `notice-not-in-force`, `consent-refusal-respected`,
   *   `log-failed`
   * @param staff who took it in, where it was not said on the person's own page
   */
  give(input: unknown, staff?: StaffActor): { consent: ConsentView; receipt: string } {
    const request = parse(ConsentRequest, input);
    const { rules, facts, controller } = this.#deps;
    const now = this.#deps.clock.now();
    requireEntitled(request, rules(), facts, now);
    const notice = this.notices.read(request.notice);
    const inForce = request.doors.every(
      (door) => notice && this.notices.material(request.method, door) === notice.material,
    );
    if (!notice || !inForce) throw new LimenError("notice-not-in-force", { field: "/notice", status: 409 });
    this.#respectRefusal(request, now);
    if (now.getTime() < this.#latest) this.#believe(now);
    const id = opaqueId("consent");
    const { validMonths, jurisdiction } = rules();
    const own = ownFrom(request, rules(), facts(request.person)!);
    const sealed: SealedConsent = {
      request,
      at: now.toISOString(),
      possiblyCoerced: this.#lostSomething(request.person, now),
      controller: controller(),
      jurisdiction,
      receipt: opaqueId("receipt"),
      ...(validMonths !== undefined && { runsOut: addMonths(now, validMonths).toISOString() }),
      ...(own && { ownFrom: own.toISOString() }),
    };
    const by = request.givenBy;
    const row: ConsentRow = {
      id,
      person: request.person,
      method: request.method,
      doors: JSON.stringify(request.doors),
      notice: notice.id,
      material: notice.material,
      language: notice.language,
    };
    const change: Change = {
      consent: id,
      person: row.person,
      state: "given",
      by,
      channel: request.channel,
      ...(staff && { staff }),
    };
    recordOf(row, sealed, notice.hash, [{ state: "given", at: sealed.at, by }]); // complete, or nothing is written
    const replaced = this.#replacedBy(request);
    this.#write(
      [change, ...replaced],
      () => this.#book.add(row, sealed),
      () => this.#live.put(liveOf(row, sealed, "given")),
    );
    return { consent: this.read(id), receipt: this.receipt(id) };
  }

  /**
   * Records that somebody does not want this. Nothing follows from it but that they are not asked again for months; every
   * live consent of theirs for this method counts as withdrawn.
   * @throws LimenError `person-unknown`, `log-failed`
   */
  refuse(
    request: {
      person: string;
      method: ConsentMethod;
      channel: Channel;
      session?: string;
      staff?: StaffActor | undefined;
    },
    together?: Together,
  ): ConsentView {
    const { person, method, channel } = request;
    if (!this.#deps.facts(person)) throw new LimenError("person-unknown", { field: "/person", status: 404 });
    const id = opaqueId("consent");
    const notice = this.#anyNotice(method);
    const row: ConsentRow = {
      id,
      person,
      method,
      doors: "[]",
      notice: notice?.id ?? "",
      material: "",
      language: notice?.language ?? "zh-CN",
    };
    const by = request.session === person ? "self" : "staff";
    const who = request.staff && { staff: request.staff };
    const ended = this.#standing(person, method).map(
      (consent): Change => ({ consent: consent.id, person, state: "withdrawn", by, channel, ...who }),
    );
    this.#write(
      [{ consent: id, person, state: "refused", by, channel, ...who }, ...ended],
      () => this.#book.add(row),
      () => this.#live.put(liveOf(row, undefined, "refused")),
      together,
    );
    return this.read(id);
  }

  /** Until when this person may not be asked, having refused (RD-22); undefined: they may be. They may start any time. */
  askFrom(person: string, method: ConsentMethod = "face"): Date | undefined {
    const until = this.#refusedUntil(person, method);
    return until > this.#now() ? new Date(until) : undefined;
  }

  /**
   * Withdraws: from the return on, every check says so. Withdrawing what is withdrawn changes nothing.
   * @param options.together what else belongs to the same transaction: the start of the erasure
   * @throws LimenError `consent-unknown`, `consent-over` (refused or ended otherwise), `log-failed`
   */
  withdraw(
    id: string,
    options: {
      by?: ConsentChange["by"];
      channel?: Channel;
      staff?: StaffActor | undefined;
      together?: Together;
    } = {},
  ): ConsentView {
    const consent = this.#live.get(id);
    if (!consent) throw new LimenError("consent-unknown", { field: "/id", status: 404 });
    if (consent.state === "withdrawn") return this.read(id);
    if (consent.state !== "given" && consent.state !== "suspended") {
      throw new LimenError("consent-over", { field: "/id", status: 409 });
    }
    const { by = "self", channel, staff, together } = options;
    const change: Change = { consent: id, person: consent.person, state: "withdrawn", by };
    this.#write(
      [{ ...change, ...(channel && { channel }), ...(staff && { staff }) }],
      () => undefined,
      () => undefined,
      together,
    );
    return this.read(id);
  }

  /** Ends every consent of people whose residency ends or who are erased (RD-25). */
  terminate(persons: readonly string[], reason: "left" | "erased", together?: Together): void {
    const changes = persons
      .flatMap((person) => this.#live.of(person))
      .filter(({ state }) => state === "given" || state === "suspended")
      .map(({ id, person }): Change => ({ consent: id, person, state: "terminated", by: "system", reason }));
    this.#write(
      changes,
      () => undefined,
      () => undefined,
      together,
    );
  }

  /** Everyone who ever said yes or no, erased people excepted. */
  people(): string[] {
    return [...this.#live.people()];
  }

  /** Consents of one person that say yes or are resting, for one method. */
  standing(person: string, method: ConsentMethod = "face"): string[] {
    return this.#standing(person, method).map(({ id }) => id);
  }

  /**
   * Takes the deployed flow's notices. A change of what matters suspends the consents given under the old one; the same
   * flow deployed again finds its consents live, unless they were suspended in between.
   * @throws LimenError `log-failed`
   */
  publish(drafts: readonly NoticeDraft[]): void {
    const next = new Map(
      drafts.flatMap(({ method, doors, material }) => doors.map((door) => [`${method} ${door}`, material])),
    );
    const stale = [...this.#live.all()].filter(
      ({ state, method, doors, material }) =>
        state === "given" &&
        [...doors].some((door) => {
          const found = next.get(`${method} ${door}`);
          return found !== undefined && found !== material;
        }),
    );
    this.#write(
      stale.map(({ id, person }) => ({
        consent: id,
        person,
        state: "suspended",
        by: "system",
        reason: "notice-changed",
      })),
      () => this.notices.put(drafts),
      () => this.notices.refresh(),
    );
  }

  /**
   * Writes down what time alone has changed: consents that ran out, children who came of age. Checks know it already;
   * this makes it part of the history. Call it hourly.
   * @returns people whose face has nothing to rest on any more
   */
  sweep(): string[] {
    const now = this.#now();
    const changes: Change[] = [];
    for (const { id, person, state, runsOut, ownFrom: own } of this.#live.all()) {
      if (state !== "given" && state !== "suspended") continue;
      if (now >= runsOut)
        changes.push({ consent: id, person, state: "expired", by: "system", reason: "ran-out" });
      else if (state === "given" && now >= own) {
        changes.push({ consent: id, person, state: "suspended", by: "system", reason: "came-of-age" });
      }
    }
    this.#write(changes, () => undefined);
    this.#book.latest = now;
    return [...new Set(changes.map(({ person }) => person))].filter((person) => !this.keepsFace(person));
  }

  /** A corrected birth date: a child's own consent, or a guardian's for somebody grown up, is suspended. */
  reconsider(person: string): void {
    const { rules, facts, clock } = this.#deps;
    const known = facts(person);
    if (!known) return;
    const changes = this.#standing(person, "face")
      .filter(({ id, state }) => {
        const sealed = state === "given" ? this.#book.read(id).sealed : undefined;
        if (!sealed) return false;
        try {
          requireEntitled(sealed.request, rules(), facts, clock.now());
          return false;
        } catch {
          return true;
        }
      })
      .map(({ id }): Change => ({ consent: id, person, state: "suspended", by: "system" }));
    this.#write(changes, () => undefined);
  }

  /** @throws LimenError `consent-unknown` */
  read(id: string): ConsentView {
    const { row, sealed } = this.#book.read(id);
    return viewOf(row, sealed, this.#book.history(id));
  }

  /** Newest last. */
  list(person: string): ConsentView[] {
    return this.#live.of(person).map(({ id }) => this.read(id));
  }

  /** Who consented for somebody, newest last; without `guardian`: one who is not registered. */
  guardiansOf(person: string): { guardian?: string; relation: "parent" | "legal-guardian" }[] {
    return this.#live.of(person).flatMap(({ id }) => {
      const { givenBy, guardian, relation } = this.#book.read(id).sealed?.request ?? {};
      if (givenBy !== "guardian" || relation === undefined) return [];
      return [{ relation, ...(guardian !== undefined && { guardian }) }];
    });
  }

  /** Every change of one consent, oldest first. */
  history(id: string): ConsentChange[] {
    return this.#book.history(id);
  }

  /** Was it given so soon after losing another way in that somebody should ask? */
  possiblyCoerced(id: string): boolean {
    return this.#book.read(id).sealed?.possiblyCoerced ?? false;
  }

  /**
   * The signed receipt, with the history so far.
   * @throws LimenError `consent-unknown`, `consent-no-receipt` for a refusal or after the person's erasure
   */
  receipt(id: string): string {
    const { row, sealed } = this.#book.read(id);
    const notice = this.notices.read(row.notice);
    if (!sealed || !notice) throw new LimenError("consent-no-receipt", { field: "/id", status: 404 });
    return receiptOf(recordOf(row, sealed, notice.hash, this.history(id)), sealed.receipt, this.#deps.signer);
  }

  /** Cuts the link from consents to a person. Runs inside the erasure's transaction; the history stays, of nobody. */
  cut(person: string): void {
    this.#book.cut(person);
  }

  /**
   * Consents that ended so many days ago, and refusals as old: their time as evidence is over (RD-43). A person's newest
   * word on a method stays while a check answers with it.
   */
  over(days: number, held: (person: string) => boolean = () => false): string[] {
    const before = new Date(this.#deps.clock.now().getTime() - days * 24 * hourMs).toISOString();
    const ended = [...this.#live.all()].filter(
      ({ id, person, state, method }) =>
        state !== "given" &&
        state !== "suspended" &&
        !held(person) &&
        this.#live.of(person).findLast((other) => other.method === method)?.id !== id,
    );
    return ended.filter(({ id }) => this.history(id).at(-1)!.at < before).map(({ id }) => id);
  }

  /** Cuts them from their people, and unseals nothing any more: the history stays, of nobody. @returns how many */
  sweepEnded(days: number, held?: (person: string) => boolean): number {
    const ids = this.over(days, held);
    const cut = this.#deps.db.prepare("UPDATE consent SET person = NULL, sealed = NULL WHERE id = ?");
    for (const id of ids) {
      cut.run(id);
      this.#live.drop(id);
    }
    return ids.length;
  }

  /** Forgets a person in memory. */
  forget(person: string): void {
    this.#live.forget(person);
  }

  /**
   * The clock is behind a time seen before, and somebody gives consent: from here on its word counts again, or a clock that
   * was far ahead for a moment would spoil every consent to come. What ran out by the later time is written down first, so
   * nothing is revived.
   */
  #believe(now: Date): void {
    this.sweep();
    this.#latest = now.getTime();
    this.#book.latest = this.#latest;
  }

  /** Time for decisions: never earlier than any time seen before, so a clock set back revives nothing. */
  #now(): number {
    this.#latest = Math.max(this.#latest, this.#deps.clock.now().getTime());
    return this.#latest;
  }

  #write(changes: readonly Change[], write: () => void, after?: () => void, together?: Together): void {
    const { db, log, clock } = this.#deps;
    const at = clock.now();
    const latest = this.#now();
    const entries = [...changes.map((change) => entryOf(change, at)), ...(together?.entries ?? [])];
    const all = () => {
      write();
      for (const change of changes) this.#book.change(change, at);
      if (changes.length > 0) this.#book.latest = latest;
      together?.write();
    };
    if (entries.length > 0) log.appendWith(entries, all);
    else transaction(db, all); // nothing anybody should remember: a flow deployed again
    after?.();
    for (const { consent, state } of changes) {
      const found = this.#live.get(consent);
      if (found) found.state = state;
    }
  }

  #standing(person: string, method: ConsentMethod): Live[] {
    return this.#live
      .of(person)
      .filter(
        (consent) =>
          consent.method === method && (consent.state === "given" || consent.state === "suspended"),
      );
  }

  /** Consents that a new one for the same or more doors takes the place of. */
  #replacedBy({ person, method, doors }: ConsentRequest): Change[] {
    return this.#standing(person, method)
      .filter((old) => [...old.doors].every((door) => doors.includes(door)))
      .map(({ id }) => ({ consent: id, person, state: "terminated", by: "system", reason: "replaced" }));
  }

  #respectRefusal({ person, method, channel, session }: ConsentRequest, now: Date): void {
    // in a session of their own or with a signature on paper they started it themselves; a desk may be asking
    if (session !== undefined || channel === "paper") return;
    const until = this.#refusedUntil(person, method);
    if (until <= now.getTime()) return;
    const days = Math.ceil((until - now.getTime()) / (24 * hourMs));
    throw new LimenError("consent-refusal-respected", { field: "/channel", params: { days }, status: 409 });
  }

  /** ms since 1970; 0: never refused, or consented since. */
  #refusedUntil(person: string, method: ConsentMethod): number {
    const last = this.#live.of(person).findLast((consent) => consent.method === method);
    if (last?.state !== "refused") return 0;
    const [refused] = this.history(last.id);
    return addMonths(new Date(refused!.at), this.#deps.rules().refusalMonths).getTime();
  }

  #lostSomething(person: string, now: Date): boolean {
    const lost = this.#deps.lastLoss?.(person);
    return lost !== undefined && now.getTime() - lost.getTime() <= this.#deps.rules().coercedHours * hourMs;
  }

  #anyNotice(method: ConsentMethod): { id: string; language: Language } | undefined {
    try {
      return this.notices.current({ method, language: "zh-CN" });
    } catch {
      return undefined; // a refusal needs no notice
    }
  }
}

function entryOf({ consent, person, state, by, channel, reason, staff }: Change, at: Date): LogEntry {
  const fields: Record<string, FieldValue> = { at: at.toISOString(), consent, state, by };
  if (channel) fields.channel = channel;
  if (reason) fields.reason = reason;
  if (staff) Object.assign(fields, { account: staff.id, role: staff.role, name: staff.name });
  return { class: "consent", at, subject: person, fields };
}
