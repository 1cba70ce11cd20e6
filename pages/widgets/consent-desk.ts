import { ask, Problem } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { showText } from "../shared/text.ts";
import { currentLanguage, languages, t, time } from "../shared/words.ts";
import { enrolment } from "./enrolment.ts";
import { followed } from "./erasing.ts";
import { birthForm, guardianFields, isChild } from "./guardian.ts";
import { action, field, keep, sayHere } from "./kit.ts";
import type { View } from "./mount.ts";
import type { Person } from "./person.ts";
import { called, type Line, picker } from "./picker.ts";

interface Consent {
  id: string;
  state: string;
  since: string;
  given_by: string;
}

interface Notice {
  id: string;
  version: string;
  text: string;
  doors: string[];
}

/** With one resident at the desk: the notice first, then one question with two equal answers, then the camera. */
export const consentDesk: View = (place) => {
  let end = (): void => undefined;
  const desk = make("div");
  place.replaceChildren(
    make("p", { class: "soft" }, t("widgets.consent-intro")),
    picker({
      register: false,
      openWord: t("widgets.to-consent"),
      purpose: "enrolment",
      async open(line) {
        end();
        end = await sitting(line, desk);
        desk.scrollIntoView({ block: "nearest" });
      },
    }),
    desk,
  );
  return () => end();
};

/** @returns closes the camera */
async function sitting(line: Line, place: HTMLElement): Promise<() => void> {
  const why = { "Limen-Purpose": "enrolment" };
  const [person, { consents }, { guardian: years }] = await Promise.all([
    ask<Person>("GET", `/persons/${line.id}`, undefined, why),
    ask<{ consents: Consent[] }>("GET", `/persons/${line.id}/consents`, undefined, why),
    ask<{ guardian: number }>("GET", "/rights"),
  ]);
  const said = sayHere();
  const box = make("section", { class: "card sitting", "aria-label": called(line) });
  const body = make("div");
  box.append(make("h3", {}, called(line)), said, body);
  place.replaceChildren(box);
  let close = (): void => undefined;
  const given = (consent: Consent, receipt?: string) => {
    const camera = enrolment(line.id);
    close();
    close = camera.close;
    body.replaceChildren(
      make("p", { class: "until-withdrawn" }, t("widgets.given-since", { since: time(consent.since) })),
      ...(receipt ? [receiptRow(receipt)] : []),
      camera.place,
      withdrawal(consent, said, () => {
        close();
        for (const gone of body.querySelectorAll(".enrolment, .until-withdrawn")) gone.remove();
      }),
    );
  };
  const live = consents.find(({ state }) => state === "given");
  const refused = consents.find(({ state }) => state === "refused");
  const child = isChild(person.birth_date, years);
  const ofAge = consents.some(({ state, given_by }) => state === "suspended" && given_by === "guardian");
  if (live) given(live);
  else {
    if (ofAge && !child) tell(said, t("rights.child-suspended"), "warn");
    else if (refused) tell(said, t("widgets.refused-before", { since: time(refused.since) }), "warn");
    const language = person.languages?.[0] ?? currentLanguage();
    asking(line.id, language, body, said, given, child ? years : undefined);
    let end = (): void => undefined;
    const again = async () => {
      end = await sitting(line, place);
    };
    body.append(birthForm(line.id, person.birth_date, years, said, again));
    close = () => end();
  }
  return () => close();
}

/**
 * The notice in the resident's own language, and the question: both answers are one press, of one size (RD-16, RD-19).
 * @param child years under which a guardian answers, where this is a child
 */
function asking(
  id: string,
  language: string,
  place: HTMLElement,
  said: HTMLElement,
  given: (consent: Consent, receipt: string) => void,
  child: number | undefined,
): void {
  const text = make("div", {
    class: "notice",
    tabindex: "0",
    role: "region",
    "aria-label": t("desk.notice"),
  });
  const menu = make("select", {});
  for (const [code, name] of Object.entries(languages))
    menu.add(new Option(name, code, false, code === language));
  let notice: Notice | undefined;
  const guardian = child === undefined ? undefined : guardianFields(said, child);
  const answers = make("div", { class: "answers" });
  const yes = action(t(guardian ? "rights.child-yes" : "desk.give-consent"), said, async () => {
    const { consent, receipt } = await ask<{ consent: Consent; receipt: string }>(
      "POST",
      `/persons/${id}/consents`,
      {
        purpose: "door-entry",
        method: "face",
        doors: notice!.doors,
        notice: notice!.id,
        language: menu.value,
        ...(guardian ? guardian.given() : { given_by: "self" }),
        channel: "desk",
      },
    );
    given(consent, receipt);
    tell(said, t("consent.given"), "good");
  });
  const no = action(t(guardian ? "rights.child-no" : "desk.refuse"), said, async () => {
    await ask("POST", `/persons/${id}/refusals`, { method: "face", channel: "desk" });
    answers.remove();
    tell(said, t("widgets.refused"), "good");
  });
  const load = async () => {
    try {
      notice = await ask<Notice>("GET", `/notices/current?method=face&language=${menu.value}`);
      text.lang = menu.value;
      showText(text, notice.text, 4);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      notice = undefined;
      text.replaceChildren(make("p", { class: "empty" }, error.message));
    }
    yes.disabled = notice === undefined;
  };
  menu.addEventListener("change", () => void load());
  answers.append(yes, no);
  place.replaceChildren(
    field(t("widgets.notice-language"), menu),
    text,
    ...(guardian ? [guardian.place] : []),
    make("p", {}, t(guardian ? "rights.child-equal" : "desk.consent-hint")),
    answers,
  );
  void load();
}

/** The receipt the resident takes along, on paper or as a file. */
function receiptRow(receipt: string): HTMLElement {
  const print = make("button", { type: "button" }, t("widgets.print"));
  print.addEventListener("click", () => printed(receipt));
  return make(
    "div",
    { class: "row" },
    keep(receipt, "limen-consent-receipt.json", t("desk.download")),
    print,
  );
}

/** Prints the receipt alone, in a frame that is gone afterwards. */
function printed(receipt: string): void {
  const frame = make("iframe", { class: "visually-hidden", title: t("desk.receipt"), tabindex: "-1" });
  document.body.append(frame);
  const page = frame.contentDocument!;
  page.title = t("desk.receipt");
  const text = page.createElement("pre");
  text.style.whiteSpace = "pre-wrap";
  text.style.overflowWrap = "anywhere";
  text.textContent = `${t("desk.receipt")}\n\n${JSON.stringify(JSON.parse(receipt), null, 2)}`;
  page.body.append(text);
  frame.contentWindow!.addEventListener("afterprint", () => frame.remove());
  frame.contentWindow!.print();
}

/** One press, like giving; what it erases is shown as it goes, and the receipt at the end. */
function withdrawal(consent: Consent, said: HTMLElement, stopCamera: () => void): HTMLElement {
  const steps = make("div");
  const hint = make("p", { class: "soft small" }, t("desk.withdraw-hint"));
  const button = action(t("desk.withdraw-now"), said, async () => {
    const { erasure } = await ask<{ erasure?: string }>("DELETE", `/consents/${consent.id}`);
    stopCamera();
    tell(said, t("desk.withdrawn"), "good");
    if (erasure !== undefined) await followed(erasure, steps);
    hint.remove();
    button.remove();
  });
  return make("div", { class: "stack" }, hint, button, steps);
}
