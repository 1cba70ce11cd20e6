/** What the vault says a risk costs. */
export interface Cost {
  pack: string;
  people: number;
  enrolled: number;
  score: number;
  group: string;
  refused: number;
  refusedThree?: number;
  /** Living faces taken for an attack, single pictures; absent: not tested with these models. */
  notLive?: number;
  measured: boolean;
  leastRisk: number;
  /** Measured with exactly the models that are here. */
  exact: boolean;
}

/** Looks of strangers to one wrong opening, rounded to what a person would say. */
export const oneIn = (risk: number): number => {
  const looks = 1 / risk;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(looks)) - 1);
  return Math.round(looks / step) * step;
};

/**
 * The cost in sentences: who is compared, how many residents are refused, whose threshold it is, and what cannot be
 * promised.
 * @param say key and values to a sentence @param number as this language writes it
 */
export function costSentences(
  cost: Cost,
  mode: string,
  say: (key: string, values?: Record<string, string>) => string,
  number: (value: number, digits?: number) => string,
): { text: string; warn?: true }[] {
  const percent = (share: number) => (share < 0.0005 ? `< ${number(0.1, 1)}` : number(share * 100, 1));
  const who = mode === "1:1" ? "compared-one" : "compared";
  const lines: { text: string; warn?: true }[] = [
    { text: say(who, { people: number(cost.people), enrolled: number(cost.enrolled) }) },
    { text: say("refused", { one: percent(cost.refused) }) },
  ];
  if (cost.refusedThree !== undefined)
    lines.push({ text: say("refused-three", { three: percent(cost.refusedThree) }) });
  if (cost.notLive !== undefined) lines.push({ text: say("not-live", { share: percent(cost.notLive) }) });
  lines.push({
    text: say("threshold", {
      score: number(cost.score, 2),
      pack: cost.pack,
      group: groupOf(cost.group, say),
    }),
  });
  if (!cost.exact) lines.push({ text: say("combination"), warn: true });
  if (!cost.measured) {
    const looks = oneIn(cost.leastRisk);
    const text = looks < 2 ? say("never-measured") : say("not-measured", { looks: number(looks) });
    lines.push({ text, warn: true });
  }
  return lines;
}

/** A group of people as the calibration names it, in words where there are some. */
function groupOf(group: string, say: (key: string) => string): string {
  const known = ["general", "east-asian"].includes(group);
  return known ? say(`group-${group}`) : group;
}
