import { relayTopic, topicBefore } from "../devices/relays/topics.ts";
import type { Graph, Vertex } from "./graph/types.ts";
import { passing } from "./kinds.ts";
import { doorId, doorOf } from "./site.ts";

/** What an `mqtt out` may publish at the word of one node. */
export interface Published {
  readonly from: Vertex;
  /** The output of `from` it leaves by; -1 for an error or completion. */
  readonly port: number;
  /** The topic, or a filter it lies within; undefined: any at all. */
  readonly topic: string | undefined;
}

/** The topic a relay's device listens to, as its node sends it. */
export function topicOf(graph: Graph, relay: Vertex): string {
  const door = doorOf(graph, relay);
  const { drive, topic, version } = relay.config;
  const set = typeof topic === "string" ? topic : version === 1 ? topicBefore : "";
  return relayTopic(typeof drive === "string" ? drive : "shelly", set, door ? doorId(door) : "");
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The topic a node on the way gives every message; undefined: it leaves it alone; null: nobody can say which. */
function given({ type, config }: Vertex): string | null | undefined {
  if (type === "template" && (config.fieldType ?? "msg") === "msg" && config.field === "topic") {
    const template = text(config.template);
    return template.includes("{{") ? null : template;
  }
  if (type === "link call") return null; // whatever comes back
  if (type !== "change" || !Array.isArray(config.rules)) return undefined;
  let topic: string | null | undefined;
  for (const rule of config.rules as Array<Record<string, unknown> | null>) {
    const toTopic = rule?.t === "move" ? rule.to === "topic" && (rule.tot ?? "msg") === "msg" : false;
    const ofTopic = /^topic\b/.test(text(rule?.p)) && (rule?.pt ?? "msg") === "msg";
    if (toTopic) topic = null;
    else if (!ofTopic) continue;
    else if (rule?.t === "set")
      topic = (rule.tot ?? "str") === "str" && rule.p === "topic" ? text(rule.to) : null;
    else topic = rule?.t === "delete" || rule?.t === "move" ? "" : null;
  }
  return topic;
}

/** The topic of what a node sends of itself; undefined: any. */
function spoken(graph: Graph, from: Vertex, port: number): string | undefined {
  const { type, config } = from;
  if (port === -1) return undefined;
  if (type === "relay-out") return port === 1 ? topicOf(graph, from) : text(from.config.door);
  if (type.startsWith("ui-limen")) return undefined;
  if (ours.has(type)) return ""; // the door's id, or what Home Assistant reads: never one a device listens to
  if (type === "mqtt in") return text(config.topic) || undefined;
  if (type !== "inject") return undefined;
  const props = Array.isArray(config.props)
    ? (config.props as Array<Record<string, unknown> | null>)
    : undefined;
  const prop = props?.find((each) => each?.p === "topic");
  if (props && !prop) return "";
  return (prop?.vt ?? "str") === "str" ? text(prop?.v) || text(config.topic) : undefined;
}

const ours = new Set([
  "ha-discovery",
  "door-watch",
  "audit-log",
  "entry-rule",
  "consent-check",
  "card-read",
  "pin-read",
  "pass-read",
  "face-match",
  "face-enrol",
  "guard-open",
  "resident-desk",
  "retention-rule",
]);

/**
 * Everything an `mqtt out` may publish: of each node it hears, over nodes that only pass on, with the topic that is certain
 * of it. Its own topic, where it has one, is the only one it publishes on.
 */
export function published(graph: Graph, out: Vertex): Published[] {
  const own = text(out.config.topic);
  const found: Published[] = [];
  const seen = new Set<string>();
  /** `topic`: as given nearest to the broker; null: by nobody yet. */
  const open: Array<{ at: number; topic: string | undefined | null }> = [
    { at: out.index, topic: own === "" ? null : own },
  ];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, topic } = next;
    for (const { to, port } of graph.into[at]!) {
      const from = graph.vertices[to]!;
      const key = `${to} ${port} ${String(topic)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (!passing.has(from.type)) {
        found.push({ from, port, topic: topic === null ? spoken(graph, from, port) : topic });
        continue;
      }
      let now = topic;
      if (topic === null) {
        const set = given(from);
        if (set !== undefined) now = set ?? undefined;
      }
      open.push({ at: to, topic: now });
    }
  }
  return found;
}
