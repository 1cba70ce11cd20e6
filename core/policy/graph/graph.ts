import { expand } from "./expand.ts";
import { readFile } from "./raw.ts";
import type { ConfigNode, Graph, Vertex } from "./types.ts";
import { drawEdges } from "./wire.ts";

/**
 * Parses a Node-RED flow array into the graph that would run. Pure and total: linear in nodes, copies and wires; cycles
 * are ordinary edges.
 */
export function readGraph(flow: readonly unknown[]): Graph {
  const file = readFile(flow);
  const expansion = expand(file);
  const { out, into } = drawEdges(expansion);
  const { vertices } = expansion;
  const byType = new Map<string, Vertex[]>();
  const byKey = new Map<string, Vertex>();
  for (const vertex of vertices) {
    const same = byType.get(vertex.type);
    if (same) same.push(vertex);
    else byType.set(vertex.type, [vertex]);
    byKey.set(vertex.key, vertex);
  }
  const asConfig = ({ key, id, type, config }: Vertex): ConfigNode => ({ key, id, type, config });
  return {
    vertices,
    out,
    into,
    problems: expansion.problems,
    of: (...types) => types.flatMap((type) => byType.get(type) ?? []),
    configs: (type) => (byType.get(type) ?? []).map(asConfig),
    config: (id, type, near) => {
      if (typeof id !== "string") return undefined;
      const prefix = near ? near.key.slice(0, near.key.length - near.id.length) : "";
      const vertex = byKey.get(prefix + id) ?? byKey.get(id);
      return vertex?.type === type ? asConfig(vertex) : undefined;
    },
  };
}
