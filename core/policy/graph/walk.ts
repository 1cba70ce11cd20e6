import type { Edge, Graph } from "./types.ts";

/** Whether a message that stands at `from` may be followed along `edge`. */
export type Through = (from: number, edge: Edge) => boolean;

const always: Through = () => true;

/**
 * Every vertex that can be reached from the starts, the starts included. Breadth first, each edge once.
 * @param edges `graph.out` to go with the messages, `graph.into` to go against them
 * @returns for each vertex reached the one it was first reached from (a start: itself)
 */
export function reach(
  edges: Graph["out"],
  starts: Iterable<number>,
  through: Through = always,
): Map<number, number> {
  const from = new Map<number, number>();
  const queue: number[] = [];
  for (const start of starts) {
    if (from.has(start)) continue;
    from.set(start, start);
    queue.push(start);
  }
  for (let head = 0; head < queue.length; head++) {
    const at = queue[head]!;
    for (const edge of edges[at]!) {
      if (from.has(edge.to) || !through(at, edge)) continue;
      from.set(edge.to, at);
      queue.push(edge.to);
    }
  }
  return from;
}
