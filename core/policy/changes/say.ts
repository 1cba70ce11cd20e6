import { type Language, sentence } from "../../words.ts";
import type { FactChange, FlowDiff, NodeChange, PropertyChange } from "./schema.ts";

const nothing = (language: Language): string => sentence(language, "change.nothing");

/** `card pin` in words. */
const waysIn = (language: Language, value: string): string =>
  value === ""
    ? nothing(language)
    : value
        .split(" ")
        .map((kind) => sentence(language, `way.${kind}`))
        .join(language === "en-US" ? ", " : "、");

/** Fixed words of ours, several with spaces between, in words; what an installer typed as it is. */
const named: ReadonlySet<string> = new Set(["class", "fire", "data", "storage", "processors"]);
const spelled = (language: Language, value: string): string =>
  value
    .split(" ")
    .map((each) => {
      const key = `change.value.${each}`;
      const said = sentence(language, key);
      return said === key ? each : said;
    })
    .join(language === "en-US" ? ", " : "、");

function fact(language: Language, { door, name, before, after }: FactChange): string {
  if (name === "there") {
    const key = before === undefined ? "change.door-new" : "change.door-gone";
    return sentence(language, before !== undefined && after !== undefined ? "change.door-renamed" : key, {
      door,
      before: before ?? "",
      after: after ?? "",
    });
  }
  const ways = name === "ways" || name === "possible";
  const value = (text: string | undefined): string =>
    ways
      ? waysIn(language, text ?? "")
      : text === undefined || text === ""
        ? nothing(language)
        : named.has(name)
          ? spelled(language, text)
          : text;
  const what = sentence(language, `change.fact.${name}`);
  return sentence(language, "change.fact", { door, what, before: value(before), after: value(after) });
}

const property = (language: Language, { name, before, after, hidden }: PropertyChange): string =>
  hidden
    ? sentence(language, "change.hidden", { name })
    : sentence(language, "change.property", {
        name,
        before: before ?? nothing(language),
        after: after ?? nothing(language),
      });

/** What a setting of a new node is; there is no before. */
const setting = (language: Language, { name, after, hidden }: PropertyChange): string =>
  hidden ? sentence(language, "change.hidden-new", { name }) : `${name}: ${after ?? ""}`;

/** One node's change: a headline, and a line for each setting and wire. */
export interface SaidNode {
  /** Id in the file: what the editor can jump to. */
  id: string;
  change: NodeChange["change"];
  title: string;
  lines: string[];
}

export interface SaidDiff {
  /** What it means for the doors, then how much it is. */
  summary: string[];
  nodes: SaidNode[];
}

function node(language: Language, { id, change, type, label, tab, properties, wires }: NodeChange): SaidNode {
  const place = tab === undefined ? "" : ` (${tab})`;
  const title = sentence(language, `change.node.${change}`, { node: `${label ?? type}${place}`, type });
  const say = change === "added" ? setting : property;
  return {
    id,
    change,
    title,
    lines: [
      ...(properties ?? []).map((each) => say(language, each)),
      ...(wires?.added ?? []).map((wire) => sentence(language, "change.wire-new", { wire })),
      ...(wires?.removed ?? []).map((wire) => sentence(language, "change.wire-gone", { wire })),
    ],
  };
}

/** A difference in words. */
export function sayDiff(diff: FlowDiff, language: Language): SaidDiff {
  const { added, removed, changed, moved, facts, secrets, papers, more } = diff;
  const counted = added + removed + changed + moved > 0 || papers === undefined;
  return {
    summary: [
      ...facts.map((each) => fact(language, each)),
      ...(papers ?? []).map((each) => property(language, each)),
      ...(secrets.length > 0 ? [sentence(language, "change.secrets", { count: secrets.length })] : []),
      ...(counted ? [sentence(language, "change.counts", { added, removed, changed, moved })] : []),
      ...(more > 0 ? [sentence(language, "change.more", { count: more })] : []),
    ],
    nodes: diff.nodes.map((each) => node(language, each)),
  };
}
