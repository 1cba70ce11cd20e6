import { readGraph } from "../graph/graph.ts";
import { type RawNode, wiresOf } from "../graph/raw.ts";
import { doorId } from "../site.ts";
import { factChanges } from "./facts.ts";
import { labelOf, propertyChange } from "./reveal.ts";
import type { FlowDiff, NodeChange, PropertyChange } from "./schema.ts";

/** Where a node lies and how large it is drawn: no change of what a flow does. */
const layout = new Set(["x", "y", "w", "h"]);
/** Told by themselves, or not at all. */
const apart = new Set(["id", "wires", "credentials", ...layout]);
/** More than anyone reads, and what keeps one entry of the record small (bytes of JSON). */
const mostNodes = 400;
const mostBytes = 48_000;
const mostProperties = 40;
const mostWires = 40;

const spelt = (value: unknown): string => JSON.stringify(value) ?? "";
const isNode = (value: object): value is RawNode =>
  typeof (value as RawNode).id === "string" && typeof (value as RawNode).type === "string";
const byId = (flow: readonly object[]): Map<string, RawNode> =>
  new Map(flow.filter(isNode).map((node) => [node.id, node]));

interface Both {
  old: ReadonlyMap<string, RawNode>;
  next: ReadonlyMap<string, RawNode>;
}

const nameOf = ({ old, next }: Both, id: string): string => {
  const node = next.get(id) ?? old.get(id);
  return node ? labelOf(node) : id.slice(0, 64);
};

function wiresIn(both: Both, node: RawNode | undefined): Set<string> {
  const lines = wiresOf(node?.wires).flatMap((targets, port) =>
    targets.map((id) => `${port + 1} → ${nameOf(both, id)}`.slice(0, 120)),
  );
  return new Set(lines);
}

function describe(both: Both, id: string): NodeChange | "moved" | undefined {
  const [was, is] = [both.old.get(id), both.next.get(id)];
  const node = (is ?? was)!;
  const names = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])];
  const properties: PropertyChange[] = names
    .filter((name) => !apart.has(name) && spelt(was?.[name]) !== spelt(is?.[name]))
    .slice(0, mostProperties)
    .map((name) => propertyChange(node.type, name, was?.[name], is?.[name]));
  const [from, to] = [wiresIn(both, was), wiresIn(both, is)];
  const rewired = spelt(was?.wires ?? []) !== spelt(is?.wires ?? []);
  const wires = {
    added: [...to].filter((line) => !from.has(line)).slice(0, mostWires),
    removed: [...from].filter((line) => !to.has(line)).slice(0, mostWires),
  };
  if (was && is && properties.length === 0 && !rewired)
    return names.some((name) => layout.has(name) && was[name] !== is[name]) ? "moved" : undefined;
  const tab = typeof node.z === "string" && node.z !== "" ? nameOf(both, node.z) : undefined;
  return {
    change: !was ? "added" : !is ? "removed" : "changed",
    id: id.slice(0, 64),
    type: node.type.slice(0, 80),
    label: labelOf(node),
    ...(tab === undefined ? {} : { tab }),
    ...(was && is && properties.length > 0 ? { properties } : {}),
    ...(!was && is ? { properties: properties.filter(({ name }) => name !== "type" && name !== "z") } : {}),
    ...(rewired && wires.added.length + wires.removed.length > 0 ? { wires } : {}),
  };
}

/** Doors the changed nodes are set to, by the ids the installer typed. */
function doorsTouched(both: Both, ids: readonly string[]): Set<string> {
  const doors = new Set<string>();
  for (const id of ids)
    for (const node of [both.old.get(id), both.next.get(id)]) {
      const door =
        node?.type === "limen-door"
          ? node
          : (both.next.get(String(node?.door)) ?? both.old.get(String(node?.door)));
      if (door?.type === "limen-door")
        doors.add(doorId({ ...door, key: door.id, config: door }).slice(0, 48));
    }
  return doors;
}

const rank = ({ type }: NodeChange): number =>
  type.startsWith("limen-") ? 0 : /^(?:tab|group|comment|junction)$/.test(type) ? 2 : 1;

/**
 * What is different in a flow: for the record, and for whoever has to agree to it. Nodes by their ids; moves on the canvas
 * only counted; secrets and what may be personal named but not shown. Never throws on any two arrays of objects.
 * @param secrets ids of the nodes whose credentials are others than before
 */
export function flowDiff(
  before: readonly object[],
  after: readonly object[],
  secrets: readonly string[] = [],
): FlowDiff {
  const both: Both = { old: byId(before), next: byId(after) };
  const ids = [...new Set([...both.old.keys(), ...both.next.keys()])];
  const found = ids.map((id) => [id, describe(both, id)] as const);
  const nodes = found.flatMap(([, change]) => (change === undefined || change === "moved" ? [] : [change]));
  const facts = factChanges(readGraph(before), readGraph(after)).slice(0, 400);
  const touched = found.filter(([, change]) => typeof change === "object").map(([id]) => id);
  const doors = doorsTouched(both, [...touched, ...secrets]);
  for (const { door } of facts) doors.add(door);
  const count = (change: NodeChange["change"]): number =>
    nodes.filter((node) => node.change === change).length;
  return bounded({
    added: count("added"),
    removed: count("removed"),
    changed: count("changed"),
    moved: found.filter(([, change]) => change === "moved").length,
    nodes: nodes.sort((a, b) => rank(a) - rank(b)),
    more: 0,
    doors: [...doors].sort().slice(0, 200),
    facts,
    secrets: secrets.slice(0, 400).map((id) => id.slice(0, 64)),
  });
}

/** Leaves out what there is no room for, and says how much that is: first details of added nodes, then nodes. */
function bounded(diff: FlowDiff): FlowDiff {
  const all = diff.nodes;
  let used = spelt({ ...diff, nodes: [] }).length;
  const nodes: NodeChange[] = [];
  for (const node of all) {
    const { properties: _, wires: __, ...bare } = node;
    const whole = used + spelt(node).length < mostBytes / 2 ? node : bare;
    used += spelt(whole).length + 1;
    if (used > mostBytes || nodes.length >= mostNodes) break;
    nodes.push(whole);
  }
  return { ...diff, nodes, more: all.length - nodes.length };
}

/** Nothing is different: for changes that are not of the flow. */
export const noDiff: FlowDiff = {
  added: 0,
  removed: 0,
  changed: 0,
  moved: 0,
  nodes: [],
  more: 0,
  doors: [],
  facts: [],
  secrets: [],
};
