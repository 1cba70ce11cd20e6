import { t, time } from "./words.ts";

/** What an emergency asks of everybody at a door (RD-13). */
export interface Emergency {
  reason: string;
  end: string;
  two: boolean;
  no_visitors: boolean;
}

/** Why, until when, and what is asked; always that cards, codes and passes of residents go on. */
export function emergencyText({ reason, end, two, no_visitors }: Emergency): string {
  return [
    t("emergency.until", { reason: t(`emergency.${reason}`), end: time(end) }),
    ...(two ? [t("emergency.two")] : []),
    ...(no_visitors ? [t("emergency.no-visitors")] : []),
    t("emergency.cards"),
  ].join(" ");
}
