import type { ConfigNode, Graph } from "./graph/types.ts";
import { doorOf } from "./site.ts";

/** What somebody agrees to when they agree to face entry. A change of any of it asks them anew (PIPL 14, RD-21). */
export interface MaterialFacts {
  purpose: "door-entry";
  method: "face";
  /** `1:N` searches everybody of the door who agreed; `1:1` checks the one who showed a card. */
  mode: "1:N" | "1:1";
  /** With `1:1`: after a room code, everybody of that flat who agreed is compared. */
  flat?: true;
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

interface Compared {
  /** Doors (by key) at which some face node searches everybody who agreed. */
  searched: ReadonlySet<string>;
  /** Doors at which one compares a flat. */
  flats: ReadonlySet<string>;
}

const compared = new WeakMap<Graph, Compared>();

/** With whom the faces of a graph are compared: read once a graph, asked for by every face. */
function comparedIn(graph: Graph): Compared {
  let doors = compared.get(graph);
  if (!doors) {
    const faces = graph.of("face-match");
    const at = (some: typeof faces) => new Set(some.flatMap((face) => doorOf(graph, face)?.key ?? []));
    doors = {
      searched: at(faces.filter(({ config }) => config.mode !== "1:1")),
      flats: at(faces.filter(({ config }) => config.mode === "1:1" && config.flat === true)),
    };
    compared.set(graph, doors);
  }
  return doors;
}

/** The material facts of face entry at one door, from the flow alone. Names of doors, labels and layout are not among them. */
export function factsOf(graph: Graph, door: ConfigNode): MaterialFacts {
  const site = graph.configs("limen-site")[0]?.config;
  const { flats, searched } = comparedIn(graph);
  const search = searched.has(door.key);
  return {
    purpose: "door-entry",
    method: "face",
    mode: search ? "1:N" : "1:1",
    ...(!search && flats.has(door.key) ? { flat: true as const } : {}),
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
