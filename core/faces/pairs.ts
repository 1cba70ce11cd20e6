/** One picture's vector, whose it is, and which group of people that person is counted in. */
export interface Sample {
  identity: string;
  /** A person may count in several groups: `general` and a narrower one. */
  groups: readonly string[];
  vector: Float32Array;
}

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
