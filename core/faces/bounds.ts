/** Wilson's 95 % interval of a share. @returns low and high, 0 to 1 */
export function wilson(hits: number, n: number): [number, number] {
  if (n === 0) return [0, 1];
  const z = 1.959964;
  const p = hits / n;
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * 95 % interval of a share over people: whole people are drawn again and again, because one person's pictures err
 * together.
 * @param people for each person, hits and tries
 */
export function bootstrap(
  people: readonly (readonly [hits: number, tries: number])[],
  rounds = 1000,
): [number, number] {
  let state = 1;
  const draw = (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const shares = Array.from({ length: rounds }, () => {
    let hits = 0;
    let tries = 0;
    for (let i = 0; i < people.length; i++) {
      const [h, t] = people[draw(people.length)]!;
      hits += h;
      tries += t;
    }
    return tries === 0 ? 0 : hits / tries;
  }).sort((p, q) => p - q);
  return [shares[Math.floor(rounds * 0.025)]!, shares[Math.ceil(rounds * 0.975) - 1]!];
}

/**
 * 95 % interval of a share over people. Where nobody erred, or everybody, drawing people again shows no chance at all:
 * then each person counts as one try.
 */
export function overPeople(counts: readonly (readonly [hits: number, tries: number])[]): [number, number] {
  const [low, high] = bootstrap(counts);
  if (low < high) return [low, high];
  const hits = counts.filter(([hit]) => hit > 0).length;
  return wilson(hits, counts.length);
}
