import { make } from "../shared/dom.ts";
import { currentLanguage, t } from "../shared/words.ts";

/** A request as the API tells it; words only where it was read. */
export interface RightsRequest {
  id: string;
  person?: string;
  kind: string;
  processor?: string;
  filed: string;
  due: string;
  extended?: string;
  state: string;
  closed?: string;
  level?: "green" | "amber" | "red" | "escalated";
  name?: string;
  flat?: string;
  text?: string;
  asker?: string;
  relation?: string;
  answer?: string;
  ground?: string;
  extension?: string;
  refusal?: { at?: string; door?: string; method?: string; code?: string };
}

export interface Certificate {
  kind: string;
  number: string;
  expires: string;
  state: "expired" | "ends-soon" | "dated";
}

const dayMs = 86_400_000;

/** A day in the reader's words. A time that ends at midnight ends on the day before it. */
export const day = (at: string): string =>
  new Intl.DateTimeFormat(currentLanguage(), { dateStyle: "medium" }).format(new Date(Date.parse(at) - 1));

/** A short mark whose meaning is in its words; the colour only repeats it. */
export const mark = (text: string, kind: "good" | "warn" | "bad" | "" = ""): HTMLElement =>
  make("span", { class: "tag", ...(kind && { "data-kind": kind }) }, text);

/** How long is left, or how late it is. */
export function clock({ state, due, level, closed }: RightsRequest): HTMLElement {
  if (state !== "open") return mark(t(`rights.state-${state}`, { at: day(closed ?? due) }));
  const days = Math.floor((Date.parse(due) - Date.now()) / dayMs); // whole days; the last one is today
  const kind = level === "green" ? "good" : level === "amber" ? "warn" : "bad";
  if (days > 0) return mark(t("rights.days-left", { days }), kind);
  if (days === 0) return mark(t("rights.today"), "bad");
  return mark(t(level === "escalated" ? "rights.days-late-much" : "rights.days-late", { days: -days }), kind);
}

/** A certificate with its number and day; one that ran out says so, and none says that anything is safe. */
export const certificateLine = ({ kind, number, expires, state }: Certificate): HTMLElement =>
  make(
    "span",
    { class: "row" },
    `${t(`rights.certificate-${kind}`)} ${number}`,
    mark(
      t(`rights.certificate-${state}`, { expires }),
      state === "expired" ? "bad" : state === "ends-soon" ? "warn" : "",
    ),
  );

/** Terms and values of one thing. */
export const terms = (rows: readonly [term: string, value: string | Node][]): HTMLElement =>
  make(
    "dl",
    { class: "terms" },
    ...rows.flatMap(([term, value]) => [make("dt", {}, term), make("dd", {}, value)]),
  );

/** A moment as a `datetime-local` field holds it. @param hours from now */
export function localTime(hours = 0): string {
  const at = new Date(Date.now() + hours * 3_600_000);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Boxes to tick, under one heading. */
export function boxes(
  heading: string,
  choices: readonly { id: string; name: string }[],
): { place: HTMLElement; ticked(): string[]; tick(ids: readonly string[]): void } {
  const inputs = choices.map(({ id }) => make("input", { type: "checkbox", value: id }));
  const lines = choices.map(({ name }, at) => make("label", { class: "check" }, inputs[at]!, name));
  return {
    place: make("fieldset", {}, make("legend", {}, heading), ...lines),
    tick(ids) {
      for (const input of inputs) input.checked = ids.includes(input.value);
    },
    ticked: () => inputs.filter(({ checked }) => checked).map(({ value }) => value),
  };
}
