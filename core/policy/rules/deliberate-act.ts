import { onCycles } from "../graph/cycles.ts";
import type { Graph, Vertex } from "../graph/types.ts";
import { reach } from "../graph/walk.ts";
import { hubType } from "../graph/wire.ts";
import { isSensing, passing } from "../kinds.ts";
import { published } from "../published.ts";
import { doorId, doorOf } from "../site.ts";
import { covers, overlap } from "../topics.ts";
import type { Hit, Rule } from "./rule.ts";

const motion =
  /motion|presence|occupan|proximity|radar|\bpir\b|move|detect|vehicle|人体|移动|移動|感应|感應|经过|經過/i;

/** Topics of the push buttons a face node listens to. */
export const buttonsOf = ({ config }: Vertex): string[] =>
  Array.isArray(config.buttons) ? config.buttons.filter((topic) => typeof topic === "string") : [];

/** Why a node that starts messages is no deliberate act of the person at the door; undefined when it is one. */
function notAnAct({ type, config }: Vertex, buttons: readonly string[]): string | undefined {
  if (isSensing(type)) return type === "guard-open" ? "nobody" : undefined; // an attempt, for one-to-one
  switch (type) {
    case "inject":
      return isTimed(config) ? "timer" : undefined;
    case "mqtt in": {
      const topic = String(config.topic ?? "");
      if (motion.test(topic)) return "motion";
      return buttons.some((each) => covers(topic, each)) ? undefined : "stream";
    }
    case "entry-rule":
    case "consent-check":
    case "ui-button":
      return undefined;
    case "rpi-gpio in": {
      if (motion.test(String(config.name ?? ""))) return "motion";
      const topics = [`pi/${String(config.pin)}`, `gpio/${String(config.pin)}`];
      return topics.some((topic) => buttons.includes(topic)) ? undefined : "stream";
    }
    case "door-watch":
      return "motion";
    case "catch":
    case "status":
    case "complete":
    case "audit-log":
    case "relay-out":
      return "nobody";
    default:
      return "stream";
  }
}

/** An inject that fires by itself: at start, every so often, at set times. */
function isTimed(config: Readonly<Record<string, unknown>>): boolean {
  const repeat = Number(config.repeat ?? 0);
  return (
    (Number.isFinite(repeat) && repeat > 0) ||
    (typeof config.crontab === "string" && config.crontab.trim() !== "") ||
    config.once === true
  );
}

/** A node that turns one message into many. */
const repeats = ({ type, config }: Vertex): boolean =>
  (type === "trigger" && Number(config.duration) < 0) || type === "split";

/** Whether these nodes, all of which only pass on, can pass to themselves. */
function loops(graph: Graph, nodes: ReadonlySet<number>): boolean {
  const open = new Map<number, number>();
  for (const node of nodes) open.set(node, graph.out[node]!.filter(({ to }) => nodes.has(to)).length);
  const done = [...open].filter(([, count]) => count === 0).map(([node]) => node);
  let left = nodes.size;
  for (let node = done.pop(); node !== undefined; node = done.pop()) {
    left--;
    for (const { to } of graph.into[node]!) {
      const count = open.get(to);
      if (count === undefined) continue;
      open.set(to, count - 1);
      if (count === 1) done.push(to);
    }
  }
  return left > 0;
}

/** What presses a button in a person's place, by publishing on its topic. */
function presses(graph: Graph, buttons: readonly string[]): { variant: string; from: string } | undefined {
  if (buttons.length === 0) return undefined;
  for (const out of graph.of("mqtt out"))
    for (const { from, topic } of published(graph, out)) {
      if (topic !== undefined && !buttons.some((button) => overlap(topic, button))) continue;
      const variant = from.type === "mqtt in" ? "loop" : notAnAct(from, buttons);
      if (variant) return { variant, from: from.label };
    }
  return undefined;
}

function blame(graph: Graph, face: Vertex): { variant: string; from: string } | undefined {
  const back = reach(
    graph.into,
    [face.index],
    (at) => at === face.index || passing.has(graph.vertices[at]!.type),
  );
  const others = [...back.keys()]
    .filter((index) => index !== face.index)
    .map((index) => graph.vertices[index]!);
  const buttons = buttonsOf(face);
  const sensor = buttons.find((topic) => motion.test(topic));
  if (sensor !== undefined) return { variant: "motion", from: sensor };
  for (const vertex of others) {
    if (repeats(vertex)) return { variant: "timer", from: vertex.label };
    if (passing.has(vertex.type)) continue;
    const variant = notAnAct(vertex, buttons);
    if (variant) return { variant, from: vertex.label };
  }
  const pressed = presses(graph, buttons);
  if (pressed) return pressed;
  const carriers = new Set(
    others.filter(({ type }) => passing.has(type) && type !== hubType).map(({ index }) => index),
  );
  if (loops(graph, carriers)) return { variant: "loop", from: face.label };
  return onCycles(graph).has(face.index) ? { variant: "loop", from: face.label } : undefined;
}

/** No face is looked at unless somebody asks for it: no timer, no motion, no stream, no retry by itself (RD-27). */
export const deliberateAct: Rule = {
  id: "deliberate-act",
  severity: "refuse",
  article: [
    "PIPL 6, 14",
    "Order 19 (2025) art. 4, 6",
    "GDPR 9(2)(a)",
    "report: “senseless” passage at the gate",
  ],
  check: (graph) =>
    graph.of("face-match").flatMap((face): Hit[] => {
      const params = blame(graph, face);
      if (!params) return [];
      const door = doorOf(graph, face);
      const hit = { node: face.id, params: { ...params, face: face.label } };
      return [door ? { ...hit, door: doorId(door) } : hit];
    }),
};
