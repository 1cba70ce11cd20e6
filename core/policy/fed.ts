import type { Graph, Vertex } from "./graph/types.ts";
import { conduits, isSensing } from "./kinds.ts";
import { covers } from "./topics.ts";

/** Where a reader can really be: each with the config node it is nothing without. */
const lines: Readonly<Record<string, readonly [field: string, type: string][]>> = {
  "mqtt in": [["broker", "mqtt-broker"]],
  "serial in": [["serial", "serial-port"]],
  "modbus-read": [["server", "modbus-client"]],
  "websocket in": [
    ["server", "websocket-listener"],
    ["client", "websocket-client"],
  ],
  "tcp in": [],
  "udp in": [],
  "rpi-gpio in": [],
};

/** Whether a node hears a device: of a type that can, and with its broker or line set up. What asks by HTTP is no reader. */
function isReader(graph: Graph, vertex: Vertex): boolean {
  const { type, config } = vertex;
  const wanted = Object.hasOwn(lines, type) ? lines[type] : undefined;
  if (!wanted) return false;
  if (type === "mqtt in" && (typeof config.topic !== "string" || config.topic === "")) return false;
  return wanted.length === 0 || wanted.some(([field, of]) => graph.config(config[field], of, vertex));
}

/** The one topic a switch sends out of a port for certain; undefined where it may never send anything there. */
function topicAt({ config }: Vertex, port: number): string | undefined {
  if (config.property !== "topic" || (config.propertyType ?? "msg") !== "msg") return undefined;
  const rules = Array.isArray(config.rules) ? (config.rules as Array<Record<string, unknown> | null>) : [];
  const [rule, ...before] = rules.slice(0, port + 1).reverse();
  const exact = rule?.t === "eq" && (rule.vt ?? "str") === "str" && typeof rule.v === "string";
  if (!exact) return undefined;
  const first = config.checkall === "false" || config.checkall === false;
  const free =
    !first || before.every((each) => each?.t === "eq" && (each.vt ?? "str") === "str" && each.v !== rule.v);
  return free ? String(rule.v) : undefined;
}

/**
 * Whether a sensing node has a reader at all: on a bus, or over wires from a device (an inject is a test). Nothing on the
 * way may hold its messages back or put others in their place: a switch counts where it tells topics apart that come.
 */
export function isFed(graph: Graph, sensor: Vertex): boolean {
  if (graph.config(sensor.config.bus, "limen-bus", sensor)) return true;
  const seen = new Set<string>();
  const open: Array<{ at: number; topic: string | undefined }> = [{ at: sensor.index, topic: undefined }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { at, topic } = next;
    for (const { to, port, kind } of graph.into[at]!) {
      if (kind !== "wire") continue;
      const from = graph.vertices[to]!;
      if (isSensing(from.type)) continue;
      if (isReader(graph, from)) {
        if (topic === undefined || (from.type === "mqtt in" && covers(String(from.config.topic), topic)))
          return true;
        continue;
      }
      const told = from.type === "switch" ? topicAt(from, port) : undefined;
      const passes = conduits.has(from.type) || from.type === "json" || told !== undefined;
      if (!passes || (told !== undefined && topic !== undefined && told !== topic)) continue;
      const state = { at: to, topic: told ?? topic };
      const key = `${to} ${state.topic ?? ""}`;
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(state);
    }
  }
  return false;
}
