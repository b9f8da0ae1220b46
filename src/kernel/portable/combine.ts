// Sums of scaled rows, and products of one vector with several rows: the sparse half of a training step.
//
// Four rows are taken per pass, so that a running sum is loaded and stored once for four multiply-adds. Rows are
// added in their order; a product is summed in eight lanes, as in products.ts.
import { LANES } from './products.js';

/** out[j] += Σ_s scale[s]·m[row[s]·d + j] for the entries `from … to)`; out at `at`. */
export function addRows(
  out: Float64Array,
  at: number,
  d: number,
  scale: Float64Array,
  rows: Int32Array,
  from: number,
  to: number,
  m: Float32Array,
): void {
  let s = from;
  for (; s + 4 <= to; s += 4) {
    const c0 = scale[s];
    const c1 = scale[s + 1];
    const c2 = scale[s + 2];
    const c3 = scale[s + 3];
    const p0 = rows[s] * d;
    const p1 = rows[s + 1] * d;
    const p2 = rows[s + 2] * d;
    const p3 = rows[s + 3] * d;
    for (let j = 0; j < d; j++) {
      out[at + j] = out[at + j] + c0 * m[p0 + j] + c1 * m[p1 + j] + c2 * m[p2 + j] + c3 * m[p3 + j];
    }
  }
  for (; s < to; s++) {
    const c = scale[s];
    const p = rows[s] * d;
    for (let j = 0; j < d; j++) out[at + j] += c * m[p + j];
  }
}

/** out[s] = Σ_j v[at + j]·m[row[s]·d + j] for the entries `from … to)`. */
export function productsWithRows(
  out: Float64Array,
  v: Float64Array,
  at: number,
  d: number,
  rows: Int32Array,
  from: number,
  to: number,
  m: Float32Array,
): void {
  let s = from;
  for (; s + 4 <= to; s += 4) {
    const p0 = rows[s] * d;
    const p1 = rows[s + 1] * d;
    const p2 = rows[s + 2] * d;
    const p3 = rows[s + 3] * d;
    out[s] = 0;
    out[s + 1] = 0;
    out[s + 2] = 0;
    out[s + 3] = 0;
    for (let lane = 0; lane < LANES; lane++) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let j = lane; j < d; j += LANES) {
        const x = v[at + j];
        s0 += x * m[p0 + j];
        s1 += x * m[p1 + j];
        s2 += x * m[p2 + j];
        s3 += x * m[p3 + j];
      }
      out[s] += s0;
      out[s + 1] += s1;
      out[s + 2] += s2;
      out[s + 3] += s3;
    }
  }
  for (; s < to; s++) {
    const p = rows[s] * d;
    out[s] = 0;
    for (let lane = 0; lane < LANES; lane++) {
      let sum = 0;
      for (let j = lane; j < d; j += LANES) sum += v[at + j] * m[p + j];
      out[s] += sum;
    }
  }
}

/** r = weight·r, rounded to float32. Returns Σ r² of before, in lanes. */
export function weighResidual(r: Float64Array | Float32Array, weight: number): number {
  let total = 0;
  for (let lane = 0; lane < LANES; lane++) {
    let sum = 0;
    for (let j = lane; j < r.length; j += LANES) sum += r[j] * r[j];
    total += sum;
  }
  for (let j = 0; j < r.length; j++) r[j] = Math.fround(weight * r[j]);
  return total;
}

/** Σ v² of n values from `at` on, in lanes. */
export function squareSum(v: Float64Array | Float32Array, at: number, n: number): number {
  let total = 0;
  for (let lane = 0; lane < LANES; lane++) {
    let sum = 0;
    for (let j = lane; j < n; j += LANES) sum += v[at + j] * v[at + j];
    total += sum;
  }
  return total;
}
