import { LimenError } from "../../core/errors.ts";
import { parse, type Static, type TObject } from "../../core/schema.ts";
import type { NodeSpec } from "./types.ts";

/** What Node-RED itself keeps in a node's entry of the flow file: not settings of ours. */
const hostFields = new Set([
  "id",
  "type",
  "z",
  "g",
  "d",
  "x",
  "y",
  "w",
  "h",
  "l",
  "wires",
  "info",
  "env",
  "icon",
  "inputLabels",
  "outputLabels",
  "credentials",
  "_users",
  "_alias",
  "_flow",
  "version",
]);

interface Property {
  type?: string;
  format?: string;
  default?: unknown;
}

/**
 * A node's settings from its entry in the flow: migrated to the present version, checked, defaults filled in.
 * Fields the schema does not name are refused: a misspelt safety setting must not be silently ignored.
 * @param raw the node's entry as Node-RED hands it over; left untouched
 * @throws LimenError `config-invalid` naming the field; `config-newer` when it was made by a later Limen
 */
export function readConfig<S extends TObject>(
  spec: Pick<NodeSpec<S>, "config" | "version" | "migrations">,
  raw: Readonly<Record<string, unknown>>,
): Static<S> {
  let settings: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(raw)) {
    if (!hostFields.has(field)) settings[field] = structuredClone(value);
  }
  const from = typeof raw.version === "number" ? raw.version : spec.version;
  if (from > spec.version) throw new LimenError("config-newer", { params: { version: from } });
  for (let version = from; version < spec.version; version++) {
    const migrate = spec.migrations?.[version];
    if (!migrate)
      throw new LimenError("config-invalid", { field: "/version", params: { field: "/version" } });
    settings = migrate(settings);
  }
  const properties = spec.config.properties as Record<string, Property>;
  if (!properties.name) delete settings.name;
  const required = (spec.config.required ?? []) as readonly string[];
  for (const [field, value] of Object.entries(settings)) {
    const property = properties[field];
    if (!property) continue;
    const plain = fromText(property, value);
    // an emptied form field means "not set"
    if (plain === "" && (!required.includes(field) || property.default !== undefined)) delete settings[field];
    else settings[field] = plain;
  }
  return parse(spec.config, settings, "config-invalid");
}

/** Environment variables in settings (`${DOOR_SECONDS}`) always arrive as text. */
function fromText({ type }: Property, value: unknown): unknown {
  if (typeof value !== "string" || value === "") return value;
  if ((type === "number" || type === "integer") && Number.isFinite(Number(value))) return Number(value);
  if (type === "boolean" && (value === "true" || value === "false")) return value === "true";
  return value;
}
