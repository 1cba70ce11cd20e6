import { ask } from "../shared/api.ts";
import { make, run, sentenceOf, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import type { View } from "./mount.ts";
import { personCard } from "./person.ts";

interface Line {
  id: string;
  name: string;
  flat?: string;
}

const purpose = { "Limen-Purpose": "desk-request" };

/** Find or register residents, and open one: cards, codes, consent, the way to their own page. */
export const residents: View = (place, role) => {
  if (!["manager", "desk"].includes(role)) {
    place.replaceChildren(make("p", { class: "empty" }, t("desk.not-here")));
    return () => undefined;
  }
  const said = make("div", { class: "say", role: "status" });
  const list = make("ul", { class: "people" });
  const name = make("input", { required: "", maxlength: "80", autocomplete: "off" });
  const flat = make("input", { maxlength: "40", autocomplete: "off" });
  const find = make("button", { type: "submit", class: "main" }, t("desk.find"));
  const register = make("button", { type: "button" }, t("desk.register"));
  const form = make(
    "form",
    { class: "line" },
    make("label", {}, t("shared.name"), name),
    make("label", {}, t("desk.flat"), flat),
    find,
    register,
  );
  place.replaceChildren(form, said, list);

  const show = (people: readonly Line[]) => {
    list.replaceChildren(...people.map((person) => make("li", {}, row(person))));
    if (people.length === 0) tell(said, t("desk.nobody"), "warn");
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(find, said, async () => {
      const search = { search: name.value.trim(), limit: 20 };
      show((await ask<{ people: Line[] }>("POST", "/persons/search", search, purpose)).people);
    });
  });
  register.addEventListener("click", () => {
    if (!form.reportValidity()) return;
    void run(register, said, async () => {
      const person = { name: name.value.trim(), ...(flat.value.trim() ? { flat: flat.value.trim() } : {}) };
      const { id } = await ask<{ id: string }>("POST", "/persons", person);
      form.reset();
      show([{ id, ...person }]);
    });
  });
  return () => undefined;
};

/** One found resident; opening is the look-up that is recorded, so it is a press of its own. */
function row({ id, name, flat }: Line): HTMLElement {
  const open = make("button", { type: "button" }, t("widgets.look"));
  const inside = make("div");
  open.addEventListener("click", () => {
    personCard(id, inside).then(
      () => open.remove(),
      (error: unknown) => inside.replaceChildren(make("p", { class: "say" }, sentenceOf(error))),
    );
  });
  return make(
    "div",
    {},
    make("div", { class: "row" }, make("strong", {}, flat ? `${name} · ${flat}` : name), open),
    inside,
  );
}
