import type { Edge, Graph, Vertex } from "../graph/types.ts";
import { reach } from "../graph/walk.ts";
import { attemptNodes, isSensing, passing, sinks, transports } from "../kinds.ts";
import type { Hit, Rule } from "./rule.ts";

/** Nodes whose messages are about a person: attempts, what the desk was told, an enrolment. */
const personal = ["face-enrol", "resident-desk", ...attemptNodes];
/** Our own nodes take what is personal and give nothing of it away. */
const keepers = new Set([...personal, "relay-out", "door-watch", "retention-rule", "comment"]);

interface Rewrite {
  t?: unknown;
  p?: unknown;
  pt?: unknown;
  to?: unknown;
  tot?: unknown;
}

const rewrites = ({ config }: Vertex): Rewrite[] =>
  Array.isArray(config.rules)
    ? config.rules.filter((rule): rule is Rewrite => typeof rule === "object" && rule !== null)
    : [];

const fixed = new Set(["str", "num", "bool", "json", "date", "bin"]);

/** A change node that throws the payload away before anything else: what leaves it is about nobody. */
function forgets(vertex: Vertex): boolean {
  if (vertex.type !== "change") return false;
  const first = rewrites(vertex)[0];
  if (first?.p !== "payload" || (first.pt ?? "msg") !== "msg") return false;
  return first.t === "delete" || (first.t === "set" && fixed.has(String(first.tot)));
}

/** A node that only passes on, but keeps a copy in context. */
function remembers(vertex: Vertex): boolean {
  if (vertex.type === "template")
    return vertex.config.fieldType === "flow" || vertex.config.fieldType === "global";
  return (
    vertex.type === "change" &&
    !forgets(vertex) &&
    rewrites(vertex).some(({ pt, tot }) => (pt === "flow" || pt === "global") && !fixed.has(String(tot)))
  );
}

/** Where a message that stands at a node is lost to us; `advise` for what an installer may want for an hour. */
function lost(vertex: Vertex): { variant: string; advise?: true } | undefined {
  const { type, config } = vertex;
  const sink = sinks[type];
  if (sink) return { variant: sink };
  if (remembers(vertex)) return { variant: "context" };
  if (type === "debug") {
    if (config.active === false) return undefined;
    return config.console === true || config.console === "true"
      ? { variant: "log" }
      : { variant: "debug", advise: true };
  }
  if (passing.has(type) || keepers.has(type) || type === "catch" || type === "complete") return undefined;
  if (type.startsWith("limen-") || type.startsWith("ui-limen")) return undefined;
  return { variant: /^ui[-_]/.test(type) ? "dashboard" : "unknown" };
}

/** Follows messages with what they carry; a node of ours keeps it, but an error beside it hands it on. */
const carried =
  (graph: Graph, sources: ReadonlySet<number>) =>
  (from: number, { kind }: Edge): boolean => {
    const vertex = graph.vertices[from]!;
    if (kind === "side" || sources.has(from)) return true;
    if (vertex.type === "catch" || vertex.type === "complete") return true;
    return passing.has(vertex.type) && !forgets(vertex);
  };

function leaks(graph: Graph, sources: readonly Vertex[], what: string): Hit[] {
  const starts = new Set(sources.map(({ index }) => index));
  const reached = reach(graph.out, starts, carried(graph, starts));
  return [...reached].flatMap(([index, before]): Hit[] => {
    if (starts.has(index)) return [];
    const vertex = graph.vertices[index]!;
    const found = lost(vertex);
    if (!found) return [];
    const advise = found.advise === true || (what === "reading" && found.variant === "function");
    const params = {
      variant: `${what}.${found.variant}`,
      to: vertex.label,
      from: graph.vertices[before]!.label,
    };
    return [{ node: vertex.id, params, ...(advise ? { severity: "advise" } : {}) }];
  });
}

/** Readers whose raw bytes are somebody's card number, PIN or pass. */
function readers(graph: Graph): Vertex[] {
  const sensors = graph.vertices.filter(({ type }) => isSensing(type) && type !== "face-match");
  const back = reach(
    graph.into,
    sensors.map(({ index }) => index),
    (at, { kind }) =>
      kind === "wire" && (isSensing(graph.vertices[at]!.type) || passing.has(graph.vertices[at]!.type)),
  );
  return [...back.keys()].map((index) => graph.vertices[index]!).filter(({ type }) => transports.has(type));
}

/**
 * What is about a person stays in the vault: no wire carries an attempt, a look-up or a reader's bytes to a network, a
 * file, a program, a function, the context or a page everyone sees (RD-33, RD-34, RD-60).
 */
export const noLeak: Rule = {
  id: "no-leak",
  severity: "refuse",
  article: ["Order 19 (2025) art. 8", "PIPL 23, 28, 38, 51", "GDPR 5(1)(c), 32", "BIPA 740 ILCS 14/15(d)"],
  check: (graph) => [
    ...leaks(graph, graph.of(...personal), "attempt"),
    ...leaks(graph, readers(graph), "reading"),
  ],
};
