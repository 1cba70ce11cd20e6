import type { Graph } from "./types.ts";

const computed = new WeakMap<Graph, ReadonlySet<number>>();

/** Vertices that can be reached from themselves by at least one edge. Linear (Tarjan), without recursion. */
export function onCycles(graph: Graph): ReadonlySet<number> {
  let result = computed.get(graph);
  if (!result) {
    result = findCycles(graph.out);
    computed.set(graph, result);
  }
  return result;
}

function findCycles(out: Graph["out"]): Set<number> {
  const order = new Int32Array(out.length).fill(-1);
  const low = new Int32Array(out.length);
  const nextEdge = new Int32Array(out.length);
  const waiting = new Uint8Array(out.length);
  const component: number[] = [];
  const cyclic = new Set<number>();
  let count = 0;
  for (let start = 0; start < out.length; start++) {
    if (order[start] !== -1) continue;
    const path = [start];
    while (path.length > 0) {
      const at = path.at(-1)!;
      if (order[at] === -1) {
        order[at] = low[at] = count++;
        component.push(at);
        waiting[at] = 1;
      }
      const edge = out[at]![nextEdge[at]!++];
      if (edge) {
        if (edge.to === at) cyclic.add(at);
        if (order[edge.to] === -1) path.push(edge.to);
        else if (waiting[edge.to]) low[at] = Math.min(low[at]!, order[edge.to]!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[at]!);
      if (low[at] !== order[at]) continue;
      const members: number[] = [];
      let member: number;
      do {
        member = component.pop()!;
        waiting[member] = 0;
        members.push(member);
      } while (member !== at);
      if (members.length > 1) for (const each of members) cyclic.add(each);
    }
  }
  return cyclic;
}
