import { carriedBy, type Holds } from "../carried.ts";
import { statusType } from "../graph/expand.ts";
import type { Graph, Vertex } from "../graph/types.ts";
import { attemptNodes, isSensing, passing, sinks, transports } from "../kinds.ts";
import { isOn } from "../site.ts";
import { overlap } from "../topics.ts";
import type { Hit, Rule } from "./rule.ts";

/** Nodes whose messages are about a person: attempts, what the desk was told, an enrolment. */
const personal = ["face-enrol", "resident-desk", ...attemptNodes];
/** Our own nodes take what is personal and give nothing of it away. */
const keepers = new Set([...personal, "relay-out", "door-watch", "retention-rule", "comment"]);

/** Where a message that stands at a node is lost to us; `advise` for what an installer may want for an hour. */
function lost(vertex: Vertex, holds: Holds): { variant: string; advise?: true } | undefined {
  const { type, config } = vertex;
  const sink = sinks[type];
  if (sink) return { variant: sink };
  if (type === statusType) return { variant: "subflow-status" };
  if (type === "debug") {
    // a debug node that is switched off still writes to the log and on itself
    if (isOn(config.console)) return { variant: "log" };
    if (isOn(config.tostatus)) return { variant: "status" };
    return config.active === false ? undefined : { variant: "debug", advise: true };
  }
  if (passing.has(type)) return carriedBy(vertex, holds).keeps ? { variant: "context" } : undefined;
  if (keepers.has(type) || type === "catch" || type === "complete") return undefined;
  if (type.startsWith("limen-") || type.startsWith("ui-limen")) return undefined;
  return { variant: /^ui[-_]/.test(type) ? "dashboard" : "unknown" };
}

/** Sources, each with where in its messages the person is. */
type Sources = ReadonlyMap<number, Holds>;

function leaks(graph: Graph, sources: Sources, what: string): Hit[] {
  const hits = new Map<number, Hit>();
  const seen = new Set<string>();
  const open: Array<{ at: number; holds: Holds; first: boolean }> = [...sources].map(([at, holds]) => ({
    at,
    holds,
    first: true,
  }));
  for (let head = 0; head < open.length; head++) {
    const { at, holds, first } = open[head]!;
    const vertex = graph.vertices[at]!;
    const onward = passing.has(vertex.type) || vertex.type === "catch" || vertex.type === "complete";
    const left = first ? holds : onward ? carriedBy(vertex, holds).holds : undefined;
    for (const { to, kind } of graph.out[at]!) {
      // a node of ours keeps what comes, but an error beside it hands it on
      const now = kind === "side" ? holds : left;
      if (now === undefined || seen.has(`${to} ${now}`)) continue;
      seen.add(`${to} ${now}`);
      if (sources.has(to)) continue;
      open.push({ at: to, holds: now, first: false });
      const found = lost(graph.vertices[to]!, now);
      if (found && !hits.has(to)) hits.set(to, hitAt(graph.vertices[to]!, vertex, what, found));
    }
  }
  return [...hits.values()];
}

function hitAt(to: Vertex, from: Vertex, what: string, found: { variant: string; advise?: true }): Hit {
  const advise = found.advise === true || (what === "reading" && found.variant === "function");
  const variant = what === "picture" ? what : `${what}.${found.variant}`;
  const params = { variant, to: to.label, from: from.label };
  return { node: to.id, params, ...(advise ? { severity: "advise" } : {}) };
}

/** What else of these nodes' messages than the payload is about a person is not looked into. */
const payloadOnly = new Set(["mqtt in", "serial in", "face-enrol", "resident-desk", ...attemptNodes]);
const asSources = (vertices: readonly Vertex[]): Sources =>
  new Map(vertices.map(({ index, type }) => [index, payloadOnly.has(type) ? "payload" : "anywhere"]));

/** Nodes before a reader that send nothing of a person's: a test, and what only tells that something happened. */
const harmless = new Set(["inject", "comment", "catch", "complete", "status", "relay-out", "door-watch"]);

/** Whatever a sensing node hears, over whatever is between: its messages are somebody's card number, PIN or pass. */
function heard(graph: Graph): Vertex[] {
  const sensors = graph.vertices.filter(({ type }) => isSensing(type) && type !== "face-match");
  const seen = new Set(sensors.map(({ index }) => index));
  const open = [...seen];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const { to, kind } of graph.into[at]!) {
      const { type } = graph.vertices[to]!;
      if (kind === "side" || seen.has(to) || harmless.has(type) || personal.includes(type)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return [...seen]
    .map((index) => graph.vertices[index]!)
    .filter(({ type }) => !personal.includes(type) && !passing.has(type));
}

/** What a node listens to, in one word: nodes of one kind with the same hear the same. */
function placeOf(graph: Graph, vertex: Vertex): string | undefined {
  const { type, config } = vertex;
  if (type === "serial in" || type === "serial request") {
    const port = graph.config(config.serial, "serial-port", vertex);
    return port && `serial ${String(port.config.serialport ?? port.id)}`;
  }
  if (type === "modbus-read") return `modbus ${String(config.server)}`;
  if (type === "websocket in") return `websocket ${String(config.server)} ${String(config.client)}`;
  if (!transports.has(type) || type === "mqtt in") return undefined;
  return `${type} ${String(config.host ?? "")} ${String(config.port ?? config.url ?? config.pin ?? "")}`;
}

const filterOf = ({ type, config }: Vertex): string | undefined =>
  type === "mqtt in" && typeof config.topic === "string" ? config.topic : undefined;

/** Readers, and whatever else listens where a reader speaks. */
function readers(graph: Graph): Vertex[] {
  const here = heard(graph);
  const places = new Set(here.flatMap((vertex) => placeOf(graph, vertex) ?? []));
  const topics = here.flatMap((vertex) => filterOf(vertex) ?? []);
  const known = new Set(here);
  const beside = graph.of(...transports, "serial request").filter((vertex) => {
    const topic = filterOf(vertex);
    return (
      !known.has(vertex) &&
      (topic === undefined
        ? places.has(placeOf(graph, vertex) ?? "")
        : topics.some((each) => overlap(each, topic)))
    );
  });
  return [...here, ...beside];
}

const hostOf = (url: unknown): string | undefined => /^\w+:\/\/(?:[^/@]*@)?([^/:?#]+)/.exec(String(url))?.[1];

/** Nodes that hear or fetch what a camera sees. */
function pictures(graph: Graph): Vertex[] {
  const cameras = graph.configs("limen-camera").map(({ config }) => config);
  const topics = cameras.flatMap(({ kind, topic }) =>
    kind === "mqtt" && typeof topic === "string" ? [topic] : [],
  );
  const hosts = new Set(cameras.flatMap(({ url }) => hostOf(url) ?? []));
  return [
    ...graph.of("mqtt in").filter((vertex) => topics.some((topic) => overlap(topic, filterOf(vertex) ?? ""))),
    ...graph.of("http request").filter(({ config }) => hosts.has(hostOf(config.url) ?? "")),
  ];
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
    ...leaks(graph, asSources(graph.of(...personal)), "attempt"),
    ...leaks(graph, asSources(readers(graph)), "reading"),
    ...leaks(graph, asSources(pictures(graph)), "picture"),
  ],
};
