import type { Node, NodeAPI, NodeMessage } from "node-red";
import type { Static, TObject } from "../../core/schema.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { Panel } from "./panel.ts";

export type Message = NodeMessage & { payload?: unknown; topic?: string; [field: string]: unknown };
/** One entry an output; an array entry is a burst; null: nothing. */
export type Outputs = readonly (Message | readonly Message[] | null)[];

/** Shape, colour and catalogue key of a node's status; the text is looked up in each viewer's language. */
export interface Status {
  fill: "red" | "green" | "yellow" | "blue" | "grey";
  shape: "ring" | "dot";
  /** A key of the node's own catalogue, e.g. `status.granted`; never a sentence, a name or a number of a card. */
  key: string;
}

/** What a node's handlers get. */
export interface NodeContext<Config> {
  RED: NodeAPI;
  node: Node;
  id: string;
  /** Checked against the node's schema, defaults filled in, migrated to the present version. */
  config: Config;
  credentials: Readonly<Record<string, string>>;
  vault: VaultClient;
  /** The limen config node with this id (`limen-door`, …). @throws LimenError `config-missing` */
  need<Other>(id: string): Other;
  status(status: Status | undefined): void;
  /** For what happens outside an input: a background failure that belongs on the node and in its catch. */
  fail(error: unknown): void;
  /** Sends outside an input (timers, other nodes' acts). */
  send(outputs: Outputs): void;
}

/** What a node does. Every handler is awaited; a throw ends in `done(error)`, a status and a catch, never in a crash. */
export interface NodeHandlers {
  input?(
    message: Message,
    send: (outputs: Outputs) => void,
  ): Promise<Outputs | undefined> | Outputs | undefined;
  /** Leaves hardware in its safe state; awaited before the next flow starts. */
  close?(removed: boolean): Promise<void> | void;
  /** What other nodes may reach through `need`; config nodes only. */
  service?: unknown;
  /** What the node's edit dialog may show and try. */
  panel?: Panel;
}

export interface NodeSpec<S extends TObject> {
  type: string;
  /** Closed schema of the node's own settings: the source of defaults, validation, form, help table. */
  config: S;
  /** Counts up when settings change shape; `migrations[n]` brings version n to n + 1. */
  version: number;
  migrations?: readonly ((old: Record<string, unknown>) => Record<string, unknown>)[];
  /** Names of secret settings (Node-RED credentials): `text` shows, `password` hides. */
  credentials?: Readonly<Record<string, "text" | "password">>;
  setup(context: NodeContext<Static<S>>): NodeHandlers | Promise<NodeHandlers>;
}

/** What a node does in the line sense → check → record → act: gives it its colour, the same for all of its kind. */
export type Role = "sense" | "check" | "record" | "act" | "office" | "config";

/** How a node looks in the palette. */
export interface Palette {
  role: Role;
  /** `font-awesome/fa-…`, or a file of the node's `icons/`. */
  icon: string;
  inputs: 0 | 1;
  outputs: 0 | 1 | 2 | 3;
  /** The setting shown as the node's label while it has no name. */
  label?: string;
}
