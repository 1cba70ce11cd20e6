import { ask } from "../shared/api.ts";
import { cardNotations } from "../shared/cards.ts";
import { make, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { hoursForm, hoursText, type Stretch } from "./hours.ts";
import { action, choice, field, onSubmit } from "./kit.ts";

export interface Held {
  id: string;
  kind: string;
  tail?: string;
  state: string;
  schedule?: Stretch[];
}

/** Shows the person anew, with what has just happened and, where there is one, a way back. */
export type Again = (told: string, undo?: () => Promise<void>) => Promise<void>;

/** One card or code. Blocking is one press: a lost card must not wait for a form (RD-04). Never more than one at once. */
export function credentialLine(
  { id, kind, tail, state, schedule }: Held,
  said: HTMLElement,
  again: Again,
): HTMLElement {
  const line = make("li", {}, `${t(`method.${kind}`)}${tail ? ` …${tail}` : ""}`);
  if (schedule) line.append(make("span", { class: "soft small" }, hoursText(schedule)));
  if (state !== "active") line.append(make("span", { class: "tag" }, t(`widgets.credential-${state}`)));
  else
    line.append(
      action(t("widgets.block"), said, async () => {
        await ask("DELETE", `/credentials/${id}`, { reason: "lost" });
        await again(t("widgets.blocked-now"), async () => {
          await ask("POST", `/credentials/${id}/undo`);
          await again(t("shared.undone"));
        });
      }),
      ...(kind === "pass" ? [] : [hoursForm(id, schedule, said, again)]),
    );
  return line;
}

/** A card, by the number printed on it. No reason is asked, there is no fee (RD-04). */
export function cardForm(id: string, said: HTMLElement, again: Again): HTMLElement {
  const number = make("input", { required: "", maxlength: "40", autocomplete: "off", inputmode: "text" });
  const notation = choice(cardNotations, "desk.notation-");
  const give = make("button", { type: "submit", class: "main" }, t("desk.give-card"));
  const form = make(
    "form",
    { class: "line" },
    field(t("desk.number"), number),
    field(t("desk.notation"), notation),
    give,
  );
  onSubmit(form, give, said, async () => {
    const card = { kind: "card", notation: notation.value, number: number.value.trim() };
    await ask("POST", `/persons/${id}/credentials`, card);
    await again(t("widgets.card-given"));
  });
  const place = make("div", {}, form);
  void tapForm(id, said, again).then((tap) => tap && place.append(tap));
  return place;
}

/** The same, by tapping the card at a reader: its number goes from the reader to the vault and is shown to nobody. */
async function tapForm(id: string, said: HTMLElement, again: Again): Promise<HTMLElement | undefined> {
  const { doors } = await ask<{ doors: { id: string; name: string; ways: string[] }[] }>("GET", "/doors");
  const readers = doors.filter(({ ways }) => ways.includes("card"));
  if (readers.length === 0) return undefined;
  const door = make("select", {});
  for (const { id, name } of readers) door.add(new Option(name, id));
  const tap = action(t("widgets.tap"), said, async () => {
    tell(said, t("widgets.tap-now", { door: door.selectedOptions[0]?.text ?? "" }));
    await ask("POST", `/persons/${id}/tapped-card`, { door: door.value });
    await again(t("widgets.card-given"));
  });
  return make(
    "div",
    {},
    make("div", { class: "line" }, field(t("widgets.reader"), door), tap),
    protectedForm(id, door, said, again),
  );
}

/** A card whose chip proves itself: written by the reader, and issued only when it was proved. */
function protectedForm(
  id: string,
  door: HTMLSelectElement,
  said: HTMLElement,
  again: Again,
): HTMLDetailsElement {
  const url = make("input", { type: "checkbox" });
  const number = make("input", { type: "checkbox" });
  const write = action(t("widgets.protect-write"), said, async () => {
    tell(said, t("widgets.protect-now", { door: door.selectedOptions[0]?.text ?? "" }));
    const card = { door: door.value, signed_url: url.checked, by_number: number.checked };
    await ask("POST", `/persons/${id}/protected-card`, card);
    await again(t("widgets.card-given"));
  });
  return make(
    "details",
    {},
    make("summary", {}, t("widgets.protect")),
    make("label", {}, url, ` ${t("widgets.protect-url")}`),
    make("label", {}, number, ` ${t("widgets.protect-number")}`),
    make("div", { class: "row" }, write),
  );
}
