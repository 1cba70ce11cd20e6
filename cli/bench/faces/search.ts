import { Gallery } from "../../../core/faces/gallery.ts";
import { dot } from "../../../core/faces/pairs.ts";
import { searcher } from "../../../core/faces/search.ts";
import { percentile, table } from "../statistics.ts";

type Cells = (string | number)[];
type Print = (line: string) => void;
const warmUp = 10;

const times = (values: readonly number[]): Cells =>
  [0.5, 0.95, 0.99].map((share) => percentile(values.slice(warmUp), share).toFixed(2));

/** Exact search in shared memory, beside a plain loop over the same numbers. */
export function search(print: Print): void {
  print("\n1:N, best person and runner-up, 128 numbers a vector (ms)");
  const rows: Cells[] = [["gallery", "how", "p50", "p95", "p99", "same answer"]];
  for (const size of [1000, 10_000, 100_000]) {
    const gallery = new Gallery(128);
    const plain: Float32Array[] = [];
    for (let i = 0; i < size; i++) {
      const vector = unit(i);
      plain.push(vector);
      gallery.put(`t${i}`, `p${i}`, [vector]);
    }
    const find = searcher(gallery.memory, 0, 128);
    const candidates = gallery.candidates(() => true);
    const ours: number[] = [];
    const loop: number[] = [];
    let same = true;
    for (let k = 0; k < (size > 50_000 ? 40 : 150); k++) {
      const probe = unit(size + k);
      let start = performance.now();
      const found = find(probe, candidates)!;
      ours.push(performance.now() - start);
      start = performance.now();
      let best = -1;
      let score = -2;
      for (let i = 0; i < size; i++) {
        const nearness = dot(plain[i]!, probe);
        if (nearness > score) [score, best] = [nearness, i];
      }
      loop.push(performance.now() - start);
      same &&= candidates.names[found.person] === `p${best}`;
    }
    rows.push([size, "limen", ...times(ours), String(same)], [size, "plain loop", ...times(loop), ""]);
  }
  for (const line of table(rows)) print(line);
}

let seed = 0;
/** A direction nobody has, the same every time. */
export function unit(n: number): Float32Array {
  seed = (Math.imul(n + 1, 2654435761) ^ seed) >>> 0;
  const vector = Float32Array.from({ length: 128 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 31 - 1;
  });
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
