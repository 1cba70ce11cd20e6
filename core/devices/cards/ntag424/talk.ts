import { LimenError } from "../../../errors.ts";

/**
 * A conversation with a card: yields an APDU to send and is given the answer, status bytes included. Whoever runs it
 * needs no keys, and whoever has the keys needs no wire.
 */
export type Talk<Result> = Generator<Buffer, Result, Uint8Array>;

export const authFailed = (): LimenError => new LimenError("card-auth-failed", { status: 422 });

/** A command of the card's native set as an ISO 7816 APDU (NT4H2421Gx, 10.2). */
export const native = (command: number, data: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([
    Buffer.from([0x90, command, 0, 0]),
    ...(data.length > 0 ? [Buffer.of(data.length), data] : []),
    Buffer.of(0),
  ]);

/** The data of an answer that ends in these two status bytes; undefined for any other. */
export function dataOf(response: Uint8Array, status: string): Buffer | undefined {
  const bytes = Buffer.from(response);
  const end = bytes.length - 2;
  return end >= 0 && bytes.toString("hex", end) === status ? bytes.subarray(0, end) : undefined;
}
