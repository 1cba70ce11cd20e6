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

/**
 * Returns the value when it fits, filling in the schema's defaults in place.
 * @throws LimenError `invalid` naming the first field at fault and the rule it breaks.
 */
export function parse<S extends TSchema>(schema: S, value: unknown, code = "invalid"): Static<S> {
  let validate = validators.get(schema);
  if (!validate) {
    validate = ajv.compile(schema);
    validators.set(schema, validate);
  }
  if (validate(value)) return value as Static<S>;
  const first = validate.errors?.[0];
  const extra = first?.params as { missingProperty?: string; additionalProperty?: string } | undefined;
  const tail = extra?.missingProperty ?? extra?.additionalProperty;
  const field = `${first?.instancePath ?? ""}${tail === undefined ? "" : `/${tail}`}` || "/";
  throw new LimenError(code, {
    field,
    params: { field, rule: first?.keyword ?? "schema" },
    message: `${field}: ${first?.message ?? "does not fit its schema"}`,
  });
}
