import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { action, onSubmit } from "./kit.ts";
import type { Person } from "./person.ts";

/**
 * What doors know of somebody beside their cards: more time, and rooms whose day begins with them. No reason is asked
 * for either.
 */
export function atDoors(id: string, person: Person, said: HTMLElement): HTMLElement {
  const time = make("input", { type: "checkbox" });
  time.checked = person.more_time === true;
  const save = make("button", { type: "submit" }, t("widgets.save"));
  const places = make("div", { class: "row" });
  const form = make(
    "form",
    { class: "stack" },
    make("label", {}, time, ` ${t("widgets.more-time")}`),
    make("p", { class: "soft small" }, t("widgets.more-time-hint")),
    make("fieldset", {}, make("legend", {}, t("widgets.opens")), places),
    make("div", { class: "row" }, save),
  );
  const boxes: HTMLInputElement[] = [];
  const load = async (): Promise<void> => {
    const { doors } = await ask<{ doors: { id: string; name: string; class: string }[] }>("GET", "/doors");
    const rooms = doors.filter((door) => door.class === "amenity" || person.opens?.includes(door.id));
    places.replaceChildren(
      ...rooms.map(({ id: door, name }) => {
        const box = make("input", { type: "checkbox", value: door });
        box.checked = person.opens?.includes(door) === true;
        boxes.push(box);
        return make("label", {}, box, ` ${name}`);
      }),
    );
    places.parentElement!.hidden = rooms.length === 0;
  };
  onSubmit(form, save, said, async () => {
    const opens = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    await ask("PATCH", `/persons/${id}`, { more_time: time.checked, ...(boxes.length > 0 ? { opens } : {}) });
    tell(said, t("widgets.saved"), "good");
  });
  const box = make("details", {}, make("summary", {}, t("widgets.at-doors")), form);
  box.addEventListener("toggle", () => box.open && boxes.length === 0 && void load().catch(reportError));
  return box;
}

/** A code with a code for a threat, both shown once; and a room code for everybody of the flat. */
export function moreCodes(id: string, person: Person, said: HTMLElement): HTMLElement[] {
  const both = action(t("widgets.code-duress"), said, async () => {
    const { code, duress } = await ask<{ code: string; duress: string }>("PUT", `/persons/${id}/code`, {
      duress: true,
    });
    tell(said, t("widgets.code-duress-given", { code, duress }), "good");
  });
  if (!person.flat) return [both];
  const { flat } = person;
  const room = action(t("widgets.room-code"), said, async () => {
    const [{ people }, { doors }] = await Promise.all([
      ask<{ people: { id: string; flat?: string; state: string }[] }>(
        "POST",
        "/persons/search",
        { search: flat, limit: 30 },
        { "Limen-Purpose": "desk-request" },
      ),
      ask<{ doors: { id: string }[] }>("GET", "/doors"),
    ]);
    const members = people
      .filter((one) => one.flat === flat && one.state === "resident")
      .map((one) => one.id);
    const { code } = await ask<{ code: string }>("POST", "/codes", {
      kind: "room",
      members,
      doors: doors.map((door) => door.id),
    });
    tell(said, t("widgets.room-code-given", { code, flat, count: members.length }), "good");
  });
  return [both, room];
}
