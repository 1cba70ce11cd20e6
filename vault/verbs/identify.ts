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
    const attempt = request.attempt
      ? book.open(request.attempt)
      : book.begin(door.id, site.config.id, request.method);
    if (attempt.view.door !== door.id)
      throw new LimenError("attempt-of-other-door", { field: "/attempt", status: 409 });
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
  { credentials }: Services,
  attempt: Attempt,
  { method, card, digits, door, reader }: Request<"identify">,
): Promise<AttemptCode | undefined> {
  const found =
    method === "card" && card
      ? credentials.findCard({ hex: card.number, bits: card.bits })
      : method === "pin" && digits !== undefined
        ? await credentials.findPin(digits, { reader, door })
        : undefined;
  if (!found) {
    throw new LimenError("invalid", {
      field: `/${method}`,
      params: { field: `/${method}`, rule: "required" },
    });
  }
  if ("code" in found) return found.code;
  // a second way in one attempt has to be the same person's
  const { view } = attempt;
  if (view.person !== undefined && view.person !== found.person) return "no-such-credential";
  view.person = found.person;
  view.credential = found.credential;
  if (view.assurance !== "strong") view.assurance = found.assurance;
  attempt.credentialDoors = found.doors;
  if (found.duress) attempt.duress = true;
  return undefined;
}
