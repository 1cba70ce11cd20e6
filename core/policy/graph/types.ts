import type { Problem, RawNode } from "./raw.ts";

/**
 * How sure an edge is. `wire`: drawn, always taken. The others are ways a message *might* go; they count against a
 * flow and never for it: `call` into and out of a link call, `side` from a node to what catches its errors, completion
 * or status, `guess` where the target is chosen while running.
 */
export type EdgeKind = "wire" | "call" | "side" | "guess";

export interface Edge {
  readonly to: number;
  /** Output of the sending node, from 0. */
  readonly port: number;
  readonly kind: EdgeKind;
}

/** One running node: a node of a tab, or the copy of a subflow's inner node that one instance makes. */
export interface Vertex {
  readonly index: number;
  /** The id Node-RED gives it at run time: `instance-inner` inside subflows. */
  readonly key: string;
  /** Id in the file: what the editor can jump to. */
  readonly id: string;
  readonly type: string;
  /** Settings with the environment filled in. */
  readonly config: RawNode;
  readonly label: string;
}

/** A running config node. */
export interface ConfigNode {
  /** Id at run time: each instance of a subflow has its own. */
  readonly key: string;
  /** Id in the file. */
  readonly id: string;
  readonly type: string;
  readonly config: RawNode;
}

/** The whole flow as it would run. */
export interface Graph {
  readonly vertices: readonly Vertex[];
  readonly out: ReadonlyArray<readonly Edge[]>;
  /** Edges reversed; `to` is the sender. */
  readonly into: ReadonlyArray<readonly Edge[]>;
  readonly problems: readonly Problem[];
  /** Vertices of any of these types. */
  of(...types: string[]): Vertex[];
  /** Running config nodes of a type. */
  configs(type: string): ConfigNode[];
  /**
   * The running config node a node's setting points to, of that type; undefined for a disabled, missing or mistyped one.
   * @param near the node that points: inside a subflow its own copy answers first
   */
  config(id: unknown, type: string, near?: { key: string; id: string }): ConfigNode | undefined;
}
