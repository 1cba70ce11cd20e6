import { type AnyNode, fromEnv } from "../build.ts";

/** A small repeatable source of randomness (mulberry32). */
export function dice(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    chance: (share: number) => next() < share,
    below,
    pick: <T>(of: readonly T[]): T => of[below(of.length)]!,
  };
}
type Dice = ReturnType<typeof dice>;

const doors = ["door-a", "door-b"];
/** Topics there are, and what may be heard of them. */
export const topics = ["r/1", "r/2"] as const;
const filters = [...topics, "r/+", ""];
const names = ["TOPIC", "BROKER", "NOBODY", "NR_NODE_NAME", "NR_FLOW_NAME"];
/** What may stand in a random flow, each as often as it is written here. */
const kinds = [
  ..."mqtt in|card-read|card-read|face-match|face-match|guard-open|entry-rule|entry-rule|entry-rule".split(
    "|",
  ),
  ..."consent-check|consent-check|audit-log|audit-log|audit-log|relay-out|relay-out|junction|switch".split(
    "|",
  ),
  ..."link in|link out|link out|link call|inject|function|catch|complete|delay".split("|"),
];
/** The order of a lawful line: wires mostly lead on along it, so that random flows are not all hopeless. */
const rank: Record<string, number> = {
  "mqtt in": 0,
  inject: 0,
  "card-read": 1,
  "face-match": 1,
  "guard-open": 1,
  "entry-rule": 2,
  "consent-check": 3,
  "audit-log": 4,
  "relay-out": 5,
};
const outputs: Record<string, number> = { "audit-log": 2, "relay-out": 2, switch: 2, "link out": 0 };

/** One container's nodes, unwired. */
function scatter(roll: Dice, container: string, count: number, subflows: readonly string[]): AnyNode[] {
  return Array.from({ length: count }, (_, index): AnyNode => {
    const id = `${container}${index}`;
    const fields = { id, z: container, ...(roll.chance(0.07) ? { d: true } : {}) };
    if (subflows.length > 0 && roll.chance(0.18))
      return { ...fields, type: `subflow:${roll.pick(subflows)}` };
    const type = roll.pick(kinds);
    const node = {
      ...fields,
      type,
      door: roll.pick(doors),
      mode: "1:N",
      name: roll.pick([...topics, "broker"]),
    };
    if (type !== "mqtt in") return node;
    const given = (value: string) => (roll.chance(0.15) ? fromEnv(roll.pick(names)) : value);
    return { ...node, topic: given(roll.pick(filters)), broker: given(roll.chance(0.9) ? "broker" : "gone") };
  });
}

function connect(roll: Dice, nodes: AnyNode[], outs: number): AnyNode[] {
  const ids = nodes.map(({ id }) => id);
  const forward = (type: string): string[] => {
    const from = rank[type];
    if (from === undefined) return ids;
    return nodes.filter((other) => (rank[other.type] ?? from + 1) === from + 1).map(({ id }) => id);
  };
  const targets = (type: string): string[] => {
    const list: string[] = [];
    const ahead = forward(type);
    do list.push(ahead.length > 0 && roll.chance(0.75) ? roll.pick(ahead) : roll.pick(ids));
    while (roll.chance(0.3));
    return roll.chance(0.12) ? [] : [...new Set(list)];
  };
  const linkIns = nodes.filter(({ type }) => type === "link in").map(({ id }) => id);
  const linkOuts = nodes.filter(({ type }) => type === "link out").map(({ id }) => id);
  return nodes.map((node) => {
    const ports = node.type.startsWith("subflow:") ? outs : (outputs[node.type] ?? 1);
    const wires = Array.from({ length: ports }, () => targets(node.type));
    const some = (from: string[]) => from.filter(() => roll.chance(0.5));
    switch (node.type) {
      case "link out":
        return { ...node, wires: [], links: some(linkIns), mode: roll.chance(0.3) ? "return" : "link" };
      case "link in":
        return { ...node, wires, links: some(linkOuts) };
      case "link call":
        return {
          ...node,
          wires,
          links: linkIns.length > 0 ? [roll.pick(linkIns)] : [],
          linkType: roll.chance(0.2) ? "dynamic" : "static",
        };
      case "switch":
        return {
          ...node,
          wires,
          property: roll.chance(0.8) ? "topic" : "payload",
          rules: [0, 1].map(() => ({ t: roll.chance(0.9) ? "eq" : "neq", v: roll.pick(topics), vt: "str" })),
          checkall: roll.chance(0.7) ? "true" : "false",
        };
      case "function":
        return { ...node, wires, func: roll.chance(0.2) ? "await node.linkcall('x', msg)" : "return msg;" };
      case "catch":
        return { ...node, wires, scope: roll.chance(0.5) ? null : some(ids) };
      case "complete":
        return { ...node, wires, scope: some(ids) };
      default:
        return { ...node, wires };
    }
  });
}

/** A random flow: two tabs (one sometimes disabled), two subflows of which one may hold the other, two doors. */
export function randomFlow(seed: number): AnyNode[] {
  const roll = dice(seed);
  const subflow = (id: string, nodes: AnyNode[]): AnyNode => {
    const port = () => ({
      wires: [{ id: roll.chance(0.05) ? id : roll.pick(nodes).id, port: roll.below(2) }],
    });
    return { id, type: "subflow", in: [port()], out: [port(), port()] };
  };
  const inner = connect(roll, scatter(roll, "s", 2 + roll.below(5), []), 2);
  const outer = connect(roll, scatter(roll, "t", 2 + roll.below(4), ["s"]), 2);
  const here = connect(roll, scatter(roll, "m", 5 + roll.below(8), ["s", "t"]), 2);
  const there = connect(roll, scatter(roll, "n", roll.below(5), ["s"]), 2);
  return [
    {
      id: "m",
      type: "tab",
      label: roll.pick(topics),
      env: [{ name: "TOPIC", type: "str", value: roll.pick(topics) }],
    },
    { id: "n", type: "tab", label: "broker", disabled: roll.chance(0.3) },
    { id: "global", type: "global-config", env: [{ name: "BROKER", type: "str", value: "broker" }] },
    { id: "broker", type: "mqtt-broker", ...(roll.chance(0.05) ? { d: true } : {}) },
    subflow("s", inner),
    subflow("t", outer),
    ...doors.map((id) => ({ id, type: "limen-door", door: id, simulated: true, egress: false })),
    ...inner,
    ...outer,
    ...here,
    ...there,
  ];
}
