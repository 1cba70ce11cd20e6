import type { Papers } from "../context.ts";
import type { ConfigNode, Graph, Vertex } from "../graph/types.ts";
import { materialFacts } from "../material.ts";
import { outside, type Pack } from "../packs.ts";
import { doorId, doorName, doorOf, isOn } from "../site.ts";
import type { Hit, Rule, RuleContext } from "./rule.ts";

const dayMs = 86_400_000;
const time = (text: string | undefined): number => (text === undefined ? Number.NaN : Date.parse(text));

/** Which papers a face at this door still lacks: fixed words, each a sentence of this rule. */
function lacking(door: string, facts: string, search: boolean, context: RuleContext): string[] {
  const { papers, pack } = context;
  if (!papers) return [...(needsVote(pack) ? ["decision"] : []), "notice", "assessment"];
  if (papers.unreadable) return ["unreadable"];
  return [
    ...decisionLacks(door, papers, pack),
    ...noticeLacks(door, facts, papers, context),
    ...assessmentLacks(facts, search, papers),
    ...filingLacks(papers, pack),
  ];
}

/** Only Chinese law lets owners decide it; elsewhere nobody else's vote stands before a person's own consent. */
const needsVote = (pack: Pack): boolean => pack.bounds["vote.quorum"] !== undefined;

function decisionLacks(door: string, { decision }: Papers, pack: Pack): string[] {
  if (!needsVote(pack)) return [];
  if (!decision || Number.isNaN(time(decision.at)) || !decision.doors.includes(door)) return ["decision"];
  const short =
    outside(pack, "vote.quorum", decision.quorum ?? 0) ?? outside(pack, "vote.agreed", decision.agreed ?? 0);
  return short ? ["vote"] : [];
}

function noticeLacks(door: string, facts: string, papers: Papers, { pack, now }: RuleContext): string[] {
  const { notice, commissionedAt } = papers;
  const published = time(notice?.publishedAt);
  if (!notice || Number.isNaN(published) || !notice.doors.includes(door)) return ["notice"];
  const days = pack.bounds["notice.days"]?.min ?? 0;
  const started = time(commissionedAt);
  return [
    ...(notice.facts === facts ? [] : ["notice-stale"]),
    ...(notice.signsUp ? [] : ["signs"]),
    ...(time(now) - published < days * dayMs ? ["notice-period"] : []),
    ...(started < published ? ["notice-late"] : []),
  ];
}

function assessmentLacks(facts: string, search: boolean, { assessment }: Papers): string[] {
  if (!assessment || Number.isNaN(time(assessment.at))) return ["assessment"];
  return [
    ...(assessment.facts === facts ? [] : ["assessment-stale"]),
    ...(assessment.necessity.trim() === "" ? ["necessity"] : []),
    ...(search && (assessment.search ?? "").trim() === "" ? ["search"] : []),
  ];
}

function filingLacks({ facesHeld, filedAt }: Papers, pack: Pack): string[] {
  const over = outside(pack, "filing.persons", facesHeld ?? 1);
  return over?.side === "above" && filedAt === undefined ? ["filing"] : [];
}

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
  const facts = materialFacts(graph, door);
  const missing = lacking(hit.door, facts, face.config.mode !== "1:1", context);
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
