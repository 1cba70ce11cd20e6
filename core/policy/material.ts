import type { ConfigNode, Graph } from "./graph/types.ts";
import { doorOf } from "./site.ts";

/** What somebody agrees to when they agree to face entry. A change of any of it asks them anew (PIPL 14, RD-21). */
export interface MaterialFacts {
  purpose: "door-entry";
  method: "face";
  /** `1:N` searches everybody of the door who agreed; `1:1` checks the one who showed a card. */
  mode: "1:N" | "1:1";
  data: readonly string[];
  storage: string;
  controller: string;
  processors: readonly string[];
  /** Days entry events are kept; 0: no rule states it. */
  eventDays: number;
  pack: string;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Days the flow keeps entry events: the longest any rule says that runs and is about them. */
export const eventDays = (graph: Graph): number =>
  Math.max(
    0,
    ...graph
      .of("retention-rule")
      .filter(
        ({ config }) => config.mode !== "preview" && (config.class ?? "entry-events") === "entry-events",
      )
      .map(({ config }) => Number(config.days))
      .filter((days) => Number.isFinite(days)),
  );

const searched = new WeakMap<Graph, ReadonlySet<string>>();

/** Doors (by key) at which some face node searches everybody who agreed: read once a graph, asked for by every face. */
function searchedDoors(graph: Graph): ReadonlySet<string> {
  let doors = searched.get(graph);
  if (!doors) {
    const faces = graph.of("face-match").filter(({ config }) => config.mode !== "1:1");
    doors = new Set(faces.flatMap((face) => doorOf(graph, face)?.key ?? []));
    searched.set(graph, doors);
  }
  return doors;
}

/** The material facts of face entry at one door, from the flow alone. Names of doors, labels and layout are not among them. */
export function factsOf(graph: Graph, door: ConfigNode): MaterialFacts {
  const site = graph.configs("limen-site")[0]?.config;
  return {
    purpose: "door-entry",
    method: "face",
    mode: searchedDoors(graph).has(door.key) ? "1:N" : "1:1",
    data: ["face-template", "entry-event"],
    storage: "box-at-the-door",
    controller: text(site?.controllerName),
    processors: [],
    eventDays: eventDays(graph),
    pack: text(site?.pack),
  };
}

/** The facts as one text with one spelling: what is hashed, and what papers are compared by. */
export const spellFacts = (facts: MaterialFacts): string =>
  JSON.stringify(Object.fromEntries(Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1))));

export const materialFacts = (graph: Graph, door: ConfigNode): string => spellFacts(factsOf(graph, door));
