import type { Graph, Vertex } from "../graph/types.ts";
import { reach } from "../graph/walk.ts";
import { isSensing, passing } from "../kinds.ts";
import { outside } from "../packs.ts";
import type { Hit, Rule, RuleContext } from "./rule.ts";

/** Classes of data the nodes of a flow produce, which nothing else bounds: a template goes with its consent. */
const classesOf = (graph: Graph): Map<string, Vertex> => {
  const first = graph.vertices.find(({ type }) => isSensing(type) || type === "audit-log");
  return new Map(first ? [["entry-events", first]] : []);
};

const daySeconds = 86_400;

/** Whether an inject fires by itself at least once a day: every so many seconds, or at times of every day. */
function isDaily({ repeat, crontab }: Readonly<Record<string, unknown>>): boolean {
  const seconds = Number(repeat ?? 0);
  if (seconds > 0 && seconds <= daySeconds) return true;
  const fields = typeof crontab === "string" ? crontab.trim().split(/\s+/) : [];
  return (
    (fields.length === 5 || fields.length === 6) &&
    fields.slice(-3).every((field, at) => field === "*" || (at === 2 && /^(?:0-6|1-7)$/.test(field)))
  );
}

/** Whether a clock really runs a rule: an inject that repeats, over nodes that only pass on. */
function isDriven(graph: Graph, rule: Vertex): boolean {
  const back = reach(
    graph.into,
    [rule.index],
    (at, { kind }) => kind === "wire" && (at === rule.index || passing.has(graph.vertices[at]!.type)),
  );
  return [...back.keys()].some((index) => {
    const { type, config } = graph.vertices[index]!;
    return type === "inject" && isDaily(config);
  });
}

function judge(graph: Graph, rule: Vertex, { pack }: RuleContext): Hit[] {
  const kind = String(rule.config.class ?? "entry-events");
  const wrong = outside(pack, `retention.${kind}.days`, Number(rule.config.days));
  const params = { node: rule.label, class: `@data.${kind}` };
  if (wrong) {
    const { side, bound, value, article } = wrong;
    return [{ node: rule.id, article: [article], params: { ...params, variant: side, bound, days: value } }];
  }
  return isDriven(graph, rule) ? [] : [{ node: rule.id, params: { ...params, variant: "no-clock" } }];
}

/** Every class of data a flow produces has its days stated, within the law's bounds, and a clock that runs it (RD-43, RD-44). */
export const retentionStated: Rule = {
  id: "retention-stated",
  severity: "refuse",
  article: ["PIPL 17, 19", "GDPR 5(1)(e), 13(2)(a)", "BIPA 740 ILCS 14/15(a)"],
  check: (graph, context) => {
    const running = graph.of("retention-rule").filter(({ config }) => config.mode !== "preview");
    const stated = new Set(running.map(({ config }) => String(config.class ?? "entry-events")));
    const missing = [...classesOf(graph)]
      .filter(([kind]) => !stated.has(kind))
      .map(
        ([kind, node]): Hit => ({ node: node.id, params: { variant: "missing", class: `@data.${kind}` } }),
      );
    return [...missing, ...running.flatMap((rule) => judge(graph, rule, context))];
  },
};
