import { reach } from "../graph/walk.ts";
import { passing } from "../kinds.ts";
import { doorId, doorOf } from "../site.ts";
import type { Hit, Rule } from "./rule.ts";

/**
 * Nothing starts a message towards a relay but the record's first output: whatever a relay can be reached from against
 * the wires, without crossing an `audit-log`, only passes messages on. An error or completion of a node starts one too.
 */
export const recordBeforeAct: Rule = {
  id: "record-before-act",
  severity: "refuse",
  article: ["PIPL 51, 69", "法释〔2021〕15号 art. 6", "Order 19 (2025) art. 14", "GDPR 5(2)"],
  check: (graph) =>
    graph.of("relay-out").flatMap((relay): Hit[] => {
      const denied = new Set<number>();
      const back = reach(graph.into, [relay.index], (at, edge) => {
        const { type } = graph.vertices[edge.to]!;
        if (type === "audit-log" && edge.kind === "wire" && edge.port !== 0) denied.add(edge.to);
        if (at !== relay.index && !passing.has(graph.vertices[at]!.type)) return false;
        return type !== "audit-log" || edge.kind !== "wire" || edge.port !== 0;
      });
      const starts = [...back.keys()]
        .filter((index) => index !== relay.index || selfWired(back, graph.into, index))
        .map((index) => graph.vertices[index]!)
        .filter((vertex) => !passing.has(vertex.type));
      const from = starts[0];
      if (!from) return [];
      const door = doorOf(graph, relay);
      const params = {
        relay: relay.label,
        from: from.label,
        variant: denied.has(from.index) ? "denied" : "unrecorded",
      };
      const hit = { node: relay.id, params };
      return [door ? { ...hit, door: doorId(door) } : hit];
    }),
};

/** A relay's own outcome fed back to it, directly or over passing nodes. */
const selfWired = (
  back: ReadonlyMap<number, number>,
  into: ReadonlyArray<readonly { to: number; kind: string }[]>,
  relay: number,
): boolean =>
  [...back.keys()].some((at) => into[at]!.some(({ to, kind }) => to === relay && kind === "wire"));
