import { groupScope, mentionsEnv, ownScope, resolve, type Scope, scopeOf, unresolved } from "./env.ts";
import { type FlowFile, type Problem, portsOf, type RawNode, wiresOf } from "./raw.ts";
import type { Vertex } from "./types.ts";

/** More running nodes than any site has: nested subflows can double with every level. */
export const mostVertices = 50_000;
/** Subflows inside subflows; each level is a level of our own recursion. */
const mostLevels = 100;

/** One frame of running nodes: the tabs together, or one subflow instance. */
export interface Frame {
  /** Vertices by their id in the file. */
  readonly byId: Map<string, Vertex>;
  /** Subflow instances of this frame by their id in the file. */
  readonly instances: Map<string, Instance>;
  readonly parent: Frame | undefined;
}

export interface Instance {
  readonly node: RawNode;
  readonly definition: RawNode;
  readonly frame: Frame;
  /** A vertex for messages arriving, and one for each output. */
  readonly entry: Vertex;
  readonly exits: readonly Vertex[];
  /** One for what it shows as its status, where it says what. */
  readonly status: Vertex | undefined;
}

export interface Expansion {
  readonly vertices: Vertex[];
  readonly root: Frame;
  readonly frames: Frame[];
  readonly problems: Problem[];
}

/**
 * Types whose settings may name the environment of the process: where a broker or a line is, what a page shows. Of anything
 * else that passes, starts or ends messages the rules must know what it is set to.
 */
const mayBeUnknown = (type: string): boolean =>
  /^(?:mqtt-broker|tls-config|serial-port|http proxy|websocket-(?:listener|client)|function|comment|global-config|ui[-_](?!limen).*)$/.test(
    type,
  );

/** Type of the vertex that stands for the status a subflow shows outside. */
export const statusType = "limen:subflow-status";
/** Types of the vertices that stand for a subflow instance's border: they pass everything on. */
export const borderTypes = { entry: "limen:subflow-in", exit: "limen:subflow-out" } as const;

/** Lays out every running node, each subflow instance with copies of its own, however deep (RD-01: none may hide). */
export function expand(file: FlowFile): Expansion {
  const vertices: Vertex[] = [];
  const frames: Frame[] = [];
  const problems = file.problems;
  let full = false;

  const add = (key: string, id: string, type: string, config: RawNode): Vertex => {
    const name = typeof config.name === "string" && config.name !== "" ? config.name : undefined;
    const vertex = { index: vertices.length, key, id, type, config, label: name ?? type };
    vertices.push(vertex);
    return vertex;
  };

  const fill = (
    nodes: readonly RawNode[],
    prefix: string,
    scopeFor: (node: RawNode) => Scope | undefined,
    parent: Frame | undefined,
    open: readonly string[],
  ): Frame => {
    const frame: Frame = { byId: new Map(), instances: new Map(), parent };
    frames.push(frame);
    for (const node of nodes) {
      if (vertices.length >= mostVertices) {
        if (!full) problems.push({ kind: "too-large", node: node.id });
        full = true;
        break;
      }
      const scope = groupScope(node, file.groups, scopeFor(node));
      const definitionId = node.type.startsWith("subflow:") ? node.type.slice(8) : undefined;
      if (definitionId === undefined) {
        let config = node;
        if (mentionsEnv(node)) {
          config = resolve(node, ownScope(node, prefix + node.id, scope)) as RawNode;
          const field = mayBeUnknown(node.type) ? undefined : unresolved(config);
          if (field !== undefined) problems.push({ kind: "setting-unresolved", node: node.id, field });
        }
        frame.byId.set(node.id, add(prefix + node.id, node.id, node.type, config));
        continue;
      }
      const definition = file.subflows.get(definitionId);
      if (!definition || open.includes(definitionId)) {
        problems.push({ kind: definition ? "subflow-recursive" : "subflow-missing", node: node.id });
        continue;
      }
      if (open.length >= mostLevels) {
        problems.push({ kind: "too-large", node: node.id });
        continue;
      }
      const key = prefix + node.id;
      const entry = add(key, node.id, borderTypes.entry, node);
      const outputs = Math.max(portsOf(definition.out).length, wiresOf(node.wires).length);
      const exits = Array.from({ length: outputs }, (_, port) =>
        add(`${key}:out${port}`, node.id, borderTypes.exit, node),
      );
      const shows = portsOf([definition.status]).flat().length > 0;
      const status = shows ? add(`${key}:status`, node.id, statusType, node) : undefined;
      const inner = scopeOf(
        [
          { env: definition.env, home: scope },
          { env: node.env, home: scope },
        ],
        scope,
        {
          NR_SUBFLOW_NAME: node.name,
          NR_SUBFLOW_ID: key,
          NR_SUBFLOW_PATH: undefined,
        },
      );
      const inside = fill(file.insideSubflow.get(definitionId) ?? [], `${key}-`, () => inner, frame, [
        ...open,
        definitionId,
      ]);
      frame.instances.set(node.id, { node, definition, frame: inside, entry, exits, status });
    }
    return frame;
  };

  const shared = file.onTabs.filter((node) => node.type === "global-config");
  const global = scopeOf(
    shared.map((node) => ({ env: node.env, home: undefined })),
    undefined,
  );
  const tabScopes = new Map(
    file.tabs.map(
      (tab) =>
        [
          tab.id,
          scopeOf([{ env: tab.env, home: global }], global, { NR_FLOW_NAME: tab.label, NR_FLOW_ID: tab.id }),
        ] as const,
    ),
  );
  const root = fill(
    file.onTabs,
    "",
    (node) => (typeof node.z === "string" ? tabScopes.get(node.z) : undefined) ?? global,
    undefined,
    [],
  );
  return { vertices, root, frames, problems };
}
