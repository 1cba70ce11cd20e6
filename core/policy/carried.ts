import type { Vertex } from "./graph/types.ts";

/** Where in a message something about a person may be: in its payload, or anywhere. */
export type Holds = "payload" | "anywhere";

/** What a node on the way makes of such a message. */
export interface Outcome {
  /** What may be in the message that leaves; undefined: nothing about anybody. */
  holds: Holds | undefined;
  /** It keeps a copy in context. */
  keeps: boolean;
}

interface Rewrite {
  t?: unknown;
  p?: unknown;
  pt?: unknown;
  to?: unknown;
  tot?: unknown;
}

const rewrites = ({ config }: Vertex): Rewrite[] =>
  Array.isArray(config.rules)
    ? config.rules.filter((rule): rule is Rewrite => typeof rule === "object" && rule !== null)
    : [];

const fixed = new Set(["str", "num", "bool", "json", "date", "bin"]);
const inContext = (type: unknown): boolean => type === "flow" || type === "global";
const inMessage = (type: unknown): boolean => (type ?? "msg") === "msg";
const text = (value: unknown): string => (typeof value === "string" ? value : "");
/** Types that hand a message on as it is. */
const untouched =
  /^(?:limen:.*|link (?:in|out|call)|junction|switch|delay|trigger|rbe|range|json|catch|complete)$/;

/** A change node, rule by rule: a value thrown away is gone unless it was put somewhere else before. */
function changed(vertex: Vertex, holds: Holds): Outcome {
  let payload = true;
  let elsewhere = holds === "anywhere";
  let keeps = false;
  /** What a place gets that is written from the message. */
  const write = (place: unknown, type: unknown, personal: boolean): void => {
    if (inContext(type)) keeps ||= personal;
    else if (inMessage(type) && place === "payload") payload = personal;
    else if (inMessage(type)) elsewhere ||= personal;
  };
  const of = (place: unknown): boolean =>
    elsewhere || (payload && (text(place) === "" || /^payload\b|[[\]]/.test(text(place))));
  for (const { t, p, pt, to, tot } of rewrites(vertex)) {
    if (t === "delete") {
      if (inMessage(pt) && p === "payload") payload = false;
    } else if (t === "move") {
      const personal = inMessage(pt) && of(p);
      if (inMessage(pt) && p === "payload") payload = false;
      write(to, tot, personal);
    } else if (fixed.has(String(tot ?? "str"))) {
      if (t === "set") write(p, pt, false);
    } else if (inMessage(tot)) write(p, pt, of(to));
    else if (!inContext(tot) && tot !== "env") write(p, pt, payload || elsewhere); // an expression reads what it likes
  }
  return { holds: elsewhere ? "anywhere" : payload ? "payload" : undefined, keeps };
}

/** What leaves a node that only passes on or reshapes, when something about a person came. */
export function carriedBy(vertex: Vertex, holds: Holds): Outcome {
  const { type, config } = vertex;
  if (type === "change") return changed(vertex, holds);
  if (untouched.test(type)) return { holds, keeps: false };
  if (type !== "template") return { holds: "anywhere", keeps: false };
  const keeps = inContext(config.fieldType);
  const copies = !keeps && config.field !== undefined && config.field !== "payload";
  return { holds: copies ? "anywhere" : holds, keeps };
}
