import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { currentLanguage, t } from "../shared/words.ts";
import { action, field, onSubmit } from "./kit.ts";
import { type Stretch, shownEnd, storedEnd, usualStretch, week } from "./stretches.ts";

export type { Stretch } from "./stretches.ts";

/** A day's short name. 2026-11-23 was a Monday. */
const dayName = (day: string): string =>
  new Intl.DateTimeFormat(currentLanguage(), { weekday: "short", timeZone: "UTC" }).format(
    new Date(Date.UTC(2026, 10, 23 + week.indexOf(day))),
  );

/** Hours of a card or code, in words. */
export const hoursText = (hours: readonly Stretch[]): string =>
  hours.map(({ days, from, to }) => `${days.map(dayName).join(t("widgets.comma"))} ${from}–${to}`).join("; ");

/** Limits one card or code to stretches of the week, or lets it open whenever its doors do. */
export function hoursForm(
  id: string,
  hours: readonly Stretch[] | undefined,
  said: HTMLElement,
  again: (told: string) => Promise<void>,
): HTMLElement {
  const lines = make("div", { class: "stack" });
  const rows: StretchRow[] = [];
  const add = (stretch: Stretch) => {
    const row = stretchRow(stretch, () => {
      rows.splice(rows.indexOf(row), 1);
      row.place.remove();
      number();
    });
    rows.push(row);
    lines.append(row.place);
    number();
  };
  /** The last one stays: no hours at all is a button of its own. */
  const number = () => {
    for (const { remove } of rows) remove.hidden = rows.length === 1;
  };
  for (const stretch of hours?.length ? hours : [usualStretch]) add(stretch);
  const more = action(t("widgets.hours-more"), said, () => {
    add(usualStretch);
    rows.at(-1)!.focus();
    return Promise.resolve();
  });
  const save = make("button", { type: "submit" }, t("widgets.save"));
  const put = async (schedule: Stretch[]) => {
    await ask("PUT", `/credentials/${id}/hours`, { schedule });
    await again(t("widgets.saved"));
  };
  const form = make(
    "form",
    {},
    lines,
    make(
      "div",
      { class: "row" },
      more,
      save,
      ...(hours ? [action(t("widgets.hours-any"), said, () => put([]))] : []),
    ),
  );
  onSubmit(form, save, said, () => put(rows.map((row) => row.value())));
  return make("details", {}, make("summary", {}, t("widgets.hours")), form);
}

interface StretchRow {
  place: HTMLElement;
  remove: HTMLButtonElement;
  value(): Stretch;
  focus(): void;
}

function stretchRow(stretch: Stretch, drop: () => void): StretchRow {
  const boxes = week.map((day) => {
    const box = make("input", { type: "checkbox", value: day });
    box.checked = stretch.days.includes(day);
    return box;
  });
  const from = make("input", { type: "time", required: "", value: stretch.from });
  const to = make("input", { type: "time", required: "", value: shownEnd(stretch.to) });
  const remove = make("button", { type: "button" }, t("widgets.hours-drop"));
  remove.addEventListener("click", drop);
  const place = make(
    "fieldset",
    { class: "hours" },
    make("legend", {}, t("widgets.hours-days")),
    make("div", { class: "row" }, ...boxes.map((box) => make("label", {}, box, ` ${dayName(box.value)}`))),
    make(
      "div",
      { class: "line" },
      field(t("widgets.hours-from"), from),
      field(t("widgets.hours-to"), to),
      remove,
    ),
  );
  return {
    place,
    remove,
    value: () => ({
      days: boxes.filter(({ checked }) => checked).map(({ value }) => value),
      from: from.value,
      to: storedEnd(to.value),
    }),
    focus: () => boxes[0]!.focus(),
  };
}
