import { isFed } from "./fed.ts";
import type { Edge, Graph } from "./graph/types.ts";
import { attemptNodes, conduits, isSensing } from "./kinds.ts";
import { isSecondOnly } from "./site.ts";

/** The rules one way leads over: each must let somebody through. Indexes of `entry-rule` vertices, sorted. */
export interface Combo {
  readonly rules: readonly number[];
  /** Further credentials asked for on the way (card and PIN: 1). */
  readonly extra: number;
}

/** Of each relay reached: over which rules. */
export type Reached = ReadonlyMap<number, readonly Combo[]>;

/** Beyond these one more combination is not told apart: it counts against the flow, whichever side it stands on. */
const mostCombos = 64;
/** Stands for a rule that is always open: more combinations than can be told apart. */
export const anyRule = -1;

type Stage = "sensed" | "ruled" | "recorded";
interface State {
  at: number;
  stage: Stage;
  rules: readonly number[];
  extra: number;
}

/**
 * Where attempts of some sensing nodes get to.
 * @param sure true: only ways that are certain — drawn wires over nodes that always pass an attempt on, past an entry
 *   rule, then the record's first output. False: every way imaginable, past a rule or not even that.
 */
export function follow(graph: Graph, sensors: readonly number[], sure: boolean): Reached {
  const found = new Map<number, Map<string, Combo>>();
  const seen = new Map<string, number>();
  const queue = sensors.map((at): State => ({ at, stage: "sensed", rules: [], extra: 0 }));
  while (queue.length > 0) {
    const state = queue.pop()!;
    for (const edge of graph.out[state.at]!) {
      if (sure && !certain(edge)) continue;
      const next = step(graph, state, edge, sure);
      if (!next) continue;
      if (graph.vertices[edge.to]!.type === "relay-out") {
        if (sure ? next.stage === "recorded" : next.rules.length > 0)
          addTo(found, edge.to, { rules: next.rules, extra: next.extra });
        if (sure) continue;
      }
      const place = `${next.at} ${next.stage}`;
      const key = `${place} ${next.rules.join()} ${next.extra}`;
      if (seen.has(key)) continue;
      const visits = (seen.get(place) ?? 0) + 1;
      if (visits > mostCombos + 1 || (sure && visits > mostCombos)) continue;
      seen.set(place, visits).set(key, 1);
      queue.push(visits > mostCombos ? { ...next, rules: [anyRule], extra: 0 } : next);
    }
  }
  return new Map([...found].map(([relay, combos]) => [relay, [...combos.values()]]));
}

/** A drawn wire from a first output: what checks and sensing nodes send on, and of the record what was granted. */
const certain = ({ kind, port }: Edge): boolean => kind === "wire" && port === 0;

/** The attempt at the next node, or undefined where it certainly cannot, or not certainly, go on. */
function step(graph: Graph, { stage, rules, extra }: State, { to }: Edge, sure: boolean): State | undefined {
  const vertex = graph.vertices[to]!;
  const { type } = vertex;
  const on: State = { at: to, stage, rules, extra };
  if (type === "entry-rule") {
    if (sure && stage === "recorded") return undefined;
    const with_ = rules.includes(to) ? rules : [...rules, to].sort((a, b) => a - b);
    return { ...on, rules: with_, stage: stage === "recorded" ? stage : "ruled" };
  }
  if (type === "audit-log") {
    if (sure && stage !== "ruled") return undefined;
    return { ...on, stage: "recorded" };
  }
  if (!sure) return on;
  if (type === "relay-out" || conduits.has(type)) return on;
  if (isSensing(type)) {
    // only a keypad with keys on it takes an attempt and passes it on; a face or a guard makes it no way of its own
    return stage === "sensed" && isSecondOnly(vertex) && isFed(graph, vertex)
      ? { ...on, extra: extra + 1 }
      : undefined;
  }
  return attemptNodes.has(type) && stage !== "recorded" ? on : undefined;
}

function addTo(found: Map<number, Map<string, Combo>>, relay: number, combo: Combo): void {
  const combos = found.get(relay) ?? new Map<string, Combo>();
  combos.set(`${combo.rules.join()} ${combo.extra}`, combo);
  found.set(relay, combos);
}
