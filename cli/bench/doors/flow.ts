import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../vault/config.ts";

interface FlowNode {
  id: string;
  type: string;
  z?: string;
  door?: string;
  topic?: string;
  wires?: string[][];
  view?: string;
  group?: string;
  page?: string;
}

const line = ["mqtt in", "card-read", "entry-rule", "consent-check", "audit-log", "relay-out", "mqtt out"];

/** The door whose face is looked for while the others' cards are tapped. */
export const faceDoor = "door-face";

/** So many doors with a face: the first is `faceDoor`. */
export const faceDoors = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => (n === 0 ? faceDoor : `${faceDoor}-${n}`));

/**
 * The default flow's first door, as often as asked, with its keypad left out; and, if asked, once more with its face
 * node and camera.
 * @param face how many such doors; true is one
 * @param wall with the dashboard's page of doors
 */
export function flowOf(doors: number, face: boolean | number, wall = false): object[] {
  const source = JSON.parse(readFileSync(join(projectRoot, "flows/default.json"), "utf8")) as FlowNode[];
  const gate = source.find(({ type, door }) => type === "limen-door" && door === "main-gate")!;
  const tab = source.find(({ type, door }) => type === "card-read" && door === gate.id)!.z!;
  const shared = source.filter(({ type }) => ["limen-site", "mqtt-broker"].includes(type));
  const page = wall ? wallOf(source) : [];
  const retention = source.filter(({ type }) => type === "retention-rule" || type === "inject");
  const retentionTabs = source.filter(({ id }) => retention.some(({ z }) => z === id));

  const copy = (types: readonly string[], topics: RegExp, door: string, prefix: string): FlowNode[] => {
    const own = source.filter(
      ({ z, type, topic, door: of }) =>
        (z === tab && types.includes(type) && !topics.test(String(topic ?? ""))) ||
        (type === "limen-camera" && types.includes(type) && of === gate.id),
    );
    const ids = [tab, gate.id, ...own.map(({ id }) => id)];
    const text = ids.reduce(
      (all, id, place) => all.replaceAll(id, `${prefix}${String(place).padStart(12, "0")}`),
      JSON.stringify([source.find(({ id }) => id === tab), gate, ...own]),
    );
    return JSON.parse(text.replaceAll("main-gate", door)) as FlowNode[];
  };
  const copies = Array.from({ length: doors }, (_, n) =>
    copy(line, /button|feedback/, `door-${n}`, `b${String(n).padStart(3, "0")}`),
  ).flat();
  for (const [n, door] of faceDoors(Number(face)).entries())
    copies.push(...copy([...line, "face-match", "limen-camera"], /feedback/, door, `bfac${n}`));
  return [...shared, ...page, ...retentionTabs, ...retention, ...copies].map((node) =>
    withoutLooseWires(node, copies),
  );
}

const withoutLooseWires = (node: FlowNode, all: readonly FlowNode[]): FlowNode =>
  node.wires === undefined || node.type === "inject"
    ? node
    : { ...node, wires: node.wires.map((to) => to.filter((id) => all.some((other) => other.id === id))) };

/** The page of doors, with what it stands on. */
function wallOf(source: readonly FlowNode[]): FlowNode[] {
  const view = source.find(({ type, view: shown }) => type === "ui-limen" && shown === "door-wall")!;
  const group = source.find(({ id }) => id === view.group)!;
  return source.filter(
    ({ id, type }) =>
      type === "ui-base" || type === "ui-theme" || [view.id, view.z, group.id, group.page].includes(id),
  );
}
