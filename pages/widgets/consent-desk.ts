import { day } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { type Consent, type Consents, type Notice, type Standing, standingOf } from "../shared/consents.ts";
import { make, tell } from "../shared/dom.ts";
import { openReceipt } from "../shared/receipt.ts";
import { currentLanguage, languages, t, time } from "../shared/words.ts";
import { type Asked, ownPhone, questions } from "./consent-question.ts";
import { enrolment } from "./enrolment.ts";
import { followed } from "./erasing.ts";
import { birthForm, isChild } from "./guardian.ts";
import { action, field, keep, sayHere } from "./kit.ts";
import type { View } from "./mount.ts";
import type { Person } from "./person.ts";
import { called, type Line, picker } from "./picker.ts";

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
  const [person, { guardian: years }, { doors }] = await Promise.all([
    ask<Person>("GET", `/persons/${line.id}`, undefined, why),
    ask<{ guardian: number }>("GET", "/rights"),
    ask<{ doors: { id: string; name: string }[] }>("GET", "/doors"),
  ]);
  const names = new Map(doors.map(({ id, name }) => [id, name]));
  const nameOf = (door: string) => names.get(door) ?? door;
  const child = isChild(person.birth_date, years);
  const said = sayHere();
  const body = make("div");
  const box = make("section", { class: "card sitting", "aria-label": called(line) });
  box.append(make("h3", {}, called(line)), said, body);
  place.replaceChildren(box);
  const menu = languageMenu(person.languages?.[0] ?? currentLanguage());
  let end = (): void => undefined;

  /** What was read last: each reading is on the resident's record, so a change of language reads nothing anew. */
  let held: Consents | undefined;
  /** Shows how it stands now; `receipt`: of what was just given. */
  const draw = async (receipt?: string, known?: Consents): Promise<void> => {
    end();
    const [now, { notices }] = await Promise.all([
      known ?? ask<Consents>("GET", `/persons/${line.id}/consents`, undefined, why),
      ask<{ notices: Notice[] }>("GET", `/notices?method=face&language=${menu.value}`),
    ]);
    held = now;
    const standing = standingOf(held, notices, person.doors);
    const given = standing.live.some(({ state }) => state === "given");
    const camera = given ? enrolment(line.id) : undefined;
    end = () => camera?.close();
    const left = () => {
      camera?.close();
      camera?.place.remove();
    };
    const asked: Asked = {
      person: line.id,
      language: menu.value,
      offers: standing.offers,
      nameOf,
      said,
      mayAsk: standing.quiet !== "refused",
      ...(child && { child: years }),
      async given(its) {
        await draw(its);
        tell(said, t("consent.given"), "good");
      },
      async refused() {
        await draw();
        tell(said, t("widgets.refused"), "good");
      },
    };
    const ask_ = [
      field(t("widgets.notice-language"), menu),
      ...questions(asked),
      // a guardian has no page of their own to answer for a child on
      ...(child ? [] : [ownPhone(line.id, said, () => draw())]),
    ];
    body.replaceChildren(
      ...(receipt ? [receiptRow(receipt)] : []),
      ...standing.live.map((consent) => liveConsent(consent, nameOf, said, left)),
      ...(camera ? [camera.place] : []),
      ...quietly(standing),
      ...(notices.length === 0 ? [make("p", { class: "empty" }, t("widgets.no-notice"))] : []),
      ...(standing.offers.length === 0 ? [] : standing.quiet ? [folded(standing.quiet, ask_)] : ask_),
      ...(given ? [] : [birthForm(line.id, person.birth_date, years, said, anew)]),
    );
    if (!child && held.consents.some((one) => one.state === "suspended" && one.given_by === "guardian"))
      tell(said, t("rights.child-suspended"), "warn");
  };
  const anew = async () => {
    end();
    end = await sitting(line, place);
  };
  menu.addEventListener("change", () => void draw(undefined, held).catch(reportError));
  await draw();
  return () => end();
}

/** Why nobody asks here, and what remains open all the same. */
function quietly({ quiet, refused }: Standing): HTMLElement[] {
  if (refused) {
    const params = { since: day(refused.since), until: day(refused.until) };
    return [make("p", { class: "say refused", "data-kind": "warn" }, t("widgets.refused-until", params))];
  }
  return quiet === "withdrawn" ? [make("p", { class: "say" }, t("widgets.withdrawn-before"))] : [];
}

const folded = (why: NonNullable<Standing["quiet"]>, content: readonly HTMLElement[]): HTMLElement =>
  make(
    "details",
    { class: "starting" },
    make("summary", {}, t(why === "more" ? "widgets.start-more" : "widgets.start-asked")),
    ...content,
  );

function languageMenu(language: string): HTMLSelectElement {
  const menu = make("select", {});
  for (const [code, name] of Object.entries(languages))
    menu.add(new Option(name, code, false, code === language));
  return menu;
}

/** The receipt the resident takes along, on paper or as a file. */
function receiptRow(receipt: string): HTMLElement {
  const print = make("button", { type: "button" }, t("shared.print-receipt"));
  print.addEventListener("click", () => openReceipt(receipt));
  return make(
    "div",
    { class: "row" },
    keep(receipt, "limen-consent-receipt.json", t("desk.download")),
    print,
  );
}

/** One consent with its withdrawal: one press, like giving; what it erases is shown as it goes, and the receipt at the end. */
function liveConsent(
  { id, state, since, doors }: Consent,
  nameOf: (door: string) => string,
  said: HTMLElement,
  left: () => void,
): HTMLElement {
  const steps = make("div");
  const params = { since: time(since), doors: doors.map(nameOf).join(t("widgets.comma")) };
  const words = make("p", {}, t(state === "given" ? "widgets.given-since" : "widgets.rests-since", params));
  const hint = make("p", { class: "soft small" }, t("desk.withdraw-hint"));
  const button = action(t("desk.withdraw-now"), said, async () => {
    const { erasure } = await ask<{ erasure?: string }>("DELETE", `/consents/${id}`);
    if (erasure !== undefined) left();
    tell(said, t("desk.withdrawn"), "good");
    if (erasure !== undefined) await followed(erasure, steps);
    for (const gone of [words, hint, button]) gone.remove();
  });
  return make("div", { class: "stack consent" }, words, hint, button, steps);
}
