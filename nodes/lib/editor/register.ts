import { check, type Schema } from "./check.ts";
import type { EditorNode, EditorRed } from "./globals.d.ts";
import { testPanel } from "./panel.ts";
import { type Read, type Widget, widgetFor } from "./widgets.ts";

declare const RED: EditorRed;

/** What the build knows of a node: from its `config.ts` and its catalogue. */
export interface Definition {
  schema: Schema;
  version: number;
  credentials: Record<string, "text" | "password">;
  palette: { role: string; icon: string; inputs: number; outputs: number; label?: string };
}

/** What a node's `editor.ts` adds to the generated form. */
export interface Extension {
  /** Own widgets for fields, in place of the generated ones. */
  fields?: Record<string, Widget>;
  /** After the form is filled. `read(field)` is what is entered now, `changed` runs on every change. */
  prepare?(node: EditorNode, form: { read(field: string): unknown; onChange(run: () => void): void }): void;
}

/** Colours by what a node does, so that a line of wire reads as sense, check, record, act. */
const colours: Record<string, string> = {
  sense: "#9fd3c7",
  check: "#f2d488",
  record: "#b3c6e7",
  act: "#eba59c",
  office: "#d2c3e6",
};

const extensions = new Map<string, Extension>();
const configNode = /^(limen-|ui-group$)/;

const emptyOf = (schema: Schema): unknown => {
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (schema.enum) return schema.enum[0];
  if (schema.type === "array") return [];
  if (schema.type === "boolean") return false;
  return "";
};

const isShown = (schema: Schema, values: (field: string) => unknown): boolean =>
  Object.entries(schema.showWhen ?? {}).every(([field, wanted]) => wanted.includes(values(field)));

/** The editor's check of one field: true, or the sentence of the rule it breaks. */
function validatorOf(type: string, field: string, schema: Schema, required: boolean) {
  // the host takes a sentence for an answer only from a function with two parameters
  return function (this: EditorNode, value: unknown, _options: unknown): true | string {
    if (!isShown(schema, (other) => this[other])) return true;
    if (typeof value === "string" && /^\$\{[^}]+\}$/.test(value)) return true; // filled in from the environment
    const say = (rule: string, limit?: number): string =>
      `${RED._(`limen/${type}:${type}.label.${field}`)}: ${RED._(`limen/limen-editor:fault.${rule}`, { limit })}`;
    if (value === "" || value === undefined || value === null) {
      return required || schema.needed ? say("required") : true;
    }
    if (configNode.test(schema.format ?? "")) {
      return RED.nodes.node(String(value)) ? true : say("required");
    }
    const fault = check(schema, value);
    return fault ? say(fault.rule, fault.limit) : true;
  };
}

function defaultsOf(type: string, { schema, version }: Definition): Record<string, object> {
  const defaults: Record<string, object> = { name: { value: "" }, version: { value: version } };
  for (const [field, property] of Object.entries(schema.properties ?? {})) {
    const required =
      (schema.required ?? []).includes(field) && property.default === undefined && property.minLength !== 0;
    defaults[field] = {
      value: emptyOf(property),
      ...(configNode.test(property.format ?? "") ? { type: property.format, required } : {}),
      validate: validatorOf(type, field, property, required),
    };
  }
  return defaults;
}

/** Fills in one node's form: the widgets the host has not, and rows that come and go. */
function openForm(type: string, definition: Definition, node: EditorNode, reads: Map<string, Read>): void {
  const prefix = definition.palette.role === "config" ? "node-config-input-" : "node-input-";
  const extension = extensions.get(type);
  const listeners: (() => void)[] = [];
  const properties = definition.schema.properties ?? {};
  const changed = (): void => {
    for (const run of listeners) run();
  };
  const say = (kind: string, key: string): string => node._(`${type}.${kind}.${key}`);
  for (const [field, schema] of Object.entries(properties)) {
    const widget = extension?.fields?.[field] ?? widgetFor(schema);
    const container = $(`#limen-field-${field}`);
    // a flow written by hand may leave out what has a default; the runtime fills it in, and so does the form
    const value = node[field] === undefined ? schema.default : node[field];
    if (widget && container.length > 0) {
      const present = value === "" ? undefined : value;
      reads.set(field, widget(container, present, { name: field, schema, say, node, changed }));
      continue;
    }
    const input = $(`#${prefix}${field}`).on("input change", changed);
    if (node[field] !== undefined || value === undefined) continue;
    if (input.is(":checkbox")) input.prop("checked", value === true);
    else input.val(String(value));
  }
  const read = (field: string): unknown => {
    const own = reads.get(field);
    if (own) return own();
    const input = $(`#${prefix}${field}`);
    return input.is(":checkbox") ? input.prop("checked") : input.val();
  };
  const showRows = (): void => {
    for (const [field, schema] of Object.entries(properties)) {
      if (schema.showWhen) $(`#limen-row-${field}`).toggle(isShown(schema, read));
    }
  };
  listeners.push(showRows);
  showRows();
  extension?.prepare?.(node, { read, onChange: (run) => void listeners.push(run) });
  testPanel(type, node);
}

/** Registers a node type with the editor. Called by the page the build makes for each node. */
export function register(type: string, definition: Definition): void {
  const { palette } = definition;
  const isConfig = palette.role === "config";
  const reads = new Map<string, Read>();
  RED.nodes.registerType(type, {
    category: isConfig ? "config" : "Limen",
    defaults: defaultsOf(type, definition),
    credentials: Object.fromEntries(
      Object.entries(definition.credentials).map(([field, kind]) => [field, { type: kind }]),
    ),
    ...(isConfig
      ? {}
      : {
          color: colours[palette.role],
          icon: palette.icon,
          inputs: palette.inputs,
          outputs: palette.outputs,
          align: palette.role === "act" ? "right" : "left",
          outputLabels(this: EditorNode, index: number) {
            return palette.outputs > 1 ? this._(`${type}.output.${index}`) : "";
          },
        }),
    paletteLabel(this: EditorNode) {
      return this._(`${type}.palette`);
    },
    label(this: EditorNode) {
      const own = palette.label === undefined ? undefined : this[palette.label];
      return this.name || (typeof own === "string" && own) || this._(`${type}.palette`);
    },
    labelStyle(this: EditorNode) {
      return this.name ? "node_label_italic" : "";
    },
    oneditprepare(this: EditorNode) {
      reads.clear();
      openForm(type, definition, this, reads);
    },
    oneditsave(this: EditorNode) {
      for (const [field, read] of reads) this[field] = read() ?? "";
      this.version = definition.version;
    },
  });
}

/** Adds to the generated form of a node. Called by the node's `editor.ts`. */
export function extend(type: string, extension: Extension): void {
  extensions.set(type, extension);
}

export interface Limen {
  register: typeof register;
  extend: typeof extend;
}
