/** How near different people come to each other. */
export interface ImpostorTail {
  pairs: number;
  /** Cosine that this share of the pairs reaches: [share, cosine], shares falling. */
  reached: [number, number][];
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
  };
}

export interface Calibration {
  model: string;
  sha256: string;
  date: string;
  /** How to make this file again. */
  command: string;
  data: string;
  groups: GroupCalibration[];
}

/** One picture's vector, whose it is, and which group of people that person is counted in. */
export interface Sample {
  identity: string;
  /** A person may count in several groups: `general` and a narrower one. */
  groups: readonly string[];
  vector: Float32Array;
}

/** Groups with fewer pairs of different people than this say nothing about rare errors. */
const fewestPairs = 5000;
/** Shares of impostor pairs looked at. */
const shares = [0.1, 0.03, 0.01, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6];
/** Pairs that have to have gone wrong for a rate to count as measured (the "rule of 30"). */
export const fewestErrors = 30;
const grid = Array.from({ length: 41 }, (_, i) => Math.round((0.1 + 0.02 * i) * 100) / 100);

export const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};

/** The unit vector in the middle of several. */
export function meanVector(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + vector[i]!;
  const length = Math.sqrt(dot(mean, mean)) || 1;
  return mean.map((value) => value / length);
}

/** Cosines of all pairs of one person and of all pairs of two people, each rising. */
export function pairScores(samples: readonly Sample[]): { genuine: Float32Array; impostor: Float32Array } {
  const genuine: number[] = [];
  const impostor = new Float32Array((samples.length * (samples.length - 1)) / 2);
  let n = 0;
  for (let i = 0; i < samples.length; i++) {
    for (let j = 0; j < i; j++) {
      const score = dot(samples[i]!.vector, samples[j]!.vector);
      if (samples[i]!.identity === samples[j]!.identity) genuine.push(score);
      else impostor[n++] = score;
    }
  }
  return { genuine: Float32Array.from(genuine).sort(), impostor: impostor.subarray(0, n).sort() };
}

/** Cosines with the mean of a person's first three pictures: of the person's later ones, and of everybody else's. */
export function threePictureScores(samples: readonly Sample[]): {
  genuine: Float32Array;
  impostor: Float32Array;
} {
  const genuine: number[] = [];
  const impostor: number[] = [];
  for (const [identity, own] of byIdentity(samples)) {
    if (own.length < 3) continue;
    const template = meanVector(own.slice(0, 3));
    for (const probe of own.slice(3)) genuine.push(dot(template, probe));
    for (const other of samples) if (other.identity !== identity) impostor.push(dot(template, other.vector));
  }
  return { genuine: Float32Array.from(genuine).sort(), impostor: Float32Array.from(impostor).sort() };
}

export function byIdentity(samples: readonly Sample[]): Map<string, Float32Array[]> {
  const people = new Map<string, Float32Array[]>();
  for (const { identity, vector } of samples) {
    const own = people.get(identity);
    if (own) own.push(vector);
    else people.set(identity, [vector]);
  }
  return people;
}

/** The cosine that this share of rising scores reaches. */
export const reachedBy = (rising: Float32Array, share: number): number =>
  rising[Math.max(0, rising.length - Math.max(1, Math.floor(share * rising.length)))]!;

/** Share of rising scores below a cosine. */
export function shareBelow(rising: Float32Array, cosine: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! < cosine) low = middle + 1;
    else high = middle;
  }
  return rising.length === 0 ? 0 : low / rising.length;
}

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
    return [
      {
        group,
        people: byIdentity(own).size,
        impostor: tailOf(impostor),
        ...(three.impostor.length >= fewestPairs ? { impostorThree: tailOf(three.impostor) } : {}),
        genuine: {
          pairs: genuine.length,
          below: curve(genuine),
          ...(three.genuine.length >= 30 ? { belowThree: curve(three.genuine) } : {}),
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
