// A symmetric matrix to tridiagonal form by Householder reflections, in panels.
//
// T = QᵀAQ with Q = H₀H₁…, H_j = 1 − τ_j v_j v_jᵀ, v_j zero up to entry j and 1 at entry j+1. Within a panel of
// columns the updates A − Σ(v wᵀ + w vᵀ) are kept as pairs of vectors and applied to the rest of A at its end.
// Source: Dongarra, Sorensen, Hammarling, "Block reduction of matrices to condensed forms", 1989.
// Cost: 4/3·n³ flops, half of them products of A with one vector. Every sum has a fixed order.

/** Columns in a panel. */
const PANEL = 32;
/**
 * Squares that sum to less are no column to reflect: they have lost digits, and with them H_j would its orthogonality.
 * Entries of 2⁻⁵⁰⁰ are nothing beside one of about 1.
 */
const NOTHING = 2 ** -1000;

export interface Tridiagonal {
  /** [n] */
  readonly diagonal: Float64Array;
  /** [n] entry j couples j and j+1; the last is 0 */
  readonly offDiagonal: Float64Array;
  /** [n × n] row j holds v_j from entry j+1 on */
  readonly reflectors: Float64Array;
  /** [n] */
  readonly tau: Float64Array;
}

/** Overwrites `a` [n×n], which must be symmetric and scaled to entries of at most about 1. */
export function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const tau = new Float64Array(n);
  const v = new Float64Array(PANEL * n);
  const w = new Float64Array(PANEL * n);
  const column = new Float64Array(n);
  for (let k0 = 0; k0 < n; k0 += PANEL) {
    const k1 = Math.min(n, k0 + PANEL);
    v.fill(0);
    w.fill(0);
    for (let j = k0; j < k1; j++) {
      const p = j - k0;
      for (let t = j; t < n; t++) column[t] = a[j * n + t];
      for (let q = 0; q < p; q++) {
        const wj = w[q * n + j];
        const vj = v[q * n + j];
        for (let t = j; t < n; t++) column[t] = column[t] - v[q * n + t] * wj - w[q * n + t] * vj;
      }
      diagonal[j] = column[j];
      if (j === n - 1) break;
      tau[j] = reflect(column, j + 1, n, offDiagonal, j);
      v.set(column.subarray(j + 1), p * n + j + 1);
      secondVector(a, n, j, p, v, w, tau[j]);
      a.set(column.subarray(j + 1), j * n + j + 1);
    }
    for (let i = k1; i < n; i++) updateRow(a, n, i, v, w);
    for (let i = k1; i < n; i++) for (let t = k1; t < i; t++) a[i * n + t] = a[t * n + i];
  }
  return { diagonal, offDiagonal, reflectors: a, tau };
}

/** Turns x[from …] into v with H·x = (β, 0, …); β goes to `beta[at]`. Returns τ. */
function reflect(x: Float64Array, from: number, n: number, beta: Float64Array, at: number): number {
  let tail = 0;
  for (let t = from + 1; t < n; t++) tail += x[t] * x[t];
  const alpha = x[from];
  x[from] = 1;
  if (tail < NOTHING) {
    beta[at] = alpha;
    return 0;
  }
  const length = Math.sqrt(alpha * alpha + tail);
  const b = alpha > 0 ? -length : length;
  const scale = 1 / (alpha - b);
  for (let t = from + 1; t < n; t++) x[t] *= scale;
  beta[at] = b;
  return (b - alpha) / b;
}

/** w = τ(Av − ½τ(vᵀAv)v) with A as the panel's earlier vectors would have left it. */
function secondVector(
  a: Float64Array,
  n: number,
  j: number,
  p: number,
  v: Float64Array,
  w: Float64Array,
  tau: number,
): void {
  const at = p * n;
  const y = w.subarray(at, at + n);
  multiply(a, n, j + 1, v, at, y);
  for (let q = 0; q < p; q++) {
    let vv = 0;
    let wv = 0;
    for (let t = j + 1; t < n; t++) {
      vv += v[q * n + t] * v[at + t];
      wv += w[q * n + t] * v[at + t];
    }
    for (let t = j + 1; t < n; t++) y[t] = y[t] - v[q * n + t] * wv - w[q * n + t] * vv;
  }
  let product = 0;
  for (let t = j + 1; t < n; t++) {
    y[t] *= tau;
    product += y[t] * v[at + t];
  }
  const share = -0.5 * tau * product;
  for (let t = j + 1; t < n; t++) y[t] += share * v[at + t];
}

/** y[t] = Σ_s v[s]·A[s][t] over s, t ≥ from, s ascending; four rows a pass. */
function multiply(
  a: Float64Array,
  n: number,
  from: number,
  v: Float64Array,
  at: number,
  y: Float64Array,
): void {
  let s = from;
  for (; s + 4 <= n; s += 4) {
    const [c0, c1, c2, c3] = [v[at + s], v[at + s + 1], v[at + s + 2], v[at + s + 3]];
    const r0 = s * n;
    const r1 = r0 + n;
    const r2 = r1 + n;
    const r3 = r2 + n;
    for (let t = from; t < n; t++) {
      y[t] = y[t] + c0 * a[r0 + t] + c1 * a[r1 + t] + c2 * a[r2 + t] + c3 * a[r3 + t];
    }
  }
  for (; s < n; s++) for (let t = from; t < n; t++) y[t] += v[at + s] * a[s * n + t];
}

/** Row i of A, from the diagonal on, less what the panel's vectors take from it. */
function updateRow(a: Float64Array, n: number, i: number, v: Float64Array, w: Float64Array): void {
  const row = i * n;
  for (let q = 0; q < PANEL; q += 2) {
    const v0 = q * n;
    const v1 = v0 + n;
    const [a0, b0, a1, b1] = [w[v0 + i], v[v0 + i], w[v1 + i], v[v1 + i]];
    for (let t = i; t < n; t++) {
      a[row + t] = a[row + t] - a0 * v[v0 + t] - b0 * w[v0 + t] - a1 * v[v1 + t] - b1 * w[v1 + t];
    }
  }
}
