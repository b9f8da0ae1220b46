// Eigenvectors of a symmetric tridiagonal matrix by inverse iteration, orthogonal to each other.
//
// z ← (T − λ)⁻¹ z, less its parts along the vectors already found, to length 1; from a fixed start. T − λ is
// factored once per vector with row exchanges, a pivot of 0 becoming 2⁻⁵²·‖T‖. Done once ‖(T − λ)z‖ ≤ 8n·2⁻⁵²·‖T‖,
// and once more after that. Equal and nearly equal eigenvalues share one space; orthogonality to all earlier vectors
// makes each new one another direction of it. Where that leaves too little of z for too many rounds, the caller has
// to find vectors in another way.
// Source: Golub and Van Loan, section 8.2.2; Wilkinson 1965 on the start and the pivots.
import { rowNorm } from './implicit-ql.js';
import type { Tridiagonal } from './tridiagonal.js';

const ROUNDS = 12;

/** Vectors of the given eigenvalues (descending), as columns [n][R]; nothing where one does not settle. */
export function inverseIteration(t: Tridiagonal, values: Float64Array): Float64Array | undefined {
  const { diagonal, offDiagonal } = t;
  const n = diagonal.length;
  const r = values.length;
  const out = new Float64Array(n * r);
  const z = new Float64Array(n);
  const size = rowNorm(t);
  const factors = new Factors(n, size * 2 ** -52);
  const enough = 8 * n * 2 ** -52 * size;
  for (let k = 0; k < r; k++) {
    factors.factor(diagonal, offDiagonal, values[k]);
    fillStart(z, k);
    orthogonalise(z, out, n, r, k);
    let settled = false;
    for (let round = 0; ; round++) {
      if (round === ROUNDS) return undefined;
      factors.solve(z);
      const orthogonal = orthogonalise(z, out, n, r, k) >= 0.5;
      const solved = residual(diagonal, offDiagonal, values[k], z) <= enough;
      if (settled && solved && orthogonal) break;
      settled = solved;
    }
    for (let s = 0; s < n; s++) out[s * r + k] = z[s];
  }
  return out;
}

/** A fixed start for vector k, with entries spread over ±1 (xorshift of 32 bits). */
function fillStart(z: Float64Array, k: number): void {
  let word = (k + 1) * 0x9e37 + 1;
  for (let t = 0; t < z.length; t++) {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    z[t] = word / 2147483648;
  }
}

/**
 * z less its parts along the first k columns of `out`, twice against rounding, and to length 1. Returns what the second
 * time left of a length of 1: near 1 where z is orthogonal.
 */
function orthogonalise(z: Float64Array, out: Float64Array, n: number, r: number, k: number): number {
  const parts = new Float64Array(k);
  let length = normalise(z);
  for (let pass = 0; pass < 2; pass++) {
    parts.fill(0);
    for (let t = 0; t < n; t++) for (let i = 0; i < k; i++) parts[i] += out[t * r + i] * z[t];
    for (let t = 0; t < n; t++) {
      let sum = 0;
      for (let i = 0; i < k; i++) sum += out[t * r + i] * parts[i];
      z[t] -= sum;
    }
    length = normalise(z);
  }
  return length;
}

/** To length 1; returns the length before. NaN all over where z is 0 or not finite. */
function normalise(z: Float64Array): number {
  // Dividing by the largest entry first keeps the squares in range.
  let largest = 0;
  for (let t = 0; t < z.length; t++) largest = Math.max(largest, Math.abs(z[t]));
  let sum = 0;
  for (let t = 0; t < z.length; t++) {
    z[t] /= largest;
    sum += z[t] * z[t];
  }
  const length = Math.sqrt(sum);
  const scale = 1 / length;
  for (let t = 0; t < z.length; t++) z[t] *= scale;
  return largest * length;
}

/** ‖(T − λ)z‖ */
function residual(d: Float64Array, e: Float64Array, value: number, z: Float64Array): number {
  let sum = 0;
  for (let t = 0; t < d.length; t++) {
    let y = (d[t] - value) * z[t];
    if (t > 0) y += e[t - 1] * z[t - 1];
    if (t + 1 < d.length) y += e[t] * z[t + 1];
    sum += y * y;
  }
  return Math.sqrt(sum);
}

/** T − λ = P·L·U: two diagonals above that of U, the multipliers of L, and which rows were exchanged. */
class Factors {
  readonly #pivot: Float64Array;
  readonly #upper: Float64Array;
  readonly #upper2: Float64Array;
  readonly #multiplier: Float64Array;
  readonly #exchanged: Uint8Array;

  constructor(
    n: number,
    readonly smallestPivot: number,
  ) {
    this.#pivot = new Float64Array(n);
    this.#upper = new Float64Array(n);
    this.#upper2 = new Float64Array(n);
    this.#multiplier = new Float64Array(n);
    this.#exchanged = new Uint8Array(n);
  }

  factor(d: Float64Array, e: Float64Array, value: number): void {
    const n = d.length;
    let pivot = d[0] - value;
    let upper = n > 1 ? e[0] : 0;
    for (let t = 0; t + 1 < n; t++) {
      const below = e[t];
      const diagonal = d[t + 1] - value;
      const right = t + 2 < n ? e[t + 1] : 0;
      if (Math.abs(pivot) >= Math.abs(below)) {
        if (pivot === 0) pivot = this.smallestPivot;
        const m = below / pivot;
        this.#row(t, pivot, upper, 0, m, 0);
        pivot = diagonal - m * upper;
        upper = right;
      } else {
        const m = pivot / below;
        this.#row(t, below, diagonal, right, m, 1);
        pivot = upper - m * diagonal;
        upper = -m * right;
      }
    }
    this.#row(n - 1, Math.abs(pivot) < this.smallestPivot ? this.smallestPivot : pivot, 0, 0, 0, 0);
  }

  /** z ← (T − λ)⁻¹ z */
  solve(z: Float64Array): void {
    const n = z.length;
    for (let t = 0; t + 1 < n; t++) {
      if (this.#exchanged[t]) {
        const kept = z[t];
        z[t] = z[t + 1];
        z[t + 1] = kept - this.#multiplier[t] * z[t];
      } else {
        z[t + 1] -= this.#multiplier[t] * z[t];
      }
    }
    for (let t = n - 1; t >= 0; t--) {
      let y = z[t];
      if (t + 1 < n) y -= this.#upper[t] * z[t + 1];
      if (t + 2 < n) y -= this.#upper2[t] * z[t + 2];
      z[t] = y / this.#pivot[t];
    }
  }

  #row(t: number, pivot: number, upper: number, upper2: number, multiplier: number, exchanged: number): void {
    this.#pivot[t] = pivot;
    this.#upper[t] = upper;
    this.#upper2[t] = upper2;
    this.#multiplier[t] = multiplier;
    this.#exchanged[t] = exchanged;
  }
}
