import type { FieldValue, LogEntry } from "../../core/audit/types.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { type Attempt, failed, mark, viewOf } from "../../core/entry/book.ts";
import type { AttemptCode } from "../../core/entry/codes.ts";
import { LimenError } from "../../core/errors.ts";
import type { Language } from "../../core/people/types.ts";
import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";

/**
 * Closes an attempt: the outcome is settled, made durable, and only then does a granted one get its ticket. What the
 * wires say does not count here, only what the vault saw happen.
 */
export const record =
  (services: Services): Handler<"record"> =>
  async ({ attempt: id, node }) => {
    const { book, broadcast, clock, leaves, log, passes, tickets } = services;
    passes.settle(); // while the tickets that lapsed are still known
    const attempt = book.open(id);
    attempt.closed = true; // from here on no check can be added, also while the disk is slow
    const missing = failed(attempt)
      ? undefined
      : (stillMissing(services, attempt) ?? spend(services, attempt));
    if (missing) mark(attempt, node, "audit-log", missing);
    const granted = !failed(attempt);
    const { view } = attempt;
    if (granted) leaves.promised(view.door);
    const entry = entryOf(view, clock.now(), granted);
    const cameBack = granted && attempt.passedBack === true;
    // under threat: a second entry that no reader, screen or wire shows
    const [recorded] = await Promise.all([
      log.append(entry),
      attempt.duress ? log.append(doorEvent(entry, "duress")) : undefined,
      cameBack ? log.append(doorEvent(entry, "passback")) : undefined,
    ]).catch((error: unknown) => {
      passes.unspent(id); // closed without a ticket, for good
      throw error;
    });
    view.record = recorded;
    view.outcome = granted ? "granted" : "denied";
    if (granted) {
      view.code = "granted";
      if (!attempt.methods.has("face")) services.tally.otherWay(view.door);
      view.ticket = tickets.issue(view.id, view.door, view.record.index, attempt.sensedAt);
    }
    const { ticket, ...told } = viewOf(attempt);
    if (attempt.duress) broadcast({ event: "door", door: view.door, kind: "duress", attempt: view.id });
    // everyone may know the decision; only this wire gets the ticket
    if (cameBack) broadcast({ event: "door", door: view.door, kind: "passback", attempt: view.id });
    broadcast({ event: "attempt", attempt: told, ...languageOf(services, view.person) });
    return ticket === undefined ? told : { ...told, ticket };
  };

/** Evidence is rounded: a face as near as the threshold is not let through by that. */
const rounding = 1e-4;

/** In which language to answer somebody who is known; nothing of whoever is being erased just now. */
function languageOf({ persons }: Services, person: string | undefined): { language?: Language } {
  try {
    const language = person === undefined ? undefined : persons.read(person).languages?.[0];
    return language === undefined ? {} : { language };
  } catch (error) {
    if (error instanceof LimenError) return {};
    throw error;
  }
}

/** What the vault demands of every granted attempt, whatever the flow looks like (design section 2). */
function stillMissing(
  { consents, credentials, leaves, persons, site, templates }: Services,
  { view, methods, interlock = [], shared }: Attempt,
): AttemptCode | undefined {
  if (!site.relaysArmed) return "flow-unlawful";
  if (!view.checks.some(({ check, result }) => check === "entry-rule" && result === "pass"))
    return "no-entry-rule";
  // two doors of a lock, asked at the same moment: the first to be granted keeps the other shut
  if (leaves.holding(view.door, interlock).length > 0) return "interlock";
  if (view.person === undefined) {
    if (view.method === "guard") return undefined;
    const standing = shared && view.credential !== undefined && credentials.shared.standing(view.credential);
    if (!standing) return "no-such-credential";
    return standing.resident ? undefined : "residency-ended";
  }
  if (!persons.standing(view.person)?.resident) return "residency-ended";
  // asked again at the last moment: a withdrawal that came while the attempt was on its way counts
  if (!methods.has("face")) return undefined;
  // at the threshold of this very look, whatever it was when either of two who are alike enrolled
  const alone =
    methods.size === 1 && templates.nearest(view.person) >= (view.evidence?.threshold ?? -1) - rounding;
  return consents.check(view.person, "face", view.door) ?? (alone ? "second-method-needed" : undefined);
}

/**
 * Counts a pass's opening before it happens: of two readers at once, one is told that it is used up. It is given back when
 * its ticket is never used, and when the lock does not move.
 */
function spend({ passes }: Services, { pass, view }: Attempt): AttemptCode | undefined {
  return pass === undefined || passes.take(pass, view.id) ? undefined : "pass-used-up";
}

/** Fields of a decision that say nothing about anybody. */
const lasting = new Set(["at", "door", "method", "outcome", "code"]);

/** The decision as the log keeps it: sealed under the person's key and the day's. */
function entryOf(view: EntryAttempt, at: Date, granted: boolean): LogEntry {
  const fields: Record<string, FieldValue> = {
    at: at.toISOString(),
    attempt: view.id,
    door: view.door,
    method: view.method,
    outcome: granted ? "granted" : "denied",
    code: granted ? "granted" : (view.code ?? "no-entry-rule"),
  };
  if (view.credential !== undefined) fields.credential = view.credential;
  if (view.assurance !== undefined) fields.assurance = view.assurance;
  for (const [name, value] of Object.entries(view.evidence ?? {}))
    fields[name] = typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value;
  const entry: LogEntry = { class: "decision", at, door: view.door, fields };
  if (view.person === undefined) return entry;
  // what a door did outlives who did it: the security log keeps time, door, method and outcome (RD-44)
  const personal = Object.keys(fields).filter((name) => !lasting.has(name));
  return { ...entry, subject: view.person, personal };
}

/** What the door did beside the decision: about the attempt, and about nobody. */
const doorEvent = ({ at, door, fields }: LogEntry, kind: string): LogEntry => ({
  class: "door-event",
  at,
  door: door!,
  fields: { at: fields.at!, door: door!, kind, attempt: fields.attempt! },
});
