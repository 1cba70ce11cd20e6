import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { currentLanguage, t } from "../shared/words.ts";
import { action, field, onSubmit } from "./kit.ts";

export interface Stretch {
  days: string[];
  from: string;
  to: string;
}

const week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** A day's short name. 2026-11-23 was a Monday. */
const dayName = (day: string): string =>
  new Intl.DateTimeFormat(currentLanguage(), { weekday: "short", timeZone: "UTC" }).format(
    new Date(Date.UTC(2026, 10, 23 + week.indexOf(day))),
  );

/** Hours of a card or code, in words. */
export const hoursText = (hours: readonly Stretch[]): string =>
  hours.map(({ days, from, to }) => `${days.map(dayName).join(t("widgets.comma"))} ${from}–${to}`).join("; ");

/** Limits one card or code to a stretch of the week, or lets it open whenever its doors do. */
export function hoursForm(
  id: string,
  hours: readonly Stretch[] | undefined,
  said: HTMLElement,
  again: (told: string) => Promise<void>,
): HTMLElement {
  const now = hours?.[0];
  const boxes = week.map((day) => {
    const box = make("input", { type: "checkbox", value: day });
    box.checked = now?.days.includes(day) ?? false;
    return box;
  });
  const from = make("input", { type: "time", required: "", value: now?.from ?? "08:00" });
  const to = make("input", {
    type: "time",
    required: "",
    value: now?.to.replace("24:00", "00:00") ?? "18:00",
  });
  const save = make("button", { type: "submit" }, t("widgets.save"));
  const put = async (schedule: Stretch[]) => {
    await ask("PUT", `/credentials/${id}/hours`, { schedule });
    await again(t("widgets.saved"));
  };
  const form = make(
    "form",
    { class: "line" },
    make(
      "fieldset",
      { class: "row" },
      make("legend", {}, t("widgets.hours-days")),
      ...boxes.map((box) => make("label", {}, box, ` ${dayName(box.value)}`)),
    ),
    field(t("widgets.hours-from"), from),
    field(t("widgets.hours-to"), to),
    save,
    ...(hours ? [action(t("widgets.hours-any"), said, () => put([]))] : []),
  );
  onSubmit(form, save, said, async () => {
    const days = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    await put([{ days, from: from.value, to: to.value }]);
  });
  return make("details", {}, make("summary", {}, t("widgets.hours")), form);
}
