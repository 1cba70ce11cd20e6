import { check, optionKey, type Schema } from "./check.ts";
import type { EditorNode } from "./globals.d.ts";

/** Reads what somebody entered; undefined when a field was left empty. */
export type Read = () => unknown;

/** Where a field's words are: `say("option", "days.mon")`. */
export type Say = (kind: "label" | "option" | "hint", key: string) => string;

/** Makes one field's inputs inside its container, filled with its present value. */
export type Widget = (
  container: JQuery,
  value: unknown,
  field: { name: string; schema: Schema; say: Say; node: EditorNode; changed: () => void },
) => Read;

const fromInput = (schema: Schema, text: string): unknown => {
  if (text.trim() === "") return undefined;
  return schema.type === "number" || schema.type === "integer" ? Number(text) : text;
};

/** One input for a scalar: a list of options, a number with its bounds, or text. */
function scalar(schema: Schema, name: string, say: Say, value: unknown): JQuery {
  if (schema.enum) {
    const select = $("<select>").css("width", "auto");
    for (const option of schema.enum) {
      $("<option>")
        .val(String(option))
        .text(say("option", `${name}.${optionKey(String(option))}`))
        .appendTo(select);
    }
    return select.val(String(value ?? schema.default ?? schema.enum[0]));
  }
  const number = schema.type === "number" || schema.type === "integer";
  const input = $("<input>").attr("type", number ? "number" : schema.format === "date" ? "date" : "text");
  if (schema.minimum !== undefined) input.attr("min", schema.minimum);
  if (schema.maximum !== undefined) input.attr("max", schema.maximum);
  if (number) input.attr("step", schema.type === "integer" ? 1 : "any");
  if (schema.pattern !== undefined) input.attr("pattern", schema.pattern);
  return input
    .attr("aria-label", say("label", name))
    .val(value === undefined ? "" : String(value))
    .css("width", number ? "9em" : "11em");
}

const redden = (input: JQuery, schema: Schema, value: unknown): void => {
  input.toggleClass("input-error", value !== undefined && check(schema, value) !== undefined);
};

export const numberField: Widget = (container, value, { name, schema, say, changed }) => {
  const input = scalar(schema, name, say, value).attr("id", `limen-input-${name}`).appendTo(container);
  const read: Read = () => fromInput(schema, String(input.val()));
  input.on("input change", () => {
    redden(input, schema, read());
    changed();
  });
  redden(input, schema, value);
  return read;
};

/** A row of checkboxes: which of these words. */
export const setField: Widget = (container, value, { name, schema, say, changed }) => {
  const chosen = new Set((value as unknown[] | undefined) ?? []);
  for (const option of schema.items?.enum ?? []) {
    const box = $("<input>")
      .attr({ type: "checkbox", value: String(option) })
      .css({ width: "auto", margin: "0 4px 0 0" })
      .prop("checked", chosen.has(option))
      .on("change", changed);
    $("<label>")
      .css({ width: "auto", marginRight: "12px" })
      .append(box, document.createTextNode(say("option", `${name}.${optionKey(String(option))}`)))
      .appendTo(container);
  }
  return () =>
    container
      .find("input:checked")
      .get()
      .map((box) => (box as HTMLInputElement).value);
};

/** A list of texts, or of rows with one input a property. */
export const listField: Widget = (container, value, { name, schema, say, node, changed }) => {
  const item = schema.items ?? {};
  const list = $("<ol>").appendTo(container);
  const reads = new WeakMap<HTMLElement, Read>();
  list.editableList({
    addButton: true,
    removable: true,
    sortable: true,
    height: "auto",
    addItem: (row: JQuery, _index: number, data: { value?: unknown }) => {
      reads.set(row[0]!, rowOf(row, item, data.value, { name, say, node, changed }));
      changed();
    },
    removeItem: changed,
    sortItems: changed,
  });
  for (const entry of (value as unknown[] | undefined) ?? []) list.editableList("addItem", { value: entry });
  return () =>
    list
      .editableList("items")
      .get()
      .map((row) => reads.get(row as unknown as HTMLElement)?.() ?? reads.get($(row)[0]!)?.())
      .filter((entry) => entry !== undefined);
};

function rowOf(
  row: JQuery,
  schema: Schema,
  value: unknown,
  { name, say, node, changed }: { name: string; say: Say; node: EditorNode; changed: () => void },
): Read {
  if (schema.type !== "object") {
    const input = scalar(schema, name, say, value).on("input change", changed).appendTo(row);
    input.on("input change", () => redden(input, schema, fromInput(schema, String(input.val()))));
    return () => fromInput(schema, String(input.val()));
  }
  const present = (value ?? {}) as Record<string, unknown>;
  const reads = Object.entries(schema.properties ?? {}).map(([field, property]): [string, Read] => {
    const path = `${name}-${field}`;
    const cell = $("<span>").css({ marginRight: "8px", whiteSpace: "normal" }).appendTo(row);
    if (property.type === "array") {
      return [field, setField(cell, present[field], { name: path, schema: property, say, node, changed })];
    }
    const input = scalar(property, path, say, present[field]).on("input change", changed);
    input.on("input change", () => redden(input, property, fromInput(property, String(input.val()))));
    $("<label>")
      .css("width", "auto")
      .append(document.createTextNode(`${say("label", path)} `), input)
      .appendTo(cell);
    return [field, () => fromInput(property, String(input.val()))];
  });
  return () =>
    Object.fromEntries(reads.map(([field, read]) => [field, read()]).filter(([, v]) => v !== undefined));
}

/** The widget of a field the host's own inputs cannot hold with its type; undefined where they can. */
export function widgetFor(schema: Schema): Widget | undefined {
  if (schema.type === "number" || schema.type === "integer") return numberField;
  if (schema.type === "array") return schema.items?.enum ? setField : listField;
  return undefined;
}
