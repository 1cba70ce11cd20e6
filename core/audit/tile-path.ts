import { tileWidth } from "./prove.ts";

/** A file of the published log: a tile of hashes at a level, or a bundle of entries. */
export interface TileName {
  level: number | "entries";
  index: number;
  /** Hashes or entries in it, 1 to 256. */
  width: number;
}

/** `tile/<L>/<N>[.p/<W>]`, N in groups of three digits (C2SP tlog-tiles). */
export function tilePath({ level, index, width }: TileName): string {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0");
  const groups = digits.match(/\d{3}/g)!;
  const path = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${path}${width < tileWidth ? `.p/${width}` : ""}`;
}

/** Every file a log of `size` entries is made of, lowest level first: hash tiles, then the entries. */
export function tilesOf(size: number): TileName[] {
  return [...hashTiles(size), ...row("entries", size)];
}

function hashTiles(size: number): TileName[] {
  const tiles: TileName[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / tileWidth)) {
    tiles.push(...row(level, count));
  }
  return tiles;
}

/** The tiles of one level that holds `count` hashes. */
function row(level: TileName["level"], count: number): TileName[] {
  const full = Math.floor(count / tileWidth);
  const tiles: TileName[] = Array.from({ length: full }, (_, index) => ({ level, index, width: tileWidth }));
  if (count % tileWidth > 0) tiles.push({ level, index: full, width: count % tileWidth });
  return tiles;
}

/** The full tiles completed, and the partial ones begun or grown, between two sizes. */
export function tilesSince(from: number, to: number): TileName[] {
  const tiles: TileName[] = [];
  const add = (level: TileName["level"], before: number, count: number) => {
    for (let index = Math.floor(before / tileWidth); index * tileWidth < count; index++) {
      tiles.push({ level, index, width: Math.min(tileWidth, count - index * tileWidth) });
    }
  };
  let [before, count] = [from, to];
  for (let level = 0; count > before; level++) {
    add(level, before, count);
    [before, count] = [Math.floor(before / tileWidth), Math.floor(count / tileWidth)];
  }
  if (to > from) add("entries", from, to);
  return tiles;
}
