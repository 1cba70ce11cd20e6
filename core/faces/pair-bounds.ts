import { bootstrap, overPeople } from "./bounds.ts";
import { dot, meanVector, type Sample } from "./pairs.ts";

/** 95 % bounds of the share that belongs to a cosine: [cosine, low, high]. Over people, not over pairs. */
export type Bounds = [cosine: number, low: number, high: number][];

export const pairsWithin = (own: readonly Float32Array[]): number[] =>
  own.flatMap((p, i) => own.slice(0, i).map((q) => dot(p, q)));

export const withFirstThree = (own: readonly Float32Array[]): number[] =>
  own.length < 4 ? [] : own.slice(3).map((probe) => dot(meanVector(own.slice(0, 3)), probe));

/** Bounds of the share below each cosine. @param people each one's scores */
export function genuineBounds(people: readonly number[][], grid: readonly number[]): Bounds {
  const tried = people.filter((scores) => scores.length > 0);
  return grid.map((cosine) => {
    const counts = tried.map(
      (scores) => [scores.filter((score) => score < cosine).length, scores.length] as const,
    );
    const [low, high] = overPeople(counts);
    return [cosine, rounded(low), rounded(high)];
  });
}

/**
 * Bounds of the share of pairs of different people that reach each cosine. A pair belongs to two people, so drawing
 * people once tells half of how much it varies (Hoeffding 1948: for a statistic of pairs the variance of its mean over
 * single people counts fourfold).
 */
export function impostorBounds(
  samples: readonly Sample[],
  reached: readonly (readonly [number, number])[],
): Bounds {
  const names = [...new Set(samples.map(({ identity }) => identity))];
  const number = new Map(names.map((name, i) => [name, i]));
  const owner = samples.map(({ identity }) => number.get(identity)!);
  const hits = reached.map(() => new Uint32Array(names.length));
  const tries = new Uint32Array(names.length);
  const least = reached[0]?.[1] ?? 1;
  for (let i = 0; i < samples.length; i++) {
    for (let j = 0; j < i; j++) {
      const [p, q] = [owner[i]!, owner[j]!];
      if (p === q) continue;
      tries[p]!++;
      tries[q]!++;
      const score = dot(samples[i]!.vector, samples[j]!.vector);
      if (score < least) continue;
      for (let k = 0; k < reached.length && score >= reached[k]![1]; k++) {
        hits[k]![p]!++;
        hits[k]![q]!++;
      }
    }
  }
  return reached.map(([share, cosine], k) => {
    const [low, high] = bootstrap(names.map((_, i) => [hits[k]![i]!, tries[i]!] as const));
    return [cosine, fine(Math.max(0, share - 2 * (share - low))), fine(share + 2 * (high - share))];
  });
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
/** Rare shares have few digits to lose. */
const fine = (value: number): number => Number(value.toPrecision(3));
