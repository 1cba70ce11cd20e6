import { openApi } from "../../nodes/api/openapi.ts";
import { routes } from "../../nodes/api/routes.ts";

/** JSON Schema as the OpenAPI document carries it; only what the API's own schemas use. */
export interface Schema {
  type?: string;
  description?: string;
  const?: unknown;
  default?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  minItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

/** One operation of the document, as a caller from outside reads it. */
export interface Operation {
  method: string;
  path: string;
  /** `DELETE /passes/{id}`. */
  name: string;
  roles: string[] | "public" | "signed-in";
  fresh: string[];
  parameters: { name: string; in: "path" | "query" | "header"; required: boolean; schema: Schema }[];
  body?: Schema;
  /** Another type of body than JSON. */
  upload?: string;
}

/** Every operation of the document the API serves. */
export function operations(): Operation[] {
  const { paths } = openApi(routes) as { paths: Record<string, Record<string, never>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, told]) => {
      const operation = told as {
        "x-roles": Operation["roles"];
        "x-fresh"?: string[];
        parameters: Operation["parameters"];
        requestBody?: { content: Record<string, { schema: Schema }> };
      };
      const [[type, content] = []] = Object.entries(operation.requestBody?.content ?? {});
      return {
        method: method.toUpperCase(),
        path,
        name: `${method.toUpperCase()} ${path}`,
        roles: operation["x-roles"],
        fresh: operation["x-fresh"] ?? [],
        parameters: operation.parameters,
        ...(type === "application/json" ? { body: content!.schema } : type ? { upload: type } : {}),
      };
    }),
  );
}

/** Where a value stands: `{id}` of a path, `door` of a query, `doors` of a body. */
export interface Place {
  in: "path" | "query" | "body";
  /** The property's own name. */
  name: string;
  schema: Schema;
}

/** Every text and number an operation takes, wherever it stands in path, query and body. */
export function places({ parameters, body }: Operation): Place[] {
  const found: Place[] = [];
  const walk = (place: Place["in"], name: string, schema: Schema): void => {
    if (schema.type === "string" || schema.type === "integer") found.push({ in: place, name, schema });
    for (const one of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) walk(place, name, one);
    if (schema.items) walk(place, name, schema.items);
    for (const [key, property] of Object.entries(schema.properties ?? {})) walk(place, key, property);
  };
  for (const { in: place, name, schema } of parameters) if (place !== "header") walk(place, name, schema);
  if (body) walk("body", "", body);
  return found;
}

/** Under this, what is written into every free field: called with its name and schema. */
export const anyWords = Symbol("any words");
/** What a test knows of values that a schema alone does not give, by the property's name. */
export interface Known {
  [name: string]: unknown;
  [anyWords]?: (name: string, schema: Schema) => string;
}

/** Whether it takes any words at all: no list, no form. */
export const isFree = ({ type, const: one, enum: some, pattern, format }: Schema): boolean =>
  type === "string" && one === undefined && !some && !pattern && !format;

/** An operation's body, once for each kind of body it may be. */
export function bodies({ body }: Operation): Schema[] {
  for (const [name, property] of Object.entries(body?.properties ?? {}))
    if (property.oneOf)
      return property.oneOf.map((one) => ({ ...body, properties: { ...body!.properties, [name]: one } }));
  return body ? [body] : [];
}

/**
 * A value that fits a schema.
 * @param known values by property name, which count before the schema; a function gets the schema
 * @param all what may be left out is said too
 */
export function sample(schema: Schema, known: Known = {}, all = false, name = ""): unknown {
  if (Object.hasOwn(known, name)) {
    const value = known[name];
    return typeof value === "function" ? (value as (schema: Schema) => unknown)(schema) : value;
  }
  if (known[anyWords] && isFree(schema)) return known[anyWords](name, schema);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? [];
  if (first) return sample(first, known, all, name);
  if (schema.default !== undefined) return schema.default;
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([key]) => all || schema.required?.includes(key) || Object.hasOwn(known, key))
          .map(([key, property]) => [key, sample(property, known, all, key)]),
      );
    case "array":
      return Array.from({ length: Math.max(schema.minItems ?? 0, all ? 1 : 0) }, () =>
        sample(schema.items!, known, all, name),
      );
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    case "string":
      if (schema.format === "date-time") return "2030-01-01T08:00:00Z";
      if (schema.format === "date") return "2030-01-01";
      if (schema.pattern) throw new Error(`${name}: no value known for ${schema.pattern}`);
      return "words".padEnd(schema.minLength ?? 0, " more").slice(0, schema.maxLength ?? 100);
    default:
      return null;
  }
}
