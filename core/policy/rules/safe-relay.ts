import type { Graph, Vertex } from "../graph/types.ts";
import { reach } from "../graph/walk.ts";
import { passing, sinks } from "../kinds.ts";
import { type Published, published, topicOf } from "../published.ts";
import { doorId, doorOf, isOn } from "../site.ts";
import { overlap } from "../topics.ts";
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
  if (
    !onBus &&
    !reached.some((to) => to.type === "mqtt out" && graph.config(to.config.broker, "mqtt-broker", to))
  )
    return [{ node: relay.id, params: { variant: "unwired", relay: relay.label, to: "" } }];
  return reached.flatMap((vertex): Hit[] => {
    const variant = harm(vertex);
    return variant ? [{ node: vertex.id, params: { variant, relay: relay.label, to: vertex.label } }] : [];
  });
}

/** Where a relay's device can be told anything: its topic and what lies beside it, as the device names its topics. */
function deviceOf(graph: Graph, relay: Vertex): (topic: string) => boolean {
  const topic = topicOf(graph, relay);
  const { drive } = relay.config;
  const levels = topic.split("/");
  const last = levels.at(-1) ?? "";
  const within = (prefix: readonly string[]) => (other: string) =>
    prefix.length > 0 && overlap(other, [...prefix, "#"].join("/"));
  switch (drive ?? "shelly") {
    case "tasmota":
      return within(levels); // cmnd/<device>/…
    case "shelly":
      return within(levels.length > 1 ? levels.slice(0, -1) : levels); // <device>/rpc, <device>/command/…
    case "esphome":
      return within(levels.length > 3 ? levels.slice(0, -3) : levels); // <device>/switch/<id>/command
    case "zigbee2mqtt": {
      const device = within(/^[sg]et$/.test(last) ? levels.slice(0, -1) : levels);
      const bridge = within([levels[0] ?? "", "bridge"]);
      return (other) => device(other) || bridge(other);
    }
    default:
      return within(/^(?:set|cmd|command)$/.test(last) ? levels.slice(0, -1) : levels);
  }
}

/** Whether what a node has an `mqtt out` publish is a relay's own command. */
const isCommand = ({ from, port }: Published): boolean => from.type === "relay-out" && port === commandPort;

/** Ways around the relay node over the broker: something else that could publish where a relay's device listens. */
function around(graph: Graph, relays: readonly Vertex[]): Hit[] {
  const devices = relays
    .filter(({ config }) => config.drive !== "bus")
    .map((relay) => [topicOf(graph, relay), deviceOf(graph, relay)] as const);
  if (devices.length === 0) return [];
  return graph.of("mqtt out").flatMap((out): Hit[] => {
    for (const each of published(graph, out)) {
      if (isCommand(each)) continue;
      const { topic, from } = each;
      const relay = topic === undefined ? devices[0] : devices.find(([, listens]) => listens(topic));
      if (relay) return [{ node: out.id, params: { variant: "around", relay: relay[0], to: from.label } }];
    }
    return [];
  });
}

const here = /^(?:localhost|127(?:\.\d+){3}|::1|\[::1\]|0\.0\.0\.0|)$/i;
const host = (value: unknown): string => {
  const name = String(value ?? "")
    .replace(/^\w+:\/\//, "")
    .replace(/[:/].*$/, "")
    .toLowerCase();
  return here.test(name) ? "" : name;
};
const asks = (value: unknown): boolean => /^\$[{(]/.test(String(value ?? ""));
const same = (one: unknown, other: unknown): boolean =>
  asks(one) || asks(other) || String(one ?? "") === String(other ?? "");

/** Ways around the relay node past the broker: a line or a connection of one's own to what a relay listens to. */
function beside(graph: Graph, relays: readonly Vertex[]): Hit[] {
  const ports = graph.configs("limen-bus").map(({ config }) => config.port);
  const lines = graph.of("serial in", "serial out", "serial request").flatMap((line): Hit[] => {
    const port = graph.config(line.config.serial, "serial-port", line)?.config.serialport;
    const bus = port === undefined ? undefined : ports.find((each) => same(each, port));
    if (bus === undefined) return [];
    return [{ node: line.id, params: { variant: "bus-line", relay: String(bus), to: line.label } }];
  });
  if (!relays.some(({ config }) => config.drive !== "bus")) return lines;
  const brokers = graph.configs("mqtt-broker").map(({ config }) => config);
  const sockets = graph.of("tcp out", "tcp request").flatMap((socket): Hit[] => {
    const { type, config } = socket;
    if (type === "tcp out" && (config.beserver ?? "client") !== "client") return [];
    const address = type === "tcp request" ? config.server : config.host;
    const open = type === "tcp request" && String(address ?? "") === ""; // the message names it
    const broker = brokers.find(
      (each) =>
        open ||
        ((asks(address) || asks(each.broker) || host(address) === host(each.broker)) &&
          same(config.port, each.port)),
    );
    if (!broker) return [];
    return [
      { node: socket.id, params: { variant: "raw", relay: topicOf(graph, relays[0]!), to: socket.label } },
    ];
  });
  return [...lines, ...sockets];
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
    return [...hits, ...around(graph, relays), ...beside(graph, relays)];
  },
};
