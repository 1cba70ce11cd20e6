import { readGraph } from "./graph/graph.ts";
import { reach } from "./graph/walk.ts";
import { transports } from "./kinds.ts";

/** Where the bytes of a way in come from. */
export interface Source {
  /** Id of the node at run time. */
  key: string;
  /** Its type: `serial in`, `mqtt in`, … */
  type: string;
  /** Doors whose readers speak through it. */
  doors: string[];
}

/** The nodes through which readers without a line of their own are heard, as the flow is wired. */
export function sourcesOf(flow: readonly unknown[]): Source[] {
  const graph = readGraph(flow);
  const found = new Map<string, Source>();
  for (const reader of graph.of("card-read", "pin-read", "pass-read")) {
    const door = graph.config(reader.config.door, "limen-door", reader)?.config.door;
    if (typeof door !== "string") continue;
    const before = reach(graph.into, [reader.index], (_from, { kind }) => kind === "wire");
    for (const { key, type } of [...before.keys()].map((index) => graph.vertices[index]!)) {
      if (!transports.has(type)) continue;
      const source = found.get(key) ?? { key, type, doors: [] };
      if (!source.doors.includes(door)) source.doors.push(door);
      found.set(key, source);
    }
  }
  return [...found.values()];
}
