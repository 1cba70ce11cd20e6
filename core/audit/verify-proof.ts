import { emptyRoot, type Hash, nodeHash } from "./merkle.ts";

// Sizes and indexes are exact up to 2^53; anything else a hostile proof may claim is refused.
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
// A root of another length than 32 never equals a computed one, so only what goes into a hash must be a hash.
const isBytes = (value: unknown): value is Buffer => Buffer.isBuffer(value);
const isHash = (value: unknown): value is Hash => Buffer.isBuffer(value) && value.length === 32;
const odd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);

/** A range of leaves that is a node of every tree that holds it: it starts at a multiple of its size's power of two. */
function isSubtree(start: number, end: number): boolean {
  if (!isCount(start) || !isCount(end) || start >= end) return false; // no leaves, no proof of one
  let width = 1;
  while (width < end - start) width *= 2;
  return start % width === 0;
}

/**
 * Is the leaf at `index` in the tree of `size` leaves with this root? (RFC 9162 section 2.1.3.2.)
 * Never throws, whatever it is given.
 */
export const verifyInclusion = (
  index: number,
  size: number,
  leaf: Hash,
  proof: readonly Hash[],
  root: Hash,
): boolean => verifySubtreeInclusion(index, 0, size, leaf, proof, root);

/** The same within the subtree of leaves `start` to `end` (draft-ietf-plants-merkle-tree-certs). */
export function verifySubtreeInclusion(
  index: number,
  start: number,
  end: number,
  leaf: Hash,
  proof: readonly Hash[],
  root: Hash,
): boolean {
  if (!isSubtree(start, end) || !isCount(index) || index < start || index >= end) return false;
  if (!isHash(leaf) || !isBytes(root) || !Array.isArray(proof) || !proof.every(isHash)) return false;
  let at = index - start;
  let last = end - start - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (last === 0) return false; // longer than the tree is high
    if (odd(at) || at === last) {
      node = nodeHash(sibling, node);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else node = nodeHash(node, sibling);
    at = half(at);
    last = half(last);
  }
  return last === 0 && node.equals(root);
}

/**
 * Is the tree of `size2` leaves the tree of `size1` with leaves added? (RFC 9162 section 2.1.4.2.) Nothing
 * is said by a tree without leaves. Never throws, whatever it is given.
 */
export const verifyConsistency = (
  size1: number,
  size2: number,
  root1: Hash,
  root2: Hash,
  proof: readonly Hash[],
): boolean => size1 !== 0 && verifySubtreeConsistency(0, size1, size2, root1, root2, proof);

/** Is the subtree of leaves `start` to `end` with root `root1` part of the tree of `size` leaves with root `root2`? */
export function verifySubtreeConsistency(
  start: number,
  end: number,
  size: number,
  root1: Hash,
  root2: Hash,
  proof: readonly Hash[],
): boolean {
  if (!isCount(start) || !isCount(end) || !isCount(size) || end > size) return false;
  if (!isBytes(root1) || !isBytes(root2) || !Array.isArray(proof) || !proof.every(isHash)) return false;
  if (start === end) return root1.equals(emptyRoot) && proof.length === 0; // no leaves: part of every tree
  if (!isSubtree(start, end)) return false;
  let first = start;
  let at = end - 1;
  let last = size - 1;
  const up = () => {
    first = half(first);
    at = half(at);
    last = half(last);
  };
  // Up to the highest node that is whole in the subtree and on its right edge: both roots are built from there.
  if (at === last) while (first !== at) up();
  else while (first !== at && odd(at)) up();
  const [head, ...rest] = first === at ? [root1, ...proof] : proof;
  if (!head) return false;
  let inner = head;
  let outer = head;
  for (const sibling of rest) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      if (first < at) inner = nodeHash(sibling, inner);
      outer = nodeHash(sibling, outer);
      while (!odd(at) && at !== 0) up();
    } else outer = nodeHash(outer, sibling);
    up();
  }
  return last === 0 && inner.equals(root1) && outer.equals(root2);
}
