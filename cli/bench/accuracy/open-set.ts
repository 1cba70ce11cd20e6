import { byIdentity, dot, meanVector } from "../../../core/faces/pairs.ts";
import type { Labelled } from "../pictures.ts";
import { overPeople, shareWithBounds } from "../statistics.ts";

/** Share of non-mated searches that may find somebody (FRTE's usual point). */
export const fpir = 0.003;
/** Residents' pictures and strangers are dealt anew so often: with one deal the threshold hangs on two or three strangers. */
const deals = 10;
/** Strangers kept aside to normalise scores with. */
const cohortSize = 300;
const fewestOutside = 300;

/** How several enrolled pictures make one score. */
export const fusions = ["mean", "max", "top-2", "quality", "as-norm"] as const;
export type Fusion = (typeof fusions)[number];

export interface OpenSet {
  size: number;
  /** Pictures a template. */
  pictures: 1 | 3;
  fusion: Fusion;
}

export type Tried = [missed: number, tries: number];

/** What one gallery came to: residents missed by people, for looks of one frame and of two. */
export interface OpenSetResult {
  cosine: number;
  outside: number;
  one: Map<string, Tried>;
  two: Map<string, Tried>;
}

interface Enrolled {
  person: string;
  vectors: readonly Float32Array[];
}

/**
 * 1:N open set: residents with four pictures or more, the gallery filled up with strangers of one picture each; the other
 * strangers are the non-mated probes. A cohort of strangers is in neither, so that every fusion has the same gallery.
 * @returns undefined where there are too few strangers left
 */
export function openSet(
  samples: readonly Labelled[],
  { fusion, pictures, size }: OpenSet,
): OpenSetResult | undefined {
  const residents = residentsOf(samples);
  const strangers = strangersOf(samples, residents);
  const mated = residents.slice(0, size);
  const result: OpenSetResult = { cosine: 0, outside: 0, one: new Map(), two: new Map() };
  for (let deal = 0; deal < deals; deal++) {
    const shuffled = dealt(strangers, deal);
    const cohort = shuffled.slice(0, cohortSize).map(([, own]) => own[0]!.vector);
    const rest = shuffled.slice(cohortSize);
    const fill = rest.slice(0, Math.max(0, size - mated.length));
    const outside = rest.slice(fill.length);
    if (outside.length < fewestOutside) return undefined;
    const hands = mated.map(([person, own]) => [person, dealt(own, deal)] as const);
    const gallery: Enrolled[] = [
      ...hands.map(([person, own]) => ({ person, vectors: templateOf(own.slice(0, pictures), fusion) })),
      ...fill.map(([person, own]) => ({ person, vectors: [own[0]!.vector] })),
    ];
    const search = searchOf(gallery, fusion, cohort);
    const wrong = outside.map(([, own]) => best(search(own[0]!.vector))[0]).sort((p, q) => q - p);
    const cosine = wrong[Math.floor(fpir * wrong.length)]!;
    result.cosine += cosine / deals;
    result.outside = wrong.length;
    for (const [place, [person, own]] of hands.entries()) {
      const scores = own.slice(3).map(({ vector }) => search(vector));
      const missed = (of: Float64Array) => {
        const [score, at] = best(of);
        return at !== place || score <= cosine ? 1 : 0;
      };
      count(result.one, person, scores.map(missed));
      count(
        result.two,
        person,
        scores.slice(1).map((of, i) => missed(of.map((score, k) => (score + scores[i]![k]!) / 2))),
      );
    }
  }
  return result;
}

/** `2.11 % [1.0, 3.4]`, of the people asked for. */
export function missed(tried: ReadonlyMap<string, Tried>, people?: ReadonlySet<string>): string {
  const own = [...tried].filter(([person]) => people?.has(person) ?? true).map(([, counts]) => counts);
  const tries = own.reduce((sum, [, n]) => sum + n, 0);
  if (tries === 0) return "–";
  return shareWithBounds(own.reduce((sum, [m]) => sum + m, 0) / tries, overPeople(own));
}

