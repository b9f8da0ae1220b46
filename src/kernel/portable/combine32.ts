// The sums of combine.ts in float32, every product and every sum rounded: what a training step spends its time on.
//
// A product of two float32 values and a sum of two are exact enough in float64 for `Math.fround` to round them as
// float32 arithmetic does, so vectors of the native kernel can follow to the bit.
import { LANES } from './products.js';

const { fround } = Math;

/** Lanes of a product: twice as many as in float64, as a vector holds. */
const LANES32 = 2 * LANES;

/** out[j] += Σ_s scale[s]·m[row[s]·d + j] for the entries `from … to)`; out at `at`. */
export function addRows32(
  out: Float32Array,
  at: number,
  d: number,
  scale: Float32Array,
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
      let sum = fround(out[at + j] + fround(c0 * m[p0 + j]));
      sum = fround(sum + fround(c1 * m[p1 + j]));
      sum = fround(sum + fround(c2 * m[p2 + j]));
      out[at + j] = sum + fround(c3 * m[p3 + j]);
    }
  }
  for (; s < to; s++) {
    const c = scale[s];
    const p = rows[s] * d;
    for (let j = 0; j < d; j++) out[at + j] += fround(c * m[p + j]);
  }
}

/**
 * out[s] = Σ_j v[j]·m[row[s]·d + j] for the entries `from … to)`: lane l in float32, lanes l and l + 8 added in float32,
 * and those eight in float64.
 */
export function productsWithRows32(
  out: Float64Array,
  v: Float32Array,
  rows: Int32Array,
  from: number,
  to: number,
  m: Float32Array,
): void {
  const d = v.length;
  const laneOf = (p: number, lane: number): number => {
    let sum = 0;
    for (let j = lane; j < d; j += LANES32) sum = fround(sum + fround(v[j] * m[p + j]));
    return sum;
  };
  for (let s = from; s < to; s++) {
    const p = rows[s] * d;
    out[s] = 0;
    for (let lane = 0; lane < LANES; lane++) out[s] += fround(laneOf(p, lane) + laneOf(p, lane + LANES));
  }
}
