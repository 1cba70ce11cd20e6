import { LimenError } from "../../core/errors.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Notices and consents: shown, given, refused, withdrawn. */
export const consentVerbs = ({
  consents,
  registers: { minors },
  removal,
}: Services): Pick<
  Handlers,
  "notice.current" | "consent.give" | "consent.refuse" | "consent.list" | "consent.withdraw"
> => ({
  "notice.current": (request) => consents.notices.current(request),

  "consent.give"({ auth: _, language: __, ...request }, { actor }) {
    requireOwn(actor, request.guardian ?? request.person);
    minors.require(actor, request.person, "enrolment");
    return consents.give({
      ...request,
      act: request.channel === "paper" ? "signature" : "button",
      ...(actor.person === undefined ? {} : { session: actor.person }),
    });
  },

  "consent.refuse"({ person, method, channel }, { actor }) {
    requireOwn(actor, person);
    const { consent } = removal.refuse({
      person,
      method,
      channel,
      ...(actor.person === undefined ? {} : { session: actor.person }),
    });
    return consent;
  },

  /** Of minors, too, without an approval: withdrawing must not be harder than giving. */
  "consent.list"({ person }, { actor }) {
    requireOwn(actor, person);
    return { consents: consents.list(person) };
  },

  "consent.withdraw"({ id }, { actor }) {
    const { person } = consents.read(id);
    requireOwn(actor, person);
    const erasure = removal.withdraw(id, actor);
    return { consent: consents.read(id), ...(erasure === undefined ? {} : { erasure }) };
  },
});

/** A resident's session reaches one person: the one behind it. @throws LimenError `not-allowed` */
export function requireOwn(actor: Actor, person: string): void {
  if (actor.role === "resident" && actor.person !== person) {
    throw new LimenError("not-allowed", { field: "/person", status: 403 });
  }
}
