/**
 * Amplitudes of the two-dimensional Fourier transform of a square grey picture under a Hann window, its mean taken out.
 * @param grey `side` x `side`; `side` a power of two
 * @returns `side` x `side`, zero frequency first
 */
export function spectrum(grey: Float64Array, side: number): Float64Array {
  const re = new Float64Array(grey.length);
  const im = new Float64Array(grey.length);
  const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
  const hann = Float64Array.from(
    { length: side },
    (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (side - 1)),
  );
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) re[i] = (grey[i]! - mean) * hann[x]! * hann[y]!;
  }
  for (let y = 0; y < side; y++) transform(re, im, y * side, 1, side);
  for (let x = 0; x < side; x++) transform(re, im, x, side, side);
  for (let i = 0; i < re.length; i++) re[i] = Math.sqrt(re[i]! * re[i]! + im[i]! * im[i]!);
  im.fill(0);
  return re;
}

/** Cosine and sine of every n-th part of a turn, by n. */
const turns = new Map<number, { cos: Float64Array; sin: Float64Array }>();

function turnsOf(n: number): { cos: Float64Array; sin: Float64Array } {
  const known = turns.get(n);
  if (known) return known;
  const angle = (k: number) => (-2 * Math.PI * k) / n;
  const made = {
    cos: Float64Array.from({ length: n / 2 }, (_, k) => Math.cos(angle(k))),
    sin: Float64Array.from({ length: n / 2 }, (_, k) => Math.sin(angle(k))),
  };
  turns.set(n, made);
  return made;
}

/** Cooley and Tukey's transform of `n` numbers in place, `stride` apart from `start` (n a power of two). */
function transform(re: Float64Array, im: Float64Array, start: number, stride: number, n: number): void {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    swap(re, start + i * stride, start + j * stride);
    swap(im, start + i * stride, start + j * stride);
  }
  const { cos, sin } = turnsOf(n);
  for (let size = 2; size <= n; size *= 2) {
    for (let k = 0; k < size / 2; k++) {
      const wr = cos[(k * n) / size]!;
      const wi = sin[(k * n) / size]!;
      for (let i = k; i < n; i += size) {
        const p = start + i * stride;
        const q = p + (size / 2) * stride;
        const tr = re[q]! * wr - im[q]! * wi;
        const ti = re[q]! * wi + im[q]! * wr;
        re[q] = re[p]! - tr;
        im[q] = im[p]! - ti;
        re[p] = re[p]! + tr;
        im[p] = im[p]! + ti;
      }
    }
  }
}

function swap(list: Float64Array, i: number, j: number): void {
  const kept = list[i]!;
  list[i] = list[j]!;
  list[j] = kept;
}
