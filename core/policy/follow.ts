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

/** A state somebody may be in, once for all doors of a graph: what follows it is worked out once, too. */
interface Place extends State {
  /** Its vertex and stage: combinations are counted by these. */
  where: number;
  next?: readonly Place[];
}

/** All states of one graph, each once. Many doors ask about the same ways behind the same rules. */
class Places {
  readonly #known = new Map<number, Map<string, Place>>();

  of({ at, stage, rules, extra }: State): Place {
    const where = at * stages.length + stages.indexOf(stage);
    let here = this.#known.get(where);
    if (!here) {
      here = new Map();
      this.#known.set(where, here);
    }
    const key = `${rules.join()} ${extra}`;
    let place = here.get(key);
    if (!place) {
      place = { at, stage, rules, extra, where };
      here.set(key, place);
    }
    return place;
  }
}

const places = new WeakMap<Graph, { sure: Places; any: Places }>();

function placesOf(graph: Graph, sure: boolean): Places {
  let both = places.get(graph);
  if (!both) {
    both = { sure: new Places(), any: new Places() };
    places.set(graph, both);
  }
  return sure ? both.sure : both.any;
}

/** Where one step leads from a place, in the order of the wires. */
function nextOf(graph: Graph, place: Place, sure: boolean, all: Places): readonly Place[] {
  if (place.next) return place.next;
  const next: Place[] = [];
  for (const edge of graph.out[place.at]!) {
    if (sure && !certain(edge)) continue;
    const state = step(graph, place, edge, sure);
    if (state) next.push(all.of(state));
  }
  place.next = next;
  return next;
}

/**
 * Where attempts of some sensing nodes get to.
 * @param sure true: only ways that are certain — drawn wires over nodes that always pass an attempt on, past an entry
 *   rule, then the record's first output. False: every way imaginable, past a rule or not even that.
 * @param relays those asked about: the others are passed, not told of
 */
export function follow(
  graph: Graph,
  sensors: readonly number[],
  sure: boolean,
  relays: ReadonlySet<number>,
): Reached {
  const found = new Map<number, Map<string, Combo>>();
  const all = placesOf(graph, sure);
  const most = sure ? mostCombos : mostCombos + 1;
  const seen = new Set<Place>();
  const visits = new Map<number, number>();
  const queue = sensors.map((at) => all.of({ at, stage: "sensed", rules: [], extra: 0 }));
  while (queue.length > 0) {
    for (const next of nextOf(graph, queue.pop()!, sure, all)) {
      if (graph.vertices[next.at]!.type === "relay-out") {
        if (relays.has(next.at) && (sure ? next.stage === "recorded" : next.rules.length > 0))
          addTo(found, next.at, { rules: next.rules, extra: next.extra });
        if (sure) continue;
      }
      if (seen.has(next)) continue;
      const visit = (visits.get(next.where) ?? 0) + 1;
      if (visit > most) continue;
      seen.add(next);
      visits.set(next.where, visit);
      queue.push(visit > mostCombos ? all.of({ ...next, rules: anyRules, extra: 0 }) : next);
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
