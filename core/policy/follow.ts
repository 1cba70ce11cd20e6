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
const anyRules: readonly number[] = [anyRule];

const stages = ["sensed", "ruled", "recorded"] as const;
type Stage = (typeof stages)[number];
interface State {
  at: number;
  stage: Stage;
  rules: readonly number[];
  extra: number;
}

/** Numbers for sets of rules: states are compared many thousand times, and numbers are compared fastest. */
class RuleSets {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<readonly number[], number>();

  of(rules: readonly number[]): number {
    let number = this.#known.get(rules);
    if (number === undefined) {
      const key = rules.join();
      number = this.#numbers.get(key) ?? this.#numbers.size;
      this.#numbers.set(key, number);
      this.#known.set(rules, number);
    }
    return number;
  }
}

/** Which combinations have been at which place (a vertex at a stage). */
class Seen {
  readonly #sets = new RuleSets();
  readonly #places = new Map<number, Set<number>>();

  /** @returns how many there were at its place with this one; undefined for one that was there already */
  add({ at, stage, rules, extra }: State, most: number): number | undefined {
    const place = at * stages.length + stages.indexOf(stage);
    const combo = this.#sets.of(rules) * 4096 + Math.min(extra, 4095);
    let here = this.#places.get(place);
    if (!here) {
      here = new Set();
      this.#places.set(place, here);
    }
    if (here.has(combo) || here.size >= most) return undefined;
    here.add(combo);
    return here.size;
  }
}

/**
 * Where attempts of some sensing nodes get to.
 * @param sure true: only ways that are certain — drawn wires over nodes that always pass an attempt on, past an entry
 *   rule, then the record's first output. False: every way imaginable, past a rule or not even that.
 */
export function follow(graph: Graph, sensors: readonly number[], sure: boolean): Reached {
  const found = new Map<number, Map<string, Combo>>();
  const seen = new Seen();
  const most = sure ? mostCombos : mostCombos + 1;
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
      const visits = seen.add(next, most);
      if (visits === undefined) continue;
      queue.push(visits > mostCombos ? { ...next, rules: anyRules, extra: 0 } : next);
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
  let combos = found.get(relay);
  if (!combos) {
    combos = new Map();
    found.set(relay, combos);
  }
  combos.set(`${combo.rules.join()} ${combo.extra}`, combo);
}
