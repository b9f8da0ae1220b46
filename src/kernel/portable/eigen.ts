// Eigenvalues of symmetric matrices, and the eigenvectors of the largest ones.
//
// A → T by Householder reflections; all eigenvalues of T by implicit QL with Wilkinson's shift; eigenvectors of
// the R largest by inverse iteration on T, each orthogonal to those before it, and back through the reflections.
// Nothing converges at the rate of a gap: two equal eigenvalues give two orthonormal vectors of their plane.
// Source: Golub and Van Loan, "Matrix computations", sections 8.3 and 8.2.2.
import { ReseedError } from '../../errors.js';
import { inverseIteration } from './inverse-iteration.js';
import { type Tridiagonal, tridiagonalise } from './tridiagonal.js';

const SWEEPS = 60;
/**
 * Couplings below this are 0: the largest entry is scaled to between ½ and 1, so that each moves an eigenvalue by less
 * than the promised error. A block that is all rounding noise, as that of eigenvalues 0, would otherwise not converge.
 */
const NEGLIGIBLE = 2 ** -54;

/** All eigenvalues of finite symmetric A [n×n], ascending. */
export function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  const { scale, tridiagonal } = reduce(a, n);
  return tridiagonalEigenvalues(tridiagonal).map((value) => value * scale);
}

/** All eigenvalues of symmetric A [n×n], ascending, and orthonormal vectors of the R largest [R × n], largest first. */
export function topEigenvectors(
  a: Float64Array,
  n: number,
  r: number,
): { values: Float64Array; vectors: Float64Array } {
  const { scale, tridiagonal } = reduce(a, n);
  const values = tridiagonalEigenvalues(tridiagonal);
  const z = inverseIteration(tridiagonal, values.toReversed().subarray(0, r));
  reflectBack(tridiagonal, z, n, r);
  const vectors = new Float64Array(r * n);
  for (let i = 0; i < r; i++) {
    let largest = 0;
    for (let t = 1; t < n; t++) if (Math.abs(z[t * r + i]) > Math.abs(z[largest * r + i])) largest = t;
    const sign = z[largest * r + i] < 0 ? -1 : 1;
    for (let t = 0; t < n; t++) vectors[i * n + t] = sign * z[t * r + i];
  }
  return { values: values.map((value) => value * scale), vectors };
}

/** T of A divided by `scale`, the power of two that brings its entries to at most 1. */
function reduce(a: Float64Array, n: number): { scale: number; tridiagonal: Tridiagonal } {
  let largest = 0;
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) largest = Math.max(largest, Math.abs(a[i * n + j]));
  let scale = 1;
  while (scale < largest) scale *= 2;
  while (largest > 0 && scale / 2 >= largest) scale /= 2;
  const copy = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      copy[i * n + j] = a[i * n + j] / scale;
      copy[j * n + i] = copy[i * n + j];
    }
  }
  return { scale, tridiagonal: tridiagonalise(copy, n) };
}

/** Eigenvalues of T, ascending. */
function tridiagonalEigenvalues({ diagonal, offDiagonal }: Tridiagonal): Float64Array {
  const d = diagonal.slice();
  const e = offDiagonal.slice();
  for (let l = 0; l < d.length; l++) {
    for (let sweep = 0; ; sweep++) {
      const m = blockEnd(d, e, l);
      if (m === l) break;
      if (sweep === SWEEPS) throw new ReseedError('internal.kernel', 'an eigenvalue does not converge');
      implicitStep(d, e, l, m);
    }
  }
  return d.sort();
}

/** The last row of the block of T that begins at row l. */
function blockEnd(d: Float64Array, e: Float64Array, l: number): number {
  let m = l;
  for (; m < d.length - 1; m++) {
    const size = Math.abs(e[m]);
    if (size <= NEGLIGIBLE || size <= 2 ** -53 * (Math.abs(d[m]) + Math.abs(d[m + 1]))) break;
  }
  return m;
}

/** One QL step on rows l … m: a rotation at the end, and those that chase its bulge up. */
function implicitStep(d: Float64Array, e: Float64Array, l: number, m: number): void {
  const half = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.sqrt(half * half + 1);
  let g = d[m] - d[l] + e[l] / (half + (half < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let p = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i];
    const b = cosine * e[i];
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= p;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - p;
    const turn = (d[i] - g) * sine + 2 * cosine * b;
    p = sine * turn;
    d[i + 1] = g + p;
    g = cosine * turn - b;
  }
  d[l] -= p;
  e[l] = g;
  e[m] = 0;
}

/** z ← Q·z for r columns, stored [n][r]: the last reflection first. */
function reflectBack({ reflectors, tau }: Tridiagonal, z: Float64Array, n: number, r: number): void {
  const product = new Float64Array(r);
  for (let j = n - 2; j >= 0; j--) {
    if (tau[j] === 0) continue;
    product.fill(0);
    for (let t = j + 1; t < n; t++) {
      const v = reflectors[j * n + t];
      for (let i = 0; i < r; i++) product[i] += v * z[t * r + i];
    }
    for (let i = 0; i < r; i++) product[i] *= tau[j];
    for (let t = j + 1; t < n; t++) {
      const v = reflectors[j * n + t];
      for (let i = 0; i < r; i++) z[t * r + i] -= v * product[i];
    }
  }
}
