import type { Limen } from "./register.ts";

/** The part of Node-RED's editor that our browser code uses. */
export interface EditorRed {
  _(key: string, options?: Record<string, unknown>): string;
  nodes: {
    registerType(type: string, definition: object): void;
    node(id: string): EditorNode | null;
    eachNode(visit: (node: EditorNode) => void): void;
    eachConfig(visit: (node: EditorNode) => void): void;
  };
  plugins: { registerPlugin(id: string, definition: object): void };
  events: { on(event: string, handler: (...args: never[]) => void): void };
}

/** A node of the flow as the editor holds it. */
export interface EditorNode {
  id: string;
  type: string;
  name?: string;
  _(key: string, options?: Record<string, unknown>): string;
  [field: string]: unknown;
}

declare global {
  const limen: Limen;
  interface Window {
    RED: EditorRed;
    limen: Limen;
  }
  interface JQuery {
    /** Node-RED's list whose entries can be added, removed and dragged. */
    editableList(options: object): JQuery;
    editableList(command: "addItem", data: unknown): JQuery;
    editableList(command: "items"): JQuery;
    editableList(command: string, ...args: unknown[]): JQuery;
  }
}
