/** Hours of a card or code: days of the week, from, to. An end before its start runs over midnight. */
export interface Stretch {
  days: string[];
  from: string;
  to: string;
}

export const week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** A time as a browser's field takes it, which knows no 24:00. */
export const shownEnd = (to: string): string => (to === "24:00" ? "00:00" : to);

/** The end a field says: midnight ends the day it belongs to, it does not begin it. */
export const storedEnd = (shown: string): string => (shown === "00:00" ? "24:00" : shown);

/** What an empty line starts with: the days of work. */
export const usualStretch: Stretch = { days: week.slice(0, 5), from: "08:00", to: "18:00" };
