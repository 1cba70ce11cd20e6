import { hash } from "node:crypto";

/** Merkle trees of RFC 6962 section 2.1 over SHA-256. Hashes are 32-byte buffers. */
export type Hash = Buffer;

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

export const sha256 = (data: Buffer | string): Hash => hash("sha256", data, "buffer");
export const leafHash = (entry: Buffer): Hash => sha256(Buffer.concat([leafPrefix, entry]));
export const nodeHash = (left: Hash, right: Hash): Hash => sha256(Buffer.concat([nodePrefix, left, right]));
/** The root of no entries at all. */
export const emptyRoot = sha256("");

/** The largest power of two below n, for n > 1. Not by bit operations: those stop at 2^31. */
export function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** The root over hashes of equal subtrees, left to right. */
export function rootOf(hashes: readonly Hash[]): Hash {
  if (hashes.length === 0) return emptyRoot;
  if (hashes.length === 1) return hashes[0]!;
  const k = splitPoint(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)));
}

/**
 * The right edge of a growing tree: one root for each perfect subtree, largest first (one for each set bit of `size`).
 * A value: `append` leaves it as it is and answers a new one.
 */
export interface Edge {
  readonly size: number;
  readonly hashes: readonly Hash[];
}

export const emptyEdge: Edge = { size: 0, hashes: [] };

/**
 * Adds one leaf.
 * @param keep is told every perfect subtree that this leaf completes: its height (leaf: 0), its index at that height
 */
export function append(
  edge: Edge,
  leaf: Hash,
  keep?: (height: number, index: number, hash: Hash) => void,
): Edge {
  const hashes = edge.hashes.slice();
  let node = leaf;
  let index = edge.size;
  let height = 0;
  keep?.(height, index, node);
  while (index % 2 === 1) {
    node = nodeHash(hashes.pop()!, node);
    index = (index - 1) / 2;
    height += 1;
    keep?.(height, index, node);
  }
  return { size: edge.size + 1, hashes: [...hashes, node] };
}

export function edgeRoot({ hashes }: Edge): Hash {
  let root = hashes.at(-1) ?? emptyRoot;
  for (const left of hashes.slice(0, -1).reverse()) root = nodeHash(left, root);
  return root;
}
