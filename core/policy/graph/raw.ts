/** A node as the flow file has it. Everything past id and type is whatever an editor, a script or an attacker wrote. */
export interface RawNode {
  readonly id: string;
  readonly type: string;
  readonly z?: unknown;
  readonly g?: unknown;
  readonly [field: string]: unknown;
}

/** What the file itself has wrong: each becomes a finding, because what cannot be read cannot be trusted. */
export interface Problem {
  kind:
    | "not-a-node"
    | "duplicate-id"
    | "subflow-missing"
    | "subflow-recursive"
    | "too-large"
    | "wire-unresolved"
    | "setting-unresolved";
  node: string;
  /** The setting concerned, where it is one. */
  field?: string;
}

/** Which containers there are and what is in each, disabled parts left out (Node-RED: `d === true`, a tab's `disabled`). */
export interface FlowFile {
  readonly nodes: ReadonlyMap<string, RawNode>;
  readonly tabs: readonly RawNode[];
  readonly subflows: ReadonlyMap<string, RawNode>;
  readonly groups: ReadonlyMap<string, RawNode>;
  /** Nodes of each subflow definition. */
  readonly insideSubflow: ReadonlyMap<string, readonly RawNode[]>;
  /** Nodes on tabs, and those on none. */
  readonly onTabs: readonly RawNode[];
  readonly problems: Problem[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isRawNode = (value: unknown): value is RawNode =>
  isObject(value) && typeof value.id === "string" && typeof value.type === "string";

/** Sorts a flow array into its containers, as Node-RED's own parseConfig does. Never throws. */
export function readFile(flow: readonly unknown[]): FlowFile {
  const problems: Problem[] = [];
  const nodes = new Map<string, RawNode>();
  const subflows = new Map<string, RawNode>();
  const groups = new Map<string, RawNode>();
  for (const entry of flow) {
    if (!isRawNode(entry)) {
      problems.push({ kind: "not-a-node", node: "" });
      continue;
    }
    if (nodes.has(entry.id)) problems.push({ kind: "duplicate-id", node: entry.id });
    nodes.set(entry.id, entry);
    if (entry.type === "subflow") subflows.set(entry.id, entry);
    if (entry.type === "group") groups.set(entry.id, entry);
  }
  const tabs = [...nodes.values()].filter((node) => node.type === "tab");
  const off = new Set(tabs.filter((tab) => tab.disabled).map((tab) => tab.id));
  const insideSubflow = new Map<string, RawNode[]>();
  const onTabs: RawNode[] = [];
  for (const node of nodes.values()) {
    if (node.type === "tab" || node.type === "subflow" || node.type === "group") continue;
    if (node.d === true || (typeof node.z === "string" && off.has(node.z))) continue;
    if (typeof node.z === "string" && subflows.has(node.z)) {
      const inside = insideSubflow.get(node.z) ?? [];
      inside.push(node);
      insideSubflow.set(node.z, inside);
    } else onTabs.push(node);
  }
  return { nodes, tabs, subflows, groups, insideSubflow, onTabs, problems };
}

/** The targets of each output. Anything that is not a list of lists of ids reads as no wire. */
export function wiresOf(wires: unknown): string[][] {
  if (!Array.isArray(wires)) return [];
  return wires.map((port: unknown) =>
    Array.isArray(port) ? port.filter((id): id is string => typeof id === "string") : [],
  );
}

/** `links` of the link nodes: a list of ids, or one id. */
export const idsOf = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : Array.isArray(value)
      ? value.filter((id): id is string => typeof id === "string")
      : [];

/** `in` and `out` of a subflow definition: for each port the inner wires. */
export function portsOf(value: unknown): Array<Array<{ id: string; port: number }>> {
  if (!Array.isArray(value)) return [];
  return value.map((port: unknown) => {
    const wires = isObject(port) ? port.wires : undefined;
    if (!Array.isArray(wires)) return [];
    return wires.flatMap((wire: unknown) =>
      isObject(wire) && typeof wire.id === "string"
        ? [{ id: wire.id, port: typeof wire.port === "number" ? wire.port : 0 }]
        : [],
    );
  });
}
