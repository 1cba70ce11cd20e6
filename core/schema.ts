import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";
import Type, { type Static, type TObject, type TSchema } from "typebox";
import { LimenError } from "./errors.ts";

export { type Static, type TObject, type TSchema, Type };

const ajv = new Ajv({
  allErrors: false,
  strict: false,
  discriminator: true,
  useDefaults: true,
  coerceTypes: false,
});
(formats as unknown as (target: Ajv) => void)(ajv);
// the id of another node of the flow; whoever runs the flow resolves it
for (const name of ["limen-site", "limen-door", "limen-camera", "limen-bus", "ui-group"])
  ajv.addFormat(name, true);

const validators = new WeakMap<object, ValidateFunction>();

/** A closed object: a field the schema does not name is an error (RD-37, RD-39). */
export const Closed = <P extends Record<string, TSchema>>(
  properties: P,
  options: Record<string, unknown> = {},
) => Type.Object(properties, { additionalProperties: false, ...options });

/** One of these words. */
export const OneOf = <const W extends readonly string[]>(words: W, options: Record<string, unknown> = {}) =>
  Type.Unsafe<W[number]>({ type: "string", enum: [...words], ...options });

/** The first thing wrong with a value. */
export interface Fault {
  /** JSON pointer to it. */
  field: string;
  /** The rule it breaks, as JSON Schema calls it. */
  keyword: string;
  /** What would fit, short and in no language: `rgb | bgr`, `>= 16`, `integer`. */
  allowed: string;
  message: string;
}

/** Fills in a schema's defaults in place. @returns what is wrong with the value; undefined when it fits */
export function faultOf(schema: TSchema, value: unknown): Fault | undefined {
  let validate = validators.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    validators.set(schema, validate);
  }
  if (validate(value)) return undefined;
  const first = validate.errors?.[0];
  const params = (first?.params ?? {}) as Record<string, unknown>;
  const tail = params.missingProperty ?? params.additionalProperty;
  const { allowedValues, comparison, limit, keyword: _, ...rest } = params;
  return {
    field: `${first?.instancePath ?? ""}${tail === undefined ? "" : `/${tail}`}` || "/",
    keyword: first?.keyword ?? "schema",
    allowed: Array.isArray(allowedValues)
      ? allowedValues.join(" | ")
      : [comparison ?? first?.keyword, ...(limit === undefined ? Object.values(rest) : [limit])].join(" "),
    message: first?.message ?? "does not fit its schema",
  };
}

/**
 * Returns the value when it fits, filling in the schema's defaults in place.
 * @throws LimenError `invalid` naming the first field at fault and the rule it breaks.
 */
export function parse<S extends TSchema>(schema: S, value: unknown, code = "invalid"): Static<S> {
  const fault = faultOf(schema, value);
  if (!fault) return value as Static<S>;
  const { field, keyword, message } = fault;
  throw new LimenError(code, { field, params: { field, rule: keyword }, message: `${field}: ${message}` });
}
