import type { Graph, Vertex } from "../graph/types.ts";
import { reach, stopAt } from "../graph/walk.ts";
import { doorId, doorOf } from "../site.ts";
import type { Hit, Rule } from "./rule.ts";

/** The relays a face's attempt may come to without its consent having been asked before the record closed it. */
function unasked(graph: Graph, face: Vertex): Vertex[] {
  const before = reach(graph.out, [face.index], stopAt(graph, "consent-check"));
  const records = [...before.keys()].filter((index) => graph.vertices[index]!.type === "audit-log");
  const after = reach(graph.out, records);
  return graph.of("relay-out").filter(({ index }) => before.has(index) || after.has(index));
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
  check: (graph) =>
    graph.of("face-match").flatMap((face): Hit[] => {
      const relay = unasked(graph, face)[0];
      if (!relay) return [];
      const door = doorOf(graph, face);
      const hit = { node: face.id, params: { face: face.label, relay: relay.label } };
      return [door ? { ...hit, door: doorId(door) } : hit];
    }),
};
