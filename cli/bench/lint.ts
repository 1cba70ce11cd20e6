import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lint } from "../../core/policy/lint.ts";
import { projectRoot } from "../../vault/config.ts";
import { percentile, table } from "./statistics.ts";

type Print = (line: string) => void;

interface FlowNode {
  id: string;
  type: string;
  [field: string]: unknown;
}

/** The default flow again and again, each copy with ids, doors and topics of its own, until there are enough nodes. */
export function largeFlow(base: readonly FlowNode[], nodes: number): FlowNode[] {
  const shared = new Set(["limen-site", "mqtt-broker"]);
  const once = base.filter(({ type }) => shared.has(type));
  const each = base.filter(({ type }) => !shared.has(type));
  const kept = new Set(once.map(({ id }) => id));
  const ids = new Set(base.map(({ id }) => id));
  const copy = (value: unknown, tail: string): unknown => {
    if (typeof value === "string") {
      if (ids.has(value)) return kept.has(value) ? value : value + tail;
      return value.replace(/\b(main-gate|unit-1)\b/g, (door) => `${door}${tail}`);
    }
    if (Array.isArray(value)) return value.map((item) => copy(item, tail));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, tail)]));
  };
  const flow = [...once];
  for (let round = 0; flow.length < nodes; round++)
    flow.push(...each.map((node) => copy(node, `-${round}`) as FlowNode));
  return flow.slice(0, nodes);
}

/** One tab's nodes behind one record, and every node of them linked to every other: the worst an installer could draw. */
function tangle(nodes: number): FlowNode[] {
  const half = Math.floor(nodes / 2);
  const doors = Array.from({ length: 20 }, (_, index) => ({
    id: `d${index}`,
    type: "limen-door",
    door: `d${index}`,
  }));
  const faces = Array.from({ length: half }, (_, index) => ({
    id: `f${index}`,
    type: "face-match",
    door: `d${index % 20}`,
    wires: [["rule", `f${(index + 1) % half}`]],
  }));
  const relays = Array.from({ length: nodes - half - 23 }, (_, index) => ({
    id: `r${index}`,
    type: "relay-out",
    door: `d${index % 20}`,
    wires: [["rule"], []],
  }));
  const line = [
    { id: "rule", type: "entry-rule", wires: [["consent"]] },
    { id: "consent", type: "consent-check", wires: [["log"]] },
    { id: "log", type: "audit-log", wires: [relays.map(({ id }) => id), []] },
  ];
  return [...doors, ...faces, ...line, ...relays];
}

/** How long the rules take over flows of many nodes: what an installer waits for at every deploy, and while wiring. */
export function run(print: Print, { seconds = 6 }: { seconds?: number } = {}): Promise<void> {
  const base = JSON.parse(readFileSync(join(projectRoot, "flows/default.json"), "utf8")) as FlowNode[];
  const flows: [string, FlowNode[]][] = [
    ["the flow that comes with Limen", base],
    ["2,000 nodes, many doors", largeFlow(base, 2000)],
    ["2,000 nodes, one tangle", tangle(2000)],
  ];
  const rows = flows.map(([what, flow]) => {
    const text = JSON.stringify(flow);
    const times: number[] = [];
    const parses: number[] = [];
    const end = performance.now() + (seconds * 1000) / flows.length;
    for (let round = 0; performance.now() < end || round < 5; round++) {
      const start = performance.now();
      const read = JSON.parse(text) as FlowNode[];
      const parsed = performance.now();
      lint(read);
      times.push(performance.now() - parsed);
      parses.push(parsed - start);
    }
    const ms = (values: number[], share: number) => percentile(values, share).toFixed(1);
    return [
      what,
      flow.length,
      times.length,
      ms(times, 0.5),
      ms(times, 0.95),
      ms(times, 0.99),
      ms(parses, 0.5),
    ];
  });
  for (const line of table([
    ["flow", "nodes", "runs", "p50 ms", "p95 ms", "p99 ms", "JSON.parse p50 ms"],
    ...rows,
  ]))
    print(line);
  return Promise.resolve();
}
