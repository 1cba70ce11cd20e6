import type { Calendar, Period } from "./calendar.ts";
import data from "./packs.json" with { type: "json" };

/** What a policy pack says about people's rights: clocks, whom to complain to, which days an office is shut. */
export interface RightsPack {
  /** Time for an answer, from the day after filing; a holiday at its end prolongs it. */
  readonly request: Period;
  readonly article: string;
  /** All the time there may be, prolonged once and with a reason. */
  readonly extension: Period;
  /** Time a processor has for a question about it. */
  readonly question: Period;
  /** Days over its time after which an unanswered request is everybody's matter. */
  readonly escalate: number;
  /**
   * Hours until the authority must know of an incident; absent: the law names none. `prompt`: the law says at once, and the
   * hours are this product's last moment.
   */
  readonly breach?: { readonly hours: number; readonly prompt?: boolean; readonly article: string };
  /** Where a resident may complain: `rights.channel-<id>` are their words. */
  readonly channels: readonly string[];
  readonly calendar: Calendar;
}

const packs = data as unknown as Readonly<Record<string, RightsPack>>;

/** The strictest (`cn`) for a pack nobody knows. */
export const rightsPack = (id: string): RightsPack => packs[id] ?? packs.cn!;
