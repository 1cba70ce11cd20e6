import type { Method } from "../entry/attempt.ts";
import { type Emergency, emergencyReasons, faultOf, momentOf } from "../entry/emergency.ts";
import { anyRule } from "./follow.ts";
import { readGraph } from "./graph/graph.ts";
import type { Graph, Vertex } from "./graph/types.ts";
import { loadPack } from "./packs.ts";
import { doorId, isOn } from "./site.ts";
import { type DoorWays, waysOf } from "./ways.ts";

/** An entry rule's emergency, as far as it can be read: any JSON may stand in a flow. */
export interface Stated {
  vertex: Vertex;
  reason: Emergency["reason"] | undefined;
  start: Date | undefined;
  end: Date | undefined;
  two: boolean;
  noVisitors: boolean;
}

/** What an `entry-rule` node says of an emergency; undefined when it says nothing. */
export function statedBy(vertex: Vertex): Stated | undefined {
  const { emergency, emergencyFrom, emergencyUntil, emergencyTwo, emergencyNoVisitors, timeZone } =
    vertex.config;
  if (emergency === undefined || emergency === "" || emergency === "none") return undefined;
  const zone = typeof timeZone === "string" && timeZone !== "" ? timeZone : "Asia/Shanghai";
  const moment = (value: unknown) => (typeof value === "string" ? momentOf(value, zone) : undefined);
  return {
    vertex,
    reason: emergencyReasons.find((reason) => reason === emergency),
    start: moment(emergencyFrom),
    end: moment(emergencyUntil),
    two: isOn(emergencyTwo),
    noVisitors: isOn(emergencyNoVisitors),
  };
}

/** Emergencies on the ways into a door. */
export const statedAt = (graph: Graph, { live, possible }: DoorWays): Stated[] =>
  [...new Set([...live, ...possible].flatMap(({ combos }) => combos.flatMap(({ rules }) => rules)))]
    .filter((rule) => rule !== anyRule)
    .flatMap((rule) => statedBy(graph.vertices[rule]!) ?? []);

/** Ways that certainly lead into a door, and those that certainly may follow: what an emergency can ask for there. */
export const certainWays = ({ live }: DoorWays): { ways: Method[]; seconds: Method[] } => ({
  ways: live.map(({ kind }) => kind),
  // on such a way the attempt waits at a keypad for a code
  seconds: live.some(({ combos }) => combos.some(({ extra }) => extra > 0)) ? ["pin"] : [],
});

type Written = Omit<Emergency, "note">;

/**
 * The emergencies a flow states, by door id: for door screens and the door wall. Only those that have an end within
 * their pack.
 */
export function emergenciesOf(flow: readonly object[]): Map<string, Written[]> {
  const graph = readGraph(flow);
  const most = loadPack(String(graph.configs("limen-site")[0]?.config.pack ?? "cn")).bounds["emergency.days"];
  return new Map(
    waysOf(graph).map((ways) => [
      doorId(ways.door),
      statedAt(graph, ways).flatMap(({ reason, start, end, two, noVisitors }): Written[] =>
        reason && start && end && !faultOf({ start, end }, most?.max ?? 0)
          ? [{ reason, start, end, two, noVisitors }]
          : [],
      ),
    ]),
  );
}
