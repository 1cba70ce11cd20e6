import { make } from "../shared/dom.ts";
import { currentLanguage, has, t } from "../shared/words.ts";
import type { Rate } from "./accuracy-types.ts";

/** A share as a percentage; rare ones with two digits that mean something. */
export const percent = (share: number): string =>
  new Intl.NumberFormat(currentLanguage(), {
    style: "percent",
    ...(share > 0 && share < 0.001 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 1 }),
  }).format(share);

export const whole = (n: number): string => new Intl.NumberFormat(currentLanguage()).format(n);

/** A rare share as how many to one: 0.0001 is 10,000. */
export const oneIn = (share: number): string => whole(Number((1 / share).toPrecision(2)));

export const day = (iso: string): string =>
  new Intl.DateTimeFormat(currentLanguage(), { dateStyle: "medium", timeZone: "UTC" }).format(new Date(iso));

/** A name in the catalogues, or itself: somebody's own data may have groups of its own. */
export const named = (kind: string, name: string): string =>
  has(`accuracy.${kind}-${name}`) ? t(`accuracy.${kind}-${name}`) : name;

/** A share with its bounds, for a table's cell. */
export const fewOf = (rate: Rate): string =>
  t("accuracy.rate", { share: percent(rate.share), low: percent(rate.low), high: percent(rate.high) });

/**
 * Shares as text and as marks on one scale: a dot where it was measured, a line as far as it may be by chance (95 %). The
 * text is what counts; the drawing is for the eye.
 */
export function drawn(rates: readonly (readonly [label: string, rate: Rate])[]): HTMLElement[] {
  const most = Math.min(1, Math.max(0.02, ...rates.map(([, { high }]) => high)) * 1.05);
  const at = (share: number) => `${Math.min(100, (share / most) * 100).toFixed(2)}%`;
  const rows = rates.map(([label, rate]) => {
    const range = make("span", { class: "range" });
    range.style.left = at(rate.low);
    range.style.width = at(Math.max(0, rate.high - rate.low));
    const dot = make("span", { class: "dot" });
    dot.style.left = at(rate.share);
    return make(
      "li",
      {},
      make("span", { class: "label" }, label),
      make(
        "span",
        { class: "number" },
        fewOf(rate),
        " ",
        make("small", { class: "soft" }, t("accuracy.of", { n: whole(rate.n) })),
      ),
      make("span", { class: "scale", "aria-hidden": "true" }, range, dot),
    );
  });
  if (rows.length === 0) return [];
  return [
    make("ul", { class: "rates" }, ...rows),
    make(
      "p",
      { class: "ends", "aria-hidden": "true" },
      make("span", {}, percent(0)),
      make("span", {}, percent(most)),
    ),
  ];
}
