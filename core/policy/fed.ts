import type { Graph, Vertex } from "./graph/types.ts";
import { reach } from "./graph/walk.ts";
import { conduits, isSensing, transports } from "./kinds.ts";

/** Reshaping a reader's message before it is read: none of these can be meant to open a door. */
const shaping: ReadonlySet<string> = new Set([
  ...conduits,
  "json",
  "split",
  "join",
  "change",
  "switch",
  "csv",
  "xml",
  "range",
  "template",
]);

/** Whether a sensing node has a reader at all: on a bus, or over wires from a device (an inject is a test). */
export function isFed(graph: Graph, sensor: Vertex): boolean {
  if (graph.config(sensor.config.bus, "limen-bus", sensor)) return true;
  const backwards = reach(
    graph.into,
    [sensor.index],
    (_, { to, kind }) => kind === "wire" && !isSensing(graph.vertices[to]!.type) && feeds(graph, to),
  );
  return [...backwards.keys()].some((index) => transports.has(graph.vertices[index]!.type));
}

const feeds = (graph: Graph, index: number): boolean => {
  const { type } = graph.vertices[index]!;
  return shaping.has(type) || transports.has(type);
};
