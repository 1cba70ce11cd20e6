import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { type Emergency, emergencyText } from "../shared/emergency.ts";
import { about, t, time } from "../shared/words.ts";
import { action, choice, field, onSubmit, sayHere } from "./kit.ts";

interface Declared extends Emergency {
  id: string;
  doors: string[];
  note: string;
  start: string;
  running: boolean;
}

interface Answer {
  emergencies: Declared[];
  most_days: number;
}

const reasons = ["epidemic", "storm", "flood", "earthquake", "unrest", "police", "outage"];

/** Which emergencies run or are to come; a manager declares and ends them. They end by themselves. */
export async function emergencies(
  doors: () => readonly { id: string; name: string }[],
  role: string,
  changed: () => Promise<void>,
): Promise<HTMLElement> {
  const box = make("details", { class: "emergencies" });
  const list = make("ul", { class: "things" });
  const said = sayHere();
  const manager = role === "manager";
  const show = async (): Promise<number> => {
    const { emergencies: all, most_days } = await ask<Answer>("GET", "/emergencies");
    list.replaceChildren(...all.map((one) => line(one, named(one.doors, doors()), manager, said, again)));
    return most_days;
  };
  const again = async () => {
    await show();
    await changed();
  };
  const most = await show();
  box.append(make("summary", {}, t("widgets.emergency")), list);
  if (manager) box.append(form(doors, most, said, again));
  box.append(said);
  box.open = list.childElementCount > 0;
  return box;
}

/** Doors by their names. */
export const named = (ids: readonly string[], doors: readonly { id: string; name: string }[]): string =>
  ids.map((id) => doors.find((door) => door.id === id)?.name ?? id).join(t("widgets.comma"));

function line(
  one: Declared,
  where: string,
  manager: boolean,
  said: HTMLElement,
  again: () => Promise<void>,
): HTMLElement {
  const when = one.running ? "" : ` ${t("widgets.emergency-from", { start: time(one.start) })}`;
  const text = `${about(where, emergencyText(one))}${when}${one.note ? ` (${one.note})` : ""}`;
  const end = action(t("widgets.emergency-end"), said, async () => {
    await ask("DELETE", `/emergencies/${one.id}`);
    await again();
    tell(said, t("widgets.emergency-ended"), "good");
  });
  return make("li", {}, make("span", {}, text), ...(manager ? [end] : []));
}

function form(
  doors: () => readonly { id: string; name: string }[],
  most: number,
  said: HTMLElement,
  again: () => Promise<void>,
): HTMLElement {
  const reason = choice(reasons, "emergency.");
  const end = make("input", { type: "datetime-local", required: "" });
  const note = make("input", { maxlength: "120", autocomplete: "off" });
  const two = make("input", { type: "checkbox" });
  const visitors = make("input", { type: "checkbox" });
  const places = doors().map(({ id, name }) => {
    const box = make("input", { type: "checkbox", value: id });
    return { id, box, label: make("label", {}, box, ` ${name}`) };
  });
  const send = make("button", { type: "submit", class: "main" }, t("widgets.emergency-declare"));
  const made = make(
    "form",
    { class: "stack" },
    make("p", { class: "soft small" }, t("widgets.emergency-hint", { days: most })),
    make(
      "div",
      { class: "row" },
      field(t("widgets.reason"), reason),
      field(t("widgets.emergency-until"), end),
      field(t("widgets.emergency-note"), note),
    ),
    make(
      "fieldset",
      { class: "row" },
      make("legend", {}, t("widgets.emergency-doors")),
      ...places.map(({ label }) => label),
    ),
    make(
      "fieldset",
      { class: "row" },
      make("legend", {}, t("widgets.emergency-asks")),
      make("label", {}, two, ` ${t("widgets.emergency-two")}`),
      make("label", {}, visitors, ` ${t("widgets.emergency-no-visitors")}`),
    ),
    make("div", { class: "row" }, send),
  );
  onSubmit(made, send, said, async () => {
    await ask("POST", "/emergencies", {
      doors: places.filter(({ box }) => box.checked).map(({ id }) => id),
      reason: reason.value,
      note: note.value.trim(),
      end: new Date(end.value).toISOString(),
      two: two.checked,
      no_visitors: visitors.checked,
    });
    made.reset();
    await again();
    tell(said, t("widgets.emergency-declared"), "good");
  });
  return make("details", {}, make("summary", {}, t("widgets.emergency-new")), made);
}
