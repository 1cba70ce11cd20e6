/** The part of JSON Schema that node settings use. */
export interface Schema {
  type?: string;
  enum?: readonly unknown[];
  pattern?: string;
  format?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: boolean;
  /** Ours: the field exists only while other fields have one of these values. */
  showWhen?: Record<string, readonly unknown[]>;
  /** Ours: while shown, it must not be empty. */
  needed?: boolean;
}

/** The catalogue key of an option: a colon (`1:N`) would read as the end of a namespace. */
export const optionKey = (value: string): string => value.replaceAll(":", "-");

/** The rule a value breaks, with the numbers its sentence needs; undefined when it fits. */
export interface Fault {
  rule: string;
  limit?: number;
}

const formats: Record<string, (text: string) => boolean> = {
  date: (text) =>
    /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().slice(0, 10) === text,
};

const isType = (type: string, value: unknown): boolean => {
  switch (type) {
    case "string":
      return typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "integer":
      return Number.isInteger(value);
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    default:
      return true;
  }
};

/** Checks a value while it is typed, by the rules the runtime's validator (ajv) applies when the node starts. */
export function check(schema: Schema, value: unknown): Fault | undefined {
  if (schema.type !== undefined && !isType(schema.type, value)) return { rule: "type" };
  if (schema.enum && !schema.enum.includes(value)) return { rule: "enum" };
  if (typeof value === "string") return checkText(schema, value);
  if (typeof value === "number") {
    if (schema.minimum !== undefined && value < schema.minimum)
      return { rule: "minimum", limit: schema.minimum };
    if (schema.maximum !== undefined && value > schema.maximum)
      return { rule: "maximum", limit: schema.maximum };
    return undefined;
  }
  if (Array.isArray(value)) return checkList(schema, value);
  if (typeof value === "object" && value !== null)
    return checkObject(schema, value as Record<string, unknown>);
  return undefined;
}

function checkText(schema: Schema, value: string): Fault | undefined {
  const length = [...value].length;
  if (length < (schema.minLength ?? 0)) return { rule: "minLength", limit: schema.minLength! };
  if (length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) {
    return { rule: "maxLength", limit: schema.maxLength! };
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test(value))
    return { rule: "pattern" };
  const format = schema.format === undefined ? undefined : formats[schema.format];
  if (format && !safely(() => format(value))) return { rule: "format" };
  return undefined;
}

/** `new Date("2026-99-99").toISOString()` throws. */
const safely = (test: () => boolean): boolean => {
  try {
    return test();
  } catch {
    return false;
  }
};

function checkList(schema: Schema, value: readonly unknown[]): Fault | undefined {
  if (value.length < (schema.minItems ?? 0)) return { rule: "minItems", limit: schema.minItems! };
  if (value.length > (schema.maxItems ?? Number.POSITIVE_INFINITY)) {
    return { rule: "maxItems", limit: schema.maxItems! };
  }
  if (schema.uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    return { rule: "uniqueItems" };
  }
  for (const item of value) {
    const fault = schema.items && check(schema.items, item);
    if (fault) return fault;
  }
  return undefined;
}

function checkObject(schema: Schema, value: Record<string, unknown>): Fault | undefined {
  for (const field of schema.required ?? []) {
    if (value[field] === undefined && schema.properties?.[field]?.default === undefined) {
      return { rule: "required" };
    }
  }
  for (const [field, inner] of Object.entries(value)) {
    const property = schema.properties?.[field];
    if (!property) {
      if (schema.additionalProperties === false) return { rule: "additionalProperties" };
      continue;
    }
    const fault = check(property, inner);
    if (fault) return fault;
  }
  return undefined;
}
