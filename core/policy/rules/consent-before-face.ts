import type { Graph, Vertex } from "../graph/types.ts";
import { reach } from "../graph/walk.ts";
import { doorId, doorOf } from "../site.ts";
import type { Hit, Rule } from "./rule.ts";

/**
 * Backwards from every relay, and from every record that leads to one: what gets there past no consent asked in time. A
 * consent asked after the record closed the attempt was not asked in time.
 * @returns for a vertex that does, the next one on its way; and how to name the relay at the end of it
 */
function unasked(graph: Graph): { next: ReadonlyMap<number, number>; relayOf(from: number): Vertex } {
  const relays = graph.of("relay-out").map(({ index }) => index);
  const onward = reach(graph.into, relays);
  const records = graph.of("audit-log").filter(({ index }) => onward.has(index));
  const next = reach(
    graph.into,
    [...relays, ...records.map(({ index }) => index)],
    (_, { to, kind }) => kind === "side" || graph.vertices[to]!.type !== "consent-check",
  );
  const end = (from: number, way: ReadonlyMap<number, number>): number => {
    let at = from;
    while (way.get(at) !== at) at = way.get(at)!;
    return at;
  };
  return { next, relayOf: (from) => graph.vertices[end(end(from, next), onward)]! };
}

/** No path leads from a face to an opening past the question whether its owner still agrees (RD-26). */
export const consentBeforeFace: Rule = {
  id: "consent-before-face",
  severity: "refuse",
  article: [
    "PIPL 14, 15, 29",
    "法释〔2021〕15号 art. 4",
    "Order 19 (2025) art. 6",
    "GDPR 9(2)(a)",
    "BIPA 740 ILCS 14/15(b)",
  ],
  check: (graph) => {
    const { next, relayOf } = unasked(graph);
    return graph.of("face-match").flatMap((face): Hit[] => {
      if (!next.has(face.index)) return [];
      const relay = relayOf(face.index);
      const door = doorOf(graph, face);
      const hit = { node: face.id, params: { face: face.label, relay: relay.label } };
      return [door ? { ...hit, door: doorId(door) } : hit];
    });
  },
};
