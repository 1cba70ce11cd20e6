import type { PackId, Papers } from "./context.ts";
import type { Finding } from "./finding.ts";
import { readGraph } from "./graph/graph.ts";
import { loadPack } from "./packs.ts";
import { rules } from "./rules/index.ts";

/** What a node would not start with: a type nobody installed, a setting it refuses (by its field, `/format`). */
export interface NodeFault {
  variant: "type-unknown" | "settings-invalid";
  field?: string;
}

/**
 * Asked of every running node by whoever knows the nodes; the rules themselves know none.
 * @param config its settings, the environment filled in as far as the file says
 */
export type NodeCheck = (type: string, config: Readonly<Record<string, unknown>>) => NodeFault | undefined;

export interface LintOptions {
  /** Bounds to hold the flow to; without it the pack its `limen-site` names, else `cn`. */
  pack?: PackId;
  /** Decisions and publications; without them only a demonstration's faces can be armed. */
  papers?: Papers;
  /** For what depends on dates (a notice period). RFC 3339; without it nothing has run out. */
  now?: string;
  /** Without it no node's own settings are looked at. */
  nodeFault?: NodeCheck;
}

/**
 * Everything the flow rules have against a Node-RED flow. Pure; never throws on any array of objects: what cannot be
 * understood is a finding.
 * @param flow the whole flow as Node-RED stores it: tabs, subflows, groups, config nodes and nodes in any order.
 */
export function lint(flow: readonly object[], options: LintOptions = {}): Finding[] {
  const graph = readGraph(flow);
  const site = graph.configs("limen-site")[0];
  const pack = loadPack(options.pack ?? String(site?.config.pack ?? "cn"));
  const context = { pack, papers: options.papers, now: options.now, nodeFault: options.nodeFault };
  return rules.flatMap((rule) =>
    rule
      .check(graph, context)
      .map((hit) => ({ severity: rule.severity, article: rule.article, ...hit, rule: rule.id })),
  );
}
