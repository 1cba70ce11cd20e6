import type { Channel } from "../../core/consent/types.ts";
import { LimenError } from "../../core/errors.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { looked, requireOwn, requireOwned } from "./looks.ts";

/** Notices and consents: shown, given, refused, withdrawn. */
export const consentVerbs = (
  services: Services,
): Pick<
  Handlers,
  | "notice.current"
  | "notice.list"
  | "consent.give"
  | "consent.refuse"
  | "consent.list"
  | "consent.withdraw"
  | "consent.withdraw-all"
> => {
  const {
    consents,
    recordChange,
    registers: { minors },
    removal,
  } = services;
  return {
    "notice.current": (request) => consents.notices.current(request),

    "notice.list": (request) => ({ notices: consents.notices.inForce(request) }),

    async "consent.give"({ auth: _, language: __, ...request }, { actor }) {
      // who may say yes must be who may take it back, and a child's list and its end are the desk's to show (RD-19, RD-24)
      if (actor.role === "resident" && (request.givenBy === "guardian" || request.guardian !== undefined))
        throw new LimenError("consent-guardian-desk", { field: "/guardian", status: 403 });
      requireOwn(actor, request.person);
      requireChannel(actor, request.channel);
      minors.require(actor, request.person, "enrolment");
      const onPaper = request.channel === "paper";
      const given = consents.give(
        {
          ...request,
          act: onPaper ? "signature" : "button",
          ...(actor.person === undefined ? {} : { session: actor.person }),
        },
        actor.person === undefined ? actor : undefined,
      );
      // a signature is the person's own start, also after a refusal: who says to have seen it is on their record
      if (onPaper)
        await recordChange("consent-on-paper", { by: actor.id, consent: given.consent.id }, request.person);
      return given;
    },

    "consent.refuse"({ person, method, channel }, { actor }) {
      requireOwn(actor, person);
      requireChannel(actor, channel);
      const { consent } = removal.refuse({
        person,
        method,
        channel,
        ...(actor.person === undefined ? { staff: actor } : { session: actor.person }),
      });
      return consent;
    },

    async "consent.list"({ person, purpose }, { actor }) {
      const look = { actor, person, purpose, fields: ["consents"] };
      return await looked(services, look, () => {
        const askFrom = consents.askFrom(person)?.toISOString();
        return { consents: consents.list(person), ...(askFrom === undefined ? {} : { askFrom }) };
      });
    },

    "consent.withdraw"({ id }, { actor }) {
      requireOwned(actor, () => consents.read(id).person);
      const erasure = removal.withdraw(id, actor);
      return { consent: consents.read(id), ...(erasure === undefined ? {} : { erasure }) };
    },

    /** Unseen, so that nobody waits for an approval: withdrawing a child's consent must not be harder than giving it. */
    "consent.withdraw-all"({ person }, { actor }) {
      requireOwn(actor, person);
      const live = consents.list(person).filter(({ state }) => state === "given" || state === "suspended");
      const erasures = live.flatMap(({ id }) => removal.withdraw(id, actor) ?? []);
      return { withdrawn: live.length, ...(erasures[0] === undefined ? {} : { erasure: erasures[0] }) };
    },
  };
};

/**
 * Where somebody says it was said is evidence, so it has to be where they are.
 * @throws LimenError `consent-channel`
 */
function requireChannel({ role }: Actor, channel: Channel): void {
  if ((role === "resident") !== (channel === "resident-page"))
    throw new LimenError("consent-channel", { field: "/channel", status: 422 });
}
