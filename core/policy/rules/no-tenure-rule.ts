import type { Graph, Vertex } from "../graph/types.ts";
import { reach } from "../graph/walk.ts";
import { attemptNodes, isSensing } from "../kinds.ts";
import type { Rule } from "./rule.ts";

/** What somebody is, as a setting, a property or a comparison would name it. */
const standing =
  /tenan(?:t|cy)|tenure|lessee|\brenters?\b|\bowners?\b|landlord|\bhukou\b|nationalit|ethnic|\borigin\b|birth|\bage\b|\belderly\b|gender|租户|租戶|租客|租住|业主|業主|房东|房東|户籍|戶籍|籍贯|籍貫|民族|流动人口|流動人口|外来|外來|外地|年龄|年齡|老人|性别|性別/i;
/** Picking the way by who it is does the same with other words. */
const somebody = /^(?:payload\.)?(?:person|credential)\b/;
/** What an installer may call things: the words mean nothing there. */
const names = new Set([
  "id",
  "type",
  "z",
  "g",
  "name",
  "label",
  "info",
  "wires",
  "links",
  "x",
  "y",
  "env",
  "func",
]);

function mentions(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return standing.exec(value)?.[0];
  if (typeof value !== "object" || value === null || depth > 10) return undefined;
  for (const [key, item] of Object.entries(value)) {
    if (depth === 0 && names.has(key)) continue;
    const found = standing.exec(key.replace(/([a-z])([A-Z])/g, "$1 $2"))?.[0] ?? mentions(item, depth + 1);
    if (found) return found;
  }
  return undefined;
}

/** The word by which a node tells kinds of residents apart, if it does. */
function word(vertex: Vertex, onTheWay: boolean): string | undefined {
  const { type, config } = vertex;
  if (isSensing(type) || attemptNodes.has(type) || type === "relay-out") return mentions(config);
  if (!onTheWay) return undefined;
  if (type === "switch") {
    const property = String(config.property ?? "");
    return somebody.test(property) ? property : mentions(config);
  }
  return type === "change" || type === "template" ? mentions(config) : undefined;
}

const onTheWays = (graph: Graph): ReadonlyMap<number, number> =>
  reach(
    graph.out,
    graph.vertices.filter(({ type }) => isSensing(type)).map(({ index }) => index),
  );

/** Which ways somebody has never depends on owning or renting, on origin or on age (RD-06). */
export const noTenureRule: Rule = {
  id: "no-tenure-rule",
  severity: "refuse",
  article: ["法释〔2021〕15号 art. 10 (owners and users alike)", "PIPL 5, 16", "GDPR 5(1)(a)"],
  check: (graph) => {
    const reached = onTheWays(graph);
    return graph.vertices.flatMap((vertex) => {
      const found = word(vertex, reached.has(vertex.index));
      return found ? [{ node: vertex.id, params: { node: vertex.label, word: found } }] : [];
    });
  },
};
