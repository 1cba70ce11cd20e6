import { optionKey, type Schema } from "../../nodes/lib/editor/check.ts";

export interface FormSource {
  type: string;
  schema: Schema;
  credentials: Record<string, "text" | "password">;
  isConfig: boolean;
  /** Keys of the node's en-US catalogue, to know which fields have a hint. */
  keys: ReadonlySet<string>;
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]!);

/** Is this field held by a widget of ours (typed value) rather than by the host's own input? */
const isOwn = ({ type }: Schema): boolean => type === "number" || type === "integer" || type === "array";

/** The rows of a node's edit dialog, from its schema. Words come from the catalogue in each viewer's language. */
export function formOf({ type, schema, credentials, isConfig, keys }: FormSource): string {
  const prefix = isConfig ? "node-config-input" : "node-input";
  const row = (field: string, input: string, label: string): string => {
    const hint = keys.has(`hint.${field}`)
      ? `\n  <div class="limen-hint" data-i18n="${type}.hint.${field}"></div>`
      : "";
    return `<div class="form-row" id="limen-row-${field}">\n  ${label}\n  ${input}${hint}\n</div>`;
  };
  const labelFor = (field: string, id: string): string =>
    `<label for="${id}" data-i18n="${type}.label.${field}"></label>`;

  const rows: string[] = [];
  const properties = schema.properties ?? {};
  if (!properties.name) {
    rows.push(
      `<div class="form-row">\n  <label for="${prefix}-name" data-i18n="node-red:common.label.name"></label>\n  <input type="text" id="${prefix}-name">\n</div>`,
    );
  }
  for (const [field, property] of Object.entries(properties)) {
    const id = `${prefix}-${field}`;
    rows.push(
      row(
        field,
        inputOf(type, field, id, property),
        labelFor(field, isOwn(property) ? `limen-input-${field}` : id),
      ),
    );
  }
  for (const [field, kind] of Object.entries(credentials)) {
    const id = `${prefix}-${field}`;
    rows.push(row(field, `<input type="${kind}" id="${id}" autocomplete="off">`, labelFor(field, id)));
  }
  return rows.join("\n");
}

function inputOf(type: string, field: string, id: string, schema: Schema): string {
  if (isOwn(schema)) return `<div class="limen-field" id="limen-field-${field}"></div>`;
  if (schema.enum) {
    const options = schema.enum
      .map((value) => escaped(String(value)))
      .map(
        (value) =>
          `<option value="${value}" data-i18n="${type}.option.${field}.${optionKey(value)}"></option>`,
      );
    return `<select id="${id}">${options.join("")}</select>`;
  }
  if (schema.type === "boolean") {
    return `<input type="checkbox" id="${id}" style="width:auto;vertical-align:top">`;
  }
  return `<input type="text" id="${id}"${schema.maxLength ? ` maxlength="${schema.maxLength}"` : ""}>`;
}

/** The settings table of a node's help: each field that has a hint, in this language's words. */
export function settingsHelp(
  fields: readonly string[],
  words: ReadonlyMap<string, string>,
  heading: string,
): string {
  const rows = fields
    .filter((field) => words.has(`hint.${field}`))
    .map(
      (field) => `<dt>${words.get(`label.${field}`) ?? field}</dt>\n<dd>${words.get(`hint.${field}`)}</dd>`,
    );
  return rows.length === 0
    ? ""
    : `<h3>${heading}</h3>\n<dl class="message-properties">\n${rows.join("\n")}\n</dl>`;
}
