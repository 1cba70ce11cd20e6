import { type Edge, emptyRoot, type Hash, nodeHash, rootOf, splitPoint } from "./merkle.ts";

/** Leaves (or hashes) in one full tile, and the tree levels a tile spans: C2SP tlog-tiles. */
export const tileWidth = 256;
export const tileHeight = 8;

/** Where the hashes of a tree are: those at heights 0, 8, 16, …, as tiles hold them. */
export interface HashSource {
  /** `count` hashes of tile level `level`, from index `from`. */
  hashes(level: number, from: number, count: number): Hash[];
}

/** The hash over the leaves from `start` to `end`: a node of the tree, or its right edge. */
export function rangeHash(source: HashSource, start: number, end: number): Hash {
  const count = end - start;
  if (count === 0) return emptyRoot;
  let width = 1;
  let height = 0;
  while (width < count) {
    width *= 2;
    height += 1;
  }
  if (width === count) {
    const level = Math.floor(height / tileHeight);
    const span = tileWidth ** level;
    return rootOf(source.hashes(level, start / span, count / span));
  }
  const k = splitPoint(count);
  return nodeHash(rangeHash(source, start, start + k), rangeHash(source, start + k, end));
}

/** The audit path of RFC 6962 section 2.1.1, leaf's sibling first. */
export function inclusionProof(source: HashSource, index: number, size: number): Hash[] {
  const path = (start: number, end: number): Hash[] => {
    if (end - start === 1) return [];
    const middle = start + splitPoint(end - start);
    return index < middle
      ? [...path(start, middle), rangeHash(source, middle, end)]
      : [...path(middle, end), rangeHash(source, start, middle)];
  };
  return path(0, size);
}

/** The consistency proof of RFC 6962 section 2.1.2, for 0 < from <= to; empty when they are equal. */
export function consistencyProof(source: HashSource, from: number, to: number): Hash[] {
  const path = (start: number, end: number, known: boolean): Hash[] => {
    if (end === from) return known ? [] : [rangeHash(source, start, end)];
    const middle = start + splitPoint(end - start);
    return from <= middle
      ? [...path(start, middle, known), rangeHash(source, middle, end)]
      : [...path(middle, end, false), rangeHash(source, start, middle)];
  };
  return path(0, to, true);
}

/** The right edge of the tree of `size` leaves. */
export function edgeOf(source: HashSource, size: number): Edge {
  const hashes: Hash[] = [];
  let start = 0;
  for (let left = size; left > 0; ) {
    let width = 1;
    while (width * 2 <= left) width *= 2;
    hashes.push(rangeHash(source, start, start + width));
    start += width;
    left -= width;
  }
  return { size, hashes };
}
