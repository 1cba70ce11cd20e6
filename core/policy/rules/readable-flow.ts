import type { ConfigNode, Graph } from "../graph/types.ts";
import { isPackId } from "../packs.ts";
import { doorId } from "../site.ts";
import type { Hit, Rule, RuleContext } from "./rule.ts";

const ofFile = (graph: Graph): Hit[] =>
  graph.problems.map(({ kind, node, field }) => ({
    node,
    params: { variant: kind, node, ...(field === undefined ? {} : { field }) },
  }));

/** Everything after the first of several that share what only one may have. */
const repeated = (
  nodes: readonly ConfigNode[],
  nameOf: (node: ConfigNode) => string,
  variant: string,
): Hit[] =>
  nodes.flatMap((node, index): Hit[] => {
    const name = nameOf(node);
    const first = nodes.findIndex((other) => nameOf(other) === name) === index;
    return first ? [] : [{ node: node.id, params: { variant, node: name } }];
  });

/** What the vault would not take: then nothing is configured, and no door opens for anybody. */
function ofSite(graph: Graph): Hit[] {
  const sites = graph.configs("limen-site");
  const doors = graph.configs("limen-door");
  const [site] = sites;
  const missing = !site && doors[0] ? [{ node: doors[0].id, params: { variant: "site-missing" } }] : [];
  const pack = String(site?.config.pack ?? "cn");
  const unknown =
    site && !isPackId(pack) ? [{ node: site.id, params: { variant: "pack-unknown", node: pack } }] : [];
  return [
    ...missing,
    ...unknown,
    ...repeated(sites, () => "", "site-twice"),
    ...repeated(doors, doorId, "door-twice"),
    ...repeated(
      graph.configs("limen-camera"),
      ({ id, config }) => String(config.camera ?? id),
      "camera-twice",
    ),
  ];
}

/** What the nodes themselves would not start with, where somebody is there who knows. */
function ofNodes(graph: Graph, { nodeFault }: RuleContext): Hit[] {
  if (!nodeFault) return [];
  const told = new Set<string>();
  return graph.vertices.flatMap(({ id, type, config, label }): Hit[] => {
    if (type.startsWith("limen:") || told.has(id)) return [];
    const fault = nodeFault(type, config);
    if (!fault) return [];
    told.add(id); // each copy in a subflow has the same
    const { variant, field = "" } = fault;
    return [{ node: id, params: { variant, node: label, type, field } }];
  });
}

/**
 * The flow means one thing, and the box can run it: what cannot be read cannot be judged (two nodes of one id, a subflow
 * inside itself, a wire to nowhere, a setting only the environment knows), and what cannot be run opens no door.
 */
export const readableFlow: Rule = {
  id: "readable-flow",
  severity: "refuse",
  article: ["PIPL 51", "report: nobody could say what the system really did"],
  check: (graph, context) => [...ofFile(graph), ...ofSite(graph), ...ofNodes(graph, context)],
};
