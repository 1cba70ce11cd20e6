import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { action, field } from "./kit.ts";
import { called, type Line } from "./picker.ts";

/**
 * A field that finds a resident: what is searched for stays out of addresses, and searching is a recorded look-up (RD-48).
 * @param said where it is told that nobody was found
 */
export function personField(
  label: string,
  said: HTMLElement,
  purpose = "rights-request",
): { place: HTMLElement; chosen(): string | undefined } {
  const text = make("input", { maxlength: "80", autocomplete: "off" });
  const list = make("select", { "aria-label": t("rights.person-found") });
  list.hidden = true;
  const find = action(t("rights.find"), said, async () => {
    const { people } = await ask<{ people: Line[] }>(
      "POST",
      "/persons/search",
      { search: text.value.trim(), limit: 20 },
      { "Limen-Purpose": purpose },
    );
    list.replaceChildren(...people.map((person) => new Option(called(person), person.id)));
    list.hidden = people.length === 0;
    if (people.length === 0) tell(said, t("rights.person-none"), "warn");
  });
  const place = make("div", { class: "line" }, field(label, text), find, list);
  return { place, chosen: () => (list.hidden || list.value === "" ? undefined : list.value) };
}
