import { LimenError } from "../../errors.ts";

/** Whole numbers little-endian, in `size` bytes each. @throws LimenError `osdp-command-bad` naming the field */
export function numbers(...fields: readonly [field: string, value: number, size?: number][]): Buffer {
  return Buffer.concat(
    fields.map(([field, value, size = 1]) => {
      const bytes = Buffer.alloc(size);
      if (!Number.isInteger(value) || value < 0 || value >= 256 ** size) throw bad(field);
      bytes.writeUIntLE(value, 0, size);
      return bytes;
    }),
  );
}

/** A field that the wire cannot carry. */
export const bad = (field: string): LimenError =>
  new LimenError("osdp-command-bad", { field: `/${field}`, params: { field: `/${field}` } });

/** The bytes, when they are that many. @throws LimenError `osdp-command-bad` */
export function exactly(field: string, bytes: Buffer, length: number): Buffer {
  if (bytes.length !== length) throw bad(field);
  return bytes;
}

/** Data made of records of one size, at least one. */
export const records = (data: Buffer, size: number): Buffer[] | undefined =>
  data.length > 0 && data.length % size === 0
    ? Array.from({ length: data.length / size }, (_, at) => data.subarray(at * size, (at + 1) * size))
    : undefined;