export function count(tried: Map<string, Tried>, person: string, missed: readonly number[]): void {
  const [before, tries] = tried.get(person) ?? [0, 0];
  const more = missed.reduce((sum, one) => sum + one, 0);
  if (missed.length > 0) tried.set(person, [before + more, tries + missed.length]);
}

/** People of a set with three pictures to enrol and one to come back with. */
export const residentsOf = (samples: readonly Labelled[], of = "lfw-residents"): [string, Labelled[]][] =>
  groupsOf(samples.filter(({ set }) => set === of)).filter(([, own]) => own.length >= 4);

/** Strangers who are none of them. */
export function strangersOf(
  samples: readonly Labelled[],
  residents: readonly (readonly [string, unknown])[],
): [string, Labelled[]][] {
  const known = new Set(residents.map(([person]) => person));
  return groupsOf(samples.filter(({ set }) => set === "lfw-strangers")).filter(
    ([person]) => !known.has(person),
  );
}

const groupsOf = (samples: readonly Labelled[]): [string, Labelled[]][] => {
  const people = new Map<string, Labelled[]>();
  for (const sample of samples) people.set(sample.identity, [...(people.get(sample.identity) ?? []), sample]);
  return [...people].sort(([p], [q]) => (p < q ? -1 : 1));
};

/** The same order for the same deal, on any machine. */
export function dealt<T>(list: readonly T[], deal: number): T[] {
  let state = (deal + 1) * 2654435761;
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = Math.floor((state / 2 ** 32) * (i + 1));
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

function templateOf(own: readonly Labelled[], fusion: Fusion): Float32Array[] {
  if (fusion === "max" || fusion === "top-2") return own.map(({ vector }) => vector);
  if (fusion !== "quality") return [meanVector(own.map(({ vector }) => vector))];
  return [meanVector(own.map(({ quality, vector }) => vector.map((value) => value * (quality + 0.05))))];
}

type Search = (probe: Float32Array) => Float64Array;

/** Scores of a probe with everybody enrolled. */
function searchOf(gallery: readonly Enrolled[], fusion: Fusion, cohort: readonly Float32Array[]): Search {
  const score = (vectors: readonly Float32Array[], probe: Float32Array): number => {
    const scores = vectors.map((vector) => dot(vector, probe)).sort((p, q) => q - p);
    return fusion === "top-2" && scores.length > 1 ? (scores[0]! + scores[1]!) / 2 : scores[0]!;
  };
  const plain: Search = (probe) => Float64Array.from(gallery, ({ vectors }) => score(vectors, probe));
  if (fusion !== "as-norm") return plain;
  // Adaptive symmetric normalisation: each side's score measured by its own thirty nearest of the cohort.
  const own = gallery.map(({ vectors }) => nearestOf(cohort, vectors[0]!));
  return (probe) => {
    const [mean, deviation] = nearestOf(cohort, probe);
    return plain(probe).map(
      (value, i) => ((value - own[i]![0]) / own[i]![1] + (value - mean) / deviation) / 2,
    );
  };
}

function nearestOf(cohort: readonly Float32Array[], probe: Float32Array): [mean: number, deviation: number] {
  const top = cohort
    .map((vector) => dot(vector, probe))
    .sort((p, q) => q - p)
    .slice(0, 30);
  const mean = top.reduce((sum, value) => sum + value, 0) / top.length;
  const squares = top.reduce((sum, value) => sum + (value - mean) ** 2, 0) / top.length;
  return [mean, Math.sqrt(squares) || 1];
}

export function best(scores: Float64Array): [score: number, at: number] {
  let at = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[at]!) at = i;
  return [scores[at]!, at];
}

/** People of a narrower group. */
export const peopleOf = (samples: readonly Labelled[], group: string): ReadonlySet<string> =>
  new Set(byIdentity(samples.filter(({ groups }) => groups.includes(group))).keys());
