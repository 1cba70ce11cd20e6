import type { Clock } from "../../core/clock.ts";
import { readTypedCode } from "../../core/devices/passes/typed.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { type Attempt, mark, viewOf } from "../../core/entry/book.ts";
import type { AttemptCode } from "../../core/entry/codes.ts";
import { LimenError } from "../../core/errors.ts";
import type { CredentialHours } from "../../core/people/hours.ts";
import type { Handler } from "../handlers.ts";
import type { Request } from "../protocol/index.ts";
import type { Services } from "../services.ts";

/** Senses a credential. Whatever was read, an attempt comes of it: an unknown card is on the record too. */
export const identify =
  (services: Services): Handler<"identify"> =>
  async (request) => {
    const { book, clock, site } = services;
    const door = site.door(request.door);
    const attempt = book.beginOrGoOn(door.id, site.config.id, request.method, request.attempt);
    return sensed(clock, attempt, request, await find(services, attempt, request));
  };

/** Whose credential this is; writes person and credential into the attempt. @returns why not, else undefined */
async function find(
  services: Services,
  attempt: Attempt,
  request: Request<"identify">,
): Promise<AttemptCode | undefined> {
  return credit(attempt, await sense(services, request));
}

/** A card whose owner is known already, or known not to be. */
export function senseCard(
  { book, clock, site }: Services,
  { door, node, attempt: id }: { door: string; node: string; attempt?: string },
  found: Found,
): EntryAttempt {
  const attempt = book.beginOrGoOn(site.door(door).id, site.config.id, "card", id);
  return sensed(clock, attempt, { node, method: "card" }, credit(attempt, found));
}

function sensed(
  clock: Clock,
  attempt: Attempt,
  { node, method }: Pick<Request<"identify">, "node" | "method">,
  code: AttemptCode | undefined,
): EntryAttempt {
  mark(attempt, node, "identify", code);
  if (!code) {
    attempt.methods.add(method);
    attempt.sensedAt = clock.monotonic();
  }
  return viewOf(attempt);
}

function credit(attempt: Attempt, found: Found): AttemptCode | undefined {
  const { view } = attempt;
  if ("code" in found) {
    // on the record of whom it belongs to (RD-53), unless somebody else has begun this attempt
    if (found.person !== undefined && view.person === undefined) {
      view.person = found.person;
      if (found.credential !== undefined) view.credential = found.credential;
    }
    return found.code;
  }
  if (!belongs(attempt, found)) return "no-such-credential";
  if (found.person !== undefined) view.person = found.person;
  if (found.shared) attempt.shared = found.shared;
  if (found.credential !== undefined) view.credential = found.credential;
  if (view.assurance !== "strong") view.assurance = found.assurance;
  attempt.credentialDoors = both(attempt.credentialDoors, found.doors);
  if (found.schedule) attempt.credentialHours = [...(attempt.credentialHours ?? []), found.schedule];
  if (found.duress === true) attempt.duress = true;
  if (found.credential?.startsWith("pass_")) attempt.pass = found.credential;
  if (found.visitor === true) attempt.visitor = true;
  return undefined;
}

/** A second way in one attempt has to be the same person's, or a code of their household or of this door. */
function belongs({ view, shared }: Attempt, found: Exclude<Found, { code: AttemptCode }>): boolean {
  if (found.person === undefined)
    return view.person === undefined || !found.shared?.length || found.shared.includes(view.person);
  if (view.person !== undefined) return view.person === found.person;
  return !shared?.length || shared.includes(found.person);
}

/** Doors that both lists hold; undefined limits nothing. */
const both = (
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): readonly string[] | undefined =>
  one && other ? one.filter((door) => other.includes(door)) : (one ?? other);

type Found =
  | {
      person?: string;
      /** A code several people share: of this household, or of a door when it is empty. */
      shared?: readonly string[];
      credential?: string;
      assurance: "clonable" | "strong";
      doors?: readonly string[];
      schedule?: CredentialHours;
      duress?: true;
      visitor?: true;
    }
  | { code: AttemptCode; person?: string | undefined; credential?: string | undefined };

/** A desk may be waiting for a card nobody owns; this attempt is refused all the same. */
function known(found: Found, unknown: () => void): Found {
  if ("code" in found && found.code === "no-such-credential") unknown();
  return found;
}

/** @throws LimenError `invalid` when the method's own field is missing; `not-signed-in` for a phone without a session */
async function sense(
  { credentials, passes, presence, signIn, site, strongCards, taps }: Services,
  { method, card, digits, text, auth, door, reader }: Request<"identify">,
): Promise<Found> {
  const required = (field: string): LimenError =>
    new LimenError("invalid", { field, params: { field, rule: "required" } });
  switch (method) {
    case "card":
      if (text !== undefined) return strongCards.findSun(text);
      if (!card) throw required("/card");
      return known(credentials.findCard({ hex: card.number, bits: card.bits }), () => taps.seen(door, card));
    case "pin":
      if (digits === undefined) throw required("/digits");
      // a pass that is typed has more digits than any code, and a check digit
      if (readTypedCode(digits) !== undefined) return passes.find(digits, { reader, door });
      return await credentials.findPin(digits, { reader, door });
    case "pass":
      if (text === undefined) throw required("/text");
      return passes.find(text, { reader, door });
    case "phone": {
      if (auth === undefined) throw required("/auth");
      const { person } = signIn.check(auth);
      if (person === undefined) return { code: "no-such-credential" };
      const { phone } = site.door(door);
      if (!phone) throw new LimenError("no-such-way", { status: 404, params: { kind: "phone" } });
      if (phone === "at-door" && !presence.proved(door, person, digits)) return { code: "not-near", person };
      return { person, assurance: "clonable" };
    }
  }
}
