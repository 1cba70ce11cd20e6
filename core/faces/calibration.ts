import type { ModelIdentity } from "./described.ts";
import { type Bounds, genuineBounds, impostorBounds, pairsWithin, withFirstThree } from "./pair-bounds.ts";
import { byIdentity, pairScores, reachedBy, type Sample, shareBelow, threePictureScores } from "./pairs.ts";

export { byIdentity, dot, meanVector, pairScores, reachedBy, type Sample } from "./pairs.ts";

/** How near different people come to each other. */
export interface ImpostorTail {
  pairs: number;
  /** Cosine that this share of the pairs reaches: [share, cosine], shares falling. */
  reached: [number, number][];
  /** Of those shares. */
  bounds?: Bounds;
  /** Beyond the last measured share: cosine per standard deviation of the normal tail the measured part follows. */
  perDeviation: number;
}

/** Error rates of one embedder in one group of people, as `limen calibrate` measured them. */
export interface GroupCalibration {
  group: string;
  people: number;
  /** Pictures of different people compared. */
  impostor: ImpostorTail;
  /** Pictures compared with the mean of three of somebody else's: means lie nearer to everyone. */
  impostorThree?: ImpostorTail;
  genuine: {
    pairs: number;
    /** Share of pairs of one person that stay below a cosine: [cosine, share], both rising. */
    below: [number, number][];
    /** The same with a template made of three pictures, where enough people have four or more. */
    belowThree?: [number, number][];
    /** Tries with three pictures enrolled. */
    triesThree?: number;
    bounds?: Bounds;
    boundsThree?: Bounds;
  };
}

export interface Calibration {
  /** The embedder, and the SHA-256 of its weights. */
  model: string;
  sha256: string;
  /**
   * Everything that made the vectors: detector, landmarks where there are any, embedder. Other landmarks in front of the same
   * embedder give other cosines, and so does the same one fed otherwise. Absent in files older than this field: then nobody knows.
   */
  models?: ModelIdentity[];
  /** Was each face described mirrored too, as a door does? */
  flip?: boolean;
  date: string;
  /** How to make this file again. */
  command: string;
  data: string;
  groups: GroupCalibration[];
}

/** Groups with fewer pairs of different people than this say nothing about rare errors. */
export const fewestPairs = 5000;
/** Shares of impostor pairs looked at. */
const shares = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6];
/** Pairs that have to have gone wrong for a rate to count as measured (the "rule of 30"). */
export const fewestErrors = 30;
const grid = Array.from({ length: 41 }, (_, i) => Math.round((0.1 + 0.02 * i) * 100) / 100);

/**
 * Error rates of every group large enough, as a calibration file holds them.
 * Different people are only paired within their group: people of one region are harder to tell apart than people of
 * anywhere, and neighbours are mostly of one region.
 */
export function calibrateGroups(samples: readonly Sample[]): GroupCalibration[] {
  const names = [...new Set(samples.flatMap(({ groups }) => groups))].sort();
  return names.flatMap((group) => {
    const own = samples.filter(({ groups }) => groups.includes(group));
    const { genuine, impostor } = pairScores(own);
    if (impostor.length < fewestPairs || genuine.length === 0) return [];
    const three = threePictureScores(own);
    const tail = tailOf(impostor);
    const people = [...byIdentity(own).values()];
    return [
      {
        group,
        people: people.length,
        impostor: { ...tail, bounds: impostorBounds(own, tail.reached) },
        ...(three.impostor.length >= fewestPairs ? { impostorThree: tailOf(three.impostor) } : {}),
        genuine: {
          pairs: genuine.length,
          below: curve(genuine),
          bounds: genuineBounds(people.map(pairsWithin), grid),
          ...(three.genuine.length >= 30
            ? {
                triesThree: three.genuine.length,
                belowThree: curve(three.genuine),
                boundsThree: genuineBounds(people.map(withFirstThree), grid),
              }
            : {}),
        },
      },
    ];
  });
}

function tailOf(rising: Float32Array): ImpostorTail {
  const reached = shares
    .filter((share) => share * rising.length >= fewestErrors)
    .map((share): [number, number] => [share, rounded(reachedBy(rising, share))]);
  return { pairs: rising.length, reached, perDeviation: slopeOf(reached) };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

const curve = (rising: Float32Array): [number, number][] =>
  grid.map((cosine) => [cosine, rounded(shareBelow(rising, cosine))]);

/**
 * Cosine per standard deviation of a normal distribution, by least squares over the measured tail: impostor cosines
 * lie on such a line (LFW: 0.109, 0.107, 0.104 a deviation from one share to the next, 1e-2 to 1e-5), and it flattens
 * outwards, so going on along it errs on the safe side.
 */
function slopeOf(reached: readonly [number, number][]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const z0 = mean(reached.map(([share]) => deviationOf(share)));
  const c0 = mean(reached.map(([, cosine]) => cosine));
  let cross = 0;
  let squares = 0;
  for (const [share, cosine] of reached) {
    const z = deviationOf(share) - z0;
    cross += z * (cosine - c0);
    squares += z * z;
  }
  return rounded(cross / squares);
}

/**
 * How many standard deviations above the mean a normal variable is with probability `share`
 * (Acklam's rational approximation, relative error below 1.2e-9).
 */
export function deviationOf(share: number): number {
  if (share > 0.5) return -deviationOf(1 - share);
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const poly = (terms: readonly number[], x: number) => terms.reduce((sum, term) => sum * x + term, 0);
  if (share < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(share));
    return -poly(c, q) / poly(d, q);
  }
  const q = share - 0.5;
  const r = q * q;
  return (-poly(a, r) * q) / poly(b, r);
}
