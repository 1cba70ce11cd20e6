import { createHash } from "node:crypto";

/**
 * SHA-256 of a flow, the same for anyone who has the file: nodes ordered by id, fields by name, no white space, and
 * without credentials, which no flow file holds. Lower-case hex.
 */
export function flowHash(flow: readonly object[]): string {
  const nodes = flow
    .map((node) => Object.entries(node).filter(([field]) => field !== "credentials"))
    .map((fields) => Object.fromEntries(fields) as { id?: string })
    .sort((a, b) => ((a.id ?? "") < (b.id ?? "") ? -1 : 1));
  return createHash("sha256").update(canonical(nodes)).digest("hex");
}

/** JSON with every object's fields in order of their names (code units). */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  const fields = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([field, inner]) => `${JSON.stringify(field)}:${canonical(inner)}`);
  return `{${fields.join(",")}}`;
}
