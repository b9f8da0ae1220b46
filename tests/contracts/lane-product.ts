// The product of two rows in the order of addition that every kernel keeps: eight lanes, t mod 8, then the lanes.
import type { Matrix } from '../../src/tensor/index.js';

/** Σ_t a[i][t]·b[j][t] in float64. */
export function laneProduct(a: Matrix, i: number, b: Matrix, j: number): number {
  const lanes = new Array<number>(8).fill(0);
  for (let t = 0; t < a.cols; t++) lanes[t % 8] += a.data[i * a.cols + t] * b.data[j * b.cols + t];
  return lanes.reduce((sum, lane) => sum + lane, 0);
}
