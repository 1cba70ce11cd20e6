import { isFed } from "./fed.ts";
import { type Combo, follow, type Reached } from "./follow.ts";
import type { ConfigNode, Graph, Vertex } from "./graph/types.ts";
import { independent, sensing, type WayKind } from "./kinds.ts";
import { doorOf, isAtDesk, isSecondOnly, takesPhones } from "./site.ts";

/** One way into one door. */
export interface Way {
  readonly kind: WayKind;
  /** Its sensing node; of a possible way, the first of those that are alike. */
  readonly sensor: Vertex;
  /** Over every relay it reaches. */
  readonly combos: readonly Combo[];
  /** Of each `relay-out` it reaches: over which rules. Two of one door need not work the same lock. */
  readonly relays: Reached;
}

export interface DoorWays {
  readonly door: ConfigNode;
  /** Ways that certainly open it for whoever looks at no camera and asks no guard. */
  readonly live: readonly Way[];
  /**
   * Residents' own pages, where they certainly open it. No way that counts for `another-way`: it needs a smartphone
   * (RD-10).
   */
  readonly phone: readonly Way[];
  /** Whatever might open it, by any path. */
  readonly possible: readonly Way[];
}

const computed = new WeakMap<Graph, DoorWays[]>();

/** The ways into each door the flow has. */
export function waysOf(graph: Graph): DoorWays[] {
  let result = computed.get(graph);
  if (!result) {
    result = findWays(graph);
    computed.set(graph, result);
  }
  return result;
}

function findWays(graph: Graph): DoorWays[] {
  const doors = new Map(
    graph
      .configs("limen-door")
      .map((door) => [door.key, { door, live: [] as Way[], phone: [] as Way[], possible: [] as Way[] }]),
  );
  const relays = new Map([...doors.keys()].map((door) => [door, new Set<number>()]));
  for (const relay of graph.of("relay-out")) relays.get(doorOf(graph, relay)?.key ?? "")?.add(relay.index);
  const into = (door: string, kind: WayKind, sensors: readonly Vertex[], sure: boolean): Way[] => {
    const starts = sensors.map(({ index }) => index);
    const reached = follow(graph, starts, sure, relays.get(door)!);
    if (reached.size === 0) return [];
    return [{ kind, sensor: sensors[0]!, combos: [...reached.values()].flat(), relays: reached }];
  };
  for (const [type, kind] of Object.entries(sensing)) {
    const sensors = graph.of(type).filter((sensor) => !isSecondOnly(sensor) && !isAtDesk(sensor));
    for (const [door, here] of byDoor(graph, sensors)) {
      const entry = doors.get(door);
      if (!entry) continue;
      for (const alike of sameMode(here)) entry.possible.push(...into(door, kind, alike, false));
      if (!independent.has(kind)) continue;
      for (const sensor of here.filter(takesPhones)) entry.phone.push(...into(door, "phone", [sensor], true));
      for (const sensor of here.filter((each) => isFed(graph, each)))
        entry.live.push(...into(door, kind, [sensor], true));
    }
  }
  return [...doors.values()];
}

function byDoor(graph: Graph, sensors: readonly Vertex[]): Map<string, Vertex[]> {
  const result = new Map<string, Vertex[]>();
  for (const sensor of sensors) {
    const door = doorOf(graph, sensor)?.key;
    if (door === undefined) continue;
    const here = result.get(door);
    if (here) here.push(sensor);
    else result.set(door, [sensor]);
  }
  return result;
}

/** Nodes of one kind at one door that ask the same of a person: 1:1 takes a card first, 1:N does not. */
const sameMode = (sensors: readonly Vertex[]): Vertex[][] =>
  [...new Set(sensors.map(({ config }) => config.mode))].map((mode) =>
    sensors.filter(({ config }) => config.mode === mode),
  );
