import type { Graph, Vertex } from "../graph/types.ts";
import { reach } from "../graph/walk.ts";
import { passing, sinks } from "../kinds.ts";
import { doorId, doorOf, isOn } from "../site.ts";
import { covers } from "../topics.ts";
import type { Hit, Rule } from "./rule.ts";

/** Output of `relay-out` that carries the command; the other only tells what happened. */
const commandPort = 1;
const toggles = /toggle|翻转|翻轉|切换|切換/i;
/** Nodes a command may pass: they change nothing and hold nothing back. */
const plain = new Set(["link in", "link out", "junction", "switch", "limen:subflow-in", "limen:subflow-out"]);

/** What an open command must not come to; undefined where it may. */
function harm({ type, config }: Vertex): string | undefined {
  if (type === "mqtt out") return isOn(config.retain) ? "retained" : undefined;
  if (plain.has(type) || type === "debug" || type === "comment") return undefined;
  if (toggles.test(JSON.stringify(config))) return "toggle";
  if (type === "delay" || type === "trigger") return "delayed";
  if (passing.has(type) || type === "function") return "rewritten";
  return Object.hasOwn(sinks, type) ? "one-way" : "unseen";
}

/** Where the commands of a relay go. */
function commands(graph: Graph, relay: Vertex): Vertex[] {
  const ahead = reach(
    graph.out,
    [relay.index],
    (from, { kind, port }) =>
      kind !== "side" &&
      (from === relay.index ? port === commandPort : passing.has(graph.vertices[from]!.type)),
  );
  return [...ahead.keys()].filter((index) => index !== relay.index).map((index) => graph.vertices[index]!);
}

function onTheWay(graph: Graph, relay: Vertex): Hit[] {
  const onBus = relay.config.drive === "bus";
  if (onBus && !graph.config(relay.config.bus, "limen-bus", relay))
    return [{ node: relay.id, params: { variant: "no-bus", relay: relay.label, to: "" } }];
  const reached = commands(graph, relay);
  if (!onBus && !reached.some(({ type }) => type === "mqtt out"))
    return [
      { node: relay.id, severity: "advise", params: { variant: "unwired", relay: relay.label, to: "" } },
    ];
  return reached.flatMap((vertex): Hit[] => {
    const variant = harm(vertex);
    return variant ? [{ node: vertex.id, params: { variant, relay: relay.label, to: vertex.label } }] : [];
  });
}

/** The topic a relay listens to, as its node sends it. */
function topicOf(graph: Graph, relay: Vertex): string {
  const door = doorOf(graph, relay);
  const topic = typeof relay.config.topic === "string" ? relay.config.topic : "limen/{door}/relay/set";
  return topic.replaceAll("{door}", door ? doorId(door) : "");
}

/** Whether a node that is not the relay could name its topic: it is written there, or what it does cannot be seen. */
function names(vertex: Vertex, topic: string): boolean {
  const { type, config } = vertex;
  if (type === "mqtt in") return covers(String(config.topic ?? ""), topic);
  if (type === "function" || type === "link call" || type === "exec") return true;
  return JSON.stringify(config).includes(topic);
}

/** Ways around the relay node: something else that could publish on a relay's topic. */
function around(graph: Graph, relays: readonly Vertex[]): Hit[] {
  const topics = relays.filter(({ config }) => config.drive !== "bus").map((relay) => topicOf(graph, relay));
  if (topics.length === 0) return [];
  return graph.of("mqtt out").flatMap((out): Hit[] => {
    const fixed = typeof out.config.topic === "string" ? out.config.topic : "";
    const threatened = topics.filter(
      (topic) => fixed === "" || fixed === topic || fixed.startsWith(`${topic}/`),
    );
    if (threatened.length === 0) return [];
    const back = reach(
      graph.into,
      [out.index],
      (at) => at === out.index || passing.has(graph.vertices[at]!.type),
    );
    const others = [...back.keys()]
      .map((index) => graph.vertices[index]!)
      .filter((vertex) => vertex.index !== out.index && vertex.type !== "relay-out");
    const from = others.find(
      (vertex) =>
        (fixed === "" || passing.has(vertex.type) === false) &&
        (fixed !== "" || threatened.some((topic) => names(vertex, topic))),
    );
    return from
      ? [{ node: out.id, params: { variant: "around", relay: threatened[0]!, to: from.label } }]
      : [];
  });
}

/**
 * A lock is told to open once, by the relay node alone, in a message nobody keeps and a device that times itself: never
 * retained, late, rewritten, toggled, or sent down a wire that cannot say OFF again.
 */
export const safeRelay: Rule = {
  id: "safe-relay",
  severity: "refuse",
  article: ["消防法 16, 28", "IEC 60839-11-1", "MQTT 5, 3.3.1.3 and 3.3.2.3.3"],
  check: (graph) => {
    const relays = graph.of("relay-out");
    const hits = relays.flatMap((relay) => {
      const door = doorOf(graph, relay);
      return onTheWay(graph, relay).map((hit) => (door ? { ...hit, door: doorId(door) } : hit));
    });
    return [...hits, ...around(graph, relays)];
  },
};
