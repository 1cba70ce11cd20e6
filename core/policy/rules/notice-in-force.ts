import type { ConfigNode, Graph, Vertex } from "../graph/types.ts";
import { lacking } from "../in-force.ts";
import { materialFacts } from "../material.ts";
import { doorId, doorName, doorOf, isOn } from "../site.ts";
import type { Hit, Rule, RuleContext } from "./rule.ts";

/** Demonstration papers arm simulated doors, and only a site that has no other. */
function demonstrates(site: ConfigNode | undefined, graph: Graph): boolean {
  return (
    site !== undefined &&
    isOn(site.config.demonstration) &&
    graph.configs("limen-door").every(({ config }) => isOn(config.simulated))
  );
}

function check(graph: Graph, face: Vertex, site: ConfigNode | undefined, context: RuleContext): Hit[] {
  const door = doorOf(graph, face);
  if (!door) return []; // doors-only says it
  const hit = { node: face.id, door: doorId(door) };
  if (site && isOn(site.config.demonstration))
    return [{ ...hit, params: { variant: "demonstration", door: doorName(door) } }];
  const { mode } = face.config;
  const wanted = { id: hit.door, facts: materialFacts(graph, door), search: mode !== "1:1" };
  const missing = lacking(wanted, context.papers, context.pack, context.now);
  return missing.map((variant) => ({ ...hit, params: { variant, door: doorName(door) } }));
}

/**
 * No face before its papers: the owners' decision, the notice on the doors for its days, the impact assessment with the
 * question of necessity answered, all of them about what is really deployed (RD-16, RD-29, RD-56, RD-57).
 */
export const noticeInForce: Rule = {
  id: "notice-in-force",
  severity: "refuse",
  article: ["PIPL 17, 30, 55", "Order 19 (2025) art. 5, 9, 15", "Civil Code 278", "GDPR 13, 35"],
  check: (graph, context) => {
    const site = graph.configs("limen-site")[0];
    if (demonstrates(site, graph)) return [];
    return graph.of("face-match").flatMap((face) => check(graph, face, site, context));
  },
};
