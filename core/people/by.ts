import type { FieldValue } from "../audit/types.ts";

/** Who of staff, or which resident, did something. */
export interface By {
  id: string;
  role: string;
  /** As their account is called; a resident's has none. */
  name?: string;
}

/** The same for the record: what a resident reads of it on their own page is role and name. */
export const saidBy = ({ id, role, name }: By): Record<string, FieldValue> => ({
  by: id,
  role,
  ...(name && { name }),
});
