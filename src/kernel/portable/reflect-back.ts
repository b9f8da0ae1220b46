// Vectors of the tridiagonal form T = QᵀAQ to those of A: z ← Q·z by the reflections, the last one first.
//
// H_j z = z − v_j·(τ_j·v_jᵀz), the product summed from entry j+1 on, ascending. Columns are done in panels that stay in cache.
import type { Tridiagonal } from './tridiagonal.js';

/** Columns in a panel. */
const PANEL = 64;

/** z ← Q·z for r columns, stored [n][r]. */
export function reflectBack(t: Tridiagonal, z: Float64Array, n: number, r: number): void {
  for (let from = 0; from < r; from += PANEL) reflectPanel(t, z, n, r, from, Math.min(r, from + PANEL));
}

function reflectPanel(
  { reflectors, tau }: Tridiagonal,
  z: Float64Array,
  n: number,
  r: number,
  from: number,
  to: number,
): void {
  const product = new Float64Array(to - from);
  for (let j = n - 2; j >= 0; j--) {
    if (tau[j] === 0) continue;
    product.fill(0);
    for (let t = j + 1; t < n; t++) {
      const v = reflectors[j * n + t];
      const at = t * r + from;
      for (let i = 0; i < product.length; i++) product[i] += v * z[at + i];
    }
    for (let i = 0; i < product.length; i++) product[i] *= tau[j];
    for (let t = j + 1; t < n; t++) {
      const v = reflectors[j * n + t];
      const at = t * r + from;
      for (let i = 0; i < product.length; i++) z[at + i] -= v * product[i];
    }
  }
}
