import { createCipheriv, hkdfSync } from "node:crypto";

/**
 * The site's secret orthogonal matrix of one epoch (D x D, row-major): the Q of a Gaussian matrix, uniform over the
 * rotations. Turning every vector by it keeps every cosine and makes vectors of two sites or epochs useless to each
 * other; it is not encryption: who has matrix and vectors has the faces' descriptions.
 * @param secret 32 bytes that never leave the vault
 * @param epoch counts up with every renewal
 */
export function rotationMatrix(secret: Buffer, epoch: number, dimensions: number): Float32Array {
  const key = Buffer.from(hkdfSync("sha256", secret, "", `limen/face-rotation/${epoch}/${dimensions}`, 32));
  const numbers = gaussians(key, dimensions * dimensions);
  key.fill(0);
  orthonormalise(numbers, dimensions);
  const matrix = Float32Array.from(numbers);
  numbers.fill(0);
  return matrix;
}

/** The matrix that brings vectors of one epoch to another: `to` times the transpose of `from`. */
export function renewal(from: Float32Array, to: Float32Array, dimensions: number): Float32Array {
  const out = new Float32Array(dimensions * dimensions);
  for (let i = 0; i < dimensions; i++) {
    for (let j = 0; j < dimensions; j++) {
      let sum = 0;
      for (let k = 0; k < dimensions; k++) sum += to[i * dimensions + k]! * from[j * dimensions + k]!;
      out[i * dimensions + j] = sum;
    }
  }
  return out;
}

/** The vector turned; the given one is overwritten. */
export function turn(matrix: Float32Array, vector: Float32Array): Float32Array {
  const d = vector.length;
  const out = new Float32Array(d);
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += matrix[i * d + j]! * vector[j]!;
    out[i] = sum;
  }
  vector.fill(0);
  return out;
}

/** Standard normal numbers from an AES-256-CTR key stream (Box–Muller). */
function gaussians(key: Buffer, n: number): Float64Array {
  const pairs = Math.ceil(n / 2);
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(pairs * 16));
  const unit = (at: number) => (Number(stream.readBigUInt64LE(at) >> 11n) + 0.5) / 2 ** 53;
  const out = new Float64Array(pairs * 2);
  for (let i = 0; i < pairs; i++) {
    const radius = Math.sqrt(-2 * Math.log(unit(16 * i)));
    const angle = 2 * Math.PI * unit(16 * i + 8);
    out[2 * i] = radius * Math.cos(angle);
    out[2 * i + 1] = radius * Math.sin(angle);
  }
  stream.fill(0);
  return out.subarray(0, n);
}

/** Rows made orthonormal, in place (modified Gram–Schmidt, done twice for full precision). */
function orthonormalise(rows: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) {
    const row = rows.subarray(i * d, (i + 1) * d);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = rows.subarray(j * d, (j + 1) * d);
        let dot = 0;
        for (let k = 0; k < d; k++) dot += row[k]! * other[k]!;
        for (let k = 0; k < d; k++) row[k] = row[k]! - dot * other[k]!;
      }
    }
    let squares = 0;
    for (const value of row) squares += value * value;
    const length = Math.sqrt(squares);
    for (let k = 0; k < d; k++) row[k] = row[k]! / length;
  }
}
