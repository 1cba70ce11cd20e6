import { isFed } from "./fed.ts";
import { type Combo, follow } from "./follow.ts";
import type { ConfigNode, Graph, Vertex } from "./graph/types.ts";
import { independent, type SensingType, sensing, type WayKind } from "./kinds.ts";
import { doorOf, isSecondOnly } from "./site.ts";

/** One way into one door. */
export interface Way {
  readonly kind: WayKind;
  readonly sensor: Vertex;
  readonly combos: readonly Combo[];
}

export interface DoorWays {
  readonly door: ConfigNode;
  /** Ways that certainly open it for whoever looks at no camera and asks no guard. */
  readonly live: readonly Way[];
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
    graph.configs("limen-door").map((door) => [door.key, { door, live: [] as Way[], possible: [] as Way[] }]),
  );
  const relayDoor = new Map(graph.of("relay-out").map((relay) => [relay.index, doorOf(graph, relay)?.key]));
  for (const sensor of graph.of(...Object.keys(sensing))) {
    const door = doorOf(graph, sensor);
    const entry = door && doors.get(door.key);
    if (!entry) continue;
    if (isSecondOnly(sensor)) continue;
    const kind = sensing[sensor.type as SensingType];
    const into = (sure: boolean): Combo[] =>
      [...follow(graph, sensor.index, sure)].flatMap(([relay, combos]) =>
        relayDoor.get(relay) === door.key ? combos : [],
      );
    const possible = into(false);
    if (possible.length > 0) entry.possible.push({ kind, sensor, combos: possible });
    if (!independent.has(kind) || !isFed(graph, sensor)) continue;
    const live = into(true);
    if (live.length > 0) entry.live.push({ kind, sensor, combos: live });
  }
  return [...doors.values()];
}
