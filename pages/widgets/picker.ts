import { ask, Problem } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { askInCharge } from "./in-charge.ts";
import { action, field, onSubmit, sayHere } from "./kit.ts";

export interface Line {
  id: string;
  name: string;
  flat?: string;
  state?: string;
}

/** Who somebody is, as the desk says it. */
export const called = ({ name, flat }: Pick<Line, "name" | "flat">): string =>
  flat ? `${name} · ${flat}` : name;

/**
 * Finds residents by name or flat. Searching shows names and flats, opening one shows what is held: each is a recorded
 * look-up (RD-48), so opening is a press of its own.
 * @param register also registers: a name is enough
 */
export function picker(options: {
  open(line: Line, place: HTMLElement): Promise<void>;
  openWord: string;
  /** What opening is for, where a minor's data want an approval. */
  purpose: string;
  register: boolean;
}): HTMLElement {
  const said = sayHere();
  const list = make("ul", { class: "people" });
  const name = make("input", { required: "", maxlength: "80", autocomplete: "off" });
  const flat = make("input", { maxlength: "40", autocomplete: "off" });
  const find = make("button", { type: "submit", class: "main" }, t("desk.find"));
  const form = make("form", { class: "line" }, field(t("widgets.name-or-flat"), name));
  const show = (people: readonly Line[]) =>
    list.replaceChildren(...people.map((person) => make("li", {}, row(person, options, said))));
  onSubmit(form, find, said, async () => {
    const search = { search: name.value.trim(), limit: 20 };
    const purpose = { "Limen-Purpose": "desk-request" };
    const { people } = await ask<{ people: Line[] }>("POST", "/persons/search", search, purpose);
    show(people);
    if (people.length === 0)
      tell(said, t(options.register ? "widgets.nobody-register" : "desk.nobody"), "warn");
  });
  if (options.register) {
    const register = action(t("desk.register"), said, async () => {
      if (!form.reportValidity()) return;
      const person = { name: name.value.trim(), ...(flat.value.trim() ? { flat: flat.value.trim() } : {}) };
      const { id } = await ask<{ id: string }>("POST", "/persons", person);
      form.reset();
      show([{ id, ...person }]);
      tell(said, t("widgets.registered"), "good");
    });
    form.append(field(t("desk.flat"), flat), find, register);
  } else form.append(find);
  const start = t(options.register ? "widgets.start-register" : "widgets.start-find");
  list.append(make("li", { class: "empty" }, start));
  return make("div", {}, form, said, list);
}

function row(line: Line, options: Parameters<typeof picker>[0], said: HTMLElement): HTMLElement {
  const inside = make("div");
  const open = action(options.openWord, said, async () => {
    inside.replaceChildren();
    try {
      await options.open(line, inside);
      open.hidden = true;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== "minor-needs-approval") throw error;
      inside.replaceChildren(askInCharge(line.id, options.purpose, error.message, said));
    }
  });
  const title = make("strong", {}, called(line));
  const left = line.state === "left" ? [make("span", { class: "tag" }, t("widgets.left"))] : [];
  return make("div", {}, make("div", { class: "row" }, title, ...left, open), inside);
}
