import { open, seal } from "../store/seal.ts";
import type { SealContext } from "../store/types.ts";

/** A JSON value sealed to one row. */
export const sealJson = (key: Buffer, context: SealContext, value: unknown): Buffer =>
  seal(key, context, Buffer.from(JSON.stringify(value)));

/** @throws LimenError `seal-broken` */
export function openJson<T>(key: Buffer, context: SealContext, sealed: Uint8Array): T {
  const plain = open(key, context, Buffer.from(sealed));
  try {
    return JSON.parse(plain.toString("utf8")) as T;
  } finally {
    plain.fill(0);
  }
}
