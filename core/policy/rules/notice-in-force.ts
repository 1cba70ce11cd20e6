import type { ConfigNode, Graph, Vertex } from "../graph/types.ts";
import { articleOf, lacking } from "../in-force.ts";
import { materialFacts } from "../material.ts";
import { doorId, doorName, doorOf, isOn } from "../site.ts";
import type { Hit, Rule, RuleContext } from "./rule.ts";

/** Nodes that hear or move something outside the box and its broker. */
const hardware =
  /^(?:serial (?:in|out|request)|tcp (?:in|out|request)|udp (?:in|out)|modbus-[\w-]+|rpi-gpio (?:in|out))$/;
const onThisBox = /^(?:\w+:\/\/)?(?:localhost|127(?:\.\d+){3}|\[?::1\]?)(?:[:/]|$)/i;

/** What is real in a flow whose doors are all called simulated: papers of a demonstration do for none of it. */
function realThing(graph: Graph): string | undefined {
  const cameras = graph.configs("limen-camera").filter(({ config }) => config.kind !== "screen");
  const brokers = graph
    .configs("mqtt-broker")
    .filter(({ config }) => !onThisBox.test(String(config.broker ?? "")));
  const config = [...cameras, ...graph.configs("limen-bus"), ...brokers][0];
  if (config) return String(config.config.name || config.config.camera || config.config.port || config.id);
  return graph.vertices.find(({ type }) => hardware.test(type))?.label;
}

/** Demonstration papers arm simulated doors, and only a site that has no other. */
const allSimulated = (graph: Graph): boolean =>
  graph.configs("limen-door").every(({ config }) => isOn(config.simulated));

function check(graph: Graph, face: Vertex, site: ConfigNode | undefined, context: RuleContext): Hit[] {
  const door = doorOf(graph, face);
  if (!door) return []; // doors-only says it
  const hit = { node: face.id, door: doorId(door) };
  if (site && isOn(site.config.demonstration)) {
    const real = allSimulated(graph) ? realThing(graph) : undefined;
    if (allSimulated(graph) && real === undefined) return [];
    const variant = real === undefined ? "demonstration" : "real-thing";
    return [{ ...hit, params: { variant, door: doorName(door), real: real ?? "" } }];
  }
  const { mode } = face.config;
  const wanted = { id: hit.door, facts: materialFacts(graph, door), search: mode !== "1:1" };
  const missing = lacking(wanted, context.papers, context.pack, context.now);
  return missing.map((variant) => {
    const article = articleOf(variant, hit.door, context.papers, context.pack);
    return { ...hit, params: { variant, door: doorName(door) }, ...(article && { article: [article] }) };
  });
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
    return graph.of("face-match").flatMap((face) => check(graph, face, site, context));
  },
};
