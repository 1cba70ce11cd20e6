import { type Attempt, mark, viewOf } from "../../core/entry/book.ts";
import type { AttemptCode } from "../../core/entry/codes.ts";
import { LimenError } from "../../core/errors.ts";
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
    const code = await find(services, attempt, request);
    mark(attempt, request.node, "identify", code);
    if (!code) {
      attempt.methods.add(request.method);
      attempt.sensedAt = clock.monotonic();
    }
    return viewOf(attempt);
  };

/** Whose credential this is; writes person and credential into the attempt. @returns why not, else undefined */
async function find(
  services: Services,
  attempt: Attempt,
  request: Request<"identify">,
): Promise<AttemptCode | undefined> {
  const found = await sense(services, request);
  if ("code" in found) return found.code;
  // a second way in one attempt has to be the same person's
  const { view } = attempt;
  if (view.person !== undefined && view.person !== found.person) return "no-such-credential";
  view.person = found.person;
  if (found.credential !== undefined) view.credential = found.credential;
  if (view.assurance !== "strong") view.assurance = found.assurance;
  attempt.credentialDoors = found.doors;
  if (found.duress === true) attempt.duress = true;
  if (found.visitor === true) attempt.visitor = true;
  return undefined;
}

type Found =
  | {
      person: string;
      credential?: string;
      assurance: "clonable" | "strong";
      doors?: readonly string[];
      duress?: true;
      visitor?: true;
    }
  | { code: AttemptCode };

/** A desk may be waiting for a card nobody owns; this attempt is refused all the same. */
function known(found: Found, unknown: () => void): Found {
  if ("code" in found && found.code === "no-such-credential") unknown();
  return found;
}

/** @throws LimenError `invalid` when the method's own field is missing; `not-signed-in` for a phone without a session */
async function sense(
  { credentials, passes, signIn, taps }: Services,
  { method, card, digits, text, auth, door, reader }: Request<"identify">,
): Promise<Found> {
  const required = (field: string): LimenError =>
    new LimenError("invalid", { field, params: { field, rule: "required" } });
  switch (method) {
    case "card":
      if (!card) throw required("/card");
      return known(credentials.findCard({ hex: card.number, bits: card.bits }), () => taps.seen(door, card));
    case "pin":
      if (digits === undefined) throw required("/digits");
      return await credentials.findPin(digits, { reader, door });
    case "pass":
      if (text === undefined) throw required("/text");
      return passes.find(text, { reader, door });
    case "phone": {
      if (auth === undefined) throw required("/auth");
      const { person } = signIn.check(auth);
      return person === undefined ? { code: "no-such-credential" } : { person, assurance: "clonable" };
    }
  }
}
