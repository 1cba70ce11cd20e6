import { ask } from "../shared/api.ts";
import type { Offer } from "../shared/consents.ts";
import { make, tell } from "../shared/dom.ts";
import { showText } from "../shared/text.ts";
import { doorTicks } from "../shared/ticks.ts";
import { t } from "../shared/words.ts";
import { guardianFields } from "./guardian.ts";
import { action, svgPicture } from "./kit.ts";

/** One resident before the question. */
export interface Asked {
  person: string;
  /** Of notice and sheet. */
  language: string;
  offers: readonly Offer[];
  nameOf(door: string): string;
  said: HTMLElement;
  /** They refused not long ago: here they only sign, which is their own doing (RD-22). */
  mayAsk: boolean;
  /** Years under which a guardian answers, where this is a child. */
  child?: number;
  given(receipt: string): Promise<void>;
  refused(): Promise<void>;
}

/** A notice at a time, in the resident's own language; each with its doors and its own two equal answers (RD-16, RD-19). */
export function questions(asked: Asked): HTMLElement[] {
  const { child, said } = asked;
  const guardian = child === undefined ? undefined : guardianFields(said, child);
  return [
    ...(guardian ? [guardian.place] : []),
    ...asked.offers.map((offer) => question(asked, offer, guardian)),
  ];
}

function question(
  asked: Asked,
  { notice, doors }: Offer,
  guardian: ReturnType<typeof guardianFields> | undefined,
): HTMLElement {
  const { person, language, nameOf, said, mayAsk } = asked;
  const text = make("div", {
    class: "notice",
    tabindex: "0",
    role: "region",
    "aria-label": t("desk.notice"),
    lang: language,
  });
  showText(text, notice.text, 4);
  const ticks = doorTicks(doors, nameOf);
  const give = async (channel: "desk" | "paper"): Promise<void> => {
    const chosen = ticks.chosen();
    if (chosen.length === 0) {
      tell(said, t("shared.tick-a-door"), "warn");
      ticks.focus();
      return;
    }
    const { receipt } = await ask<{ receipt: string }>("POST", `/persons/${person}/consents`, {
      purpose: "door-entry",
      method: "face",
      doors: chosen,
      notice: notice.id,
      language,
      ...(guardian ? guardian.given() : { given_by: "self" }),
      channel,
    });
    await asked.given(receipt);
  };
  const yes = action(t(guardian ? "rights.child-yes" : "desk.give-consent"), said, () => give("desk"));
  const no = action(t(guardian ? "rights.child-no" : "desk.refuse"), said, async () => {
    await ask("POST", `/persons/${person}/refusals`, { method: "face", channel: "desk" });
    await asked.refused();
  });
  return make(
    "div",
    { class: "question" },
    text,
    ticks.place,
    ...(mayAsk
      ? [
          make("p", {}, t(guardian ? "rights.child-equal" : "desk.consent-hint")),
          make("div", { class: "answers" }, yes, no),
        ]
      : []),
    onPaper(asked, doors[0]!, () => give("paper")),
  );
}

/** The sheet of this notice, to be signed; then that it was. Nothing of it is scanned or kept here but who says so. */
function onPaper({ language, said }: Asked, door: string, signed: () => Promise<void>): HTMLElement {
  const sheet = make(
    "a",
    {
      class: "button",
      target: "_blank",
      href: `/api/v1/notices/consent-form?door=${door}&language=${language}&format=pdf`,
    },
    t("widgets.paper-print"),
  );
  return make(
    "details",
    { class: "paper" },
    make("summary", {}, t("widgets.paper")),
    make("p", { class: "soft small" }, t("widgets.paper-hint")),
    make("div", { class: "row" }, sheet, action(t("widgets.paper-signed"), said, signed)),
  );
}

/**
 * The way to the resident's own page, by QR code. Whether they have answered there is looked at when the desk says so: a
 * look is on the resident's record, and a page that looks by itself would fill it.
 */
export function ownPhone(person: string, said: HTMLElement, answered: () => Promise<void>): HTMLElement {
  const shown = make("div");
  const start = action(t("widgets.own-phone-show"), said, async () => {
    const { qr } = await ask<{ qr: string }>("POST", `/persons/${person}/invitation`);
    shown.replaceChildren(
      svgPicture(qr, t("desk.invitation")),
      make("p", {}, t("widgets.own-phone-waits")),
      action(t("widgets.own-phone-look"), said, answered),
    );
  });
  return make(
    "details",
    { class: "own-phone" },
    make("summary", {}, t("widgets.own-phone")),
    make("p", { class: "soft small" }, t("widgets.own-phone-hint")),
    make("div", { class: "row" }, start),
    shown,
  );
}
