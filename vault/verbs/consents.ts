import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { looked, requireOwn } from "./looks.ts";

/** Notices and consents: shown, given, refused, withdrawn. */
export const consentVerbs = (
  services: Services,
): Pick<
  Handlers,
  | "notice.current"
  | "consent.give"
  | "consent.refuse"
  | "consent.list"
  | "consent.withdraw"
  | "consent.withdraw-all"
> => {
  const {
    consents,
    registers: { minors },
    removal,
  } = services;
  return {
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

    async "consent.list"({ person, purpose }, { actor }) {
      const look = { actor, person, purpose, fields: ["consents"] };
      return { consents: await looked(services, look, () => consents.list(person)) };
    },

    "consent.withdraw"({ id }, { actor }) {
      const { person } = consents.read(id);
      requireOwn(actor, person);
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
