// Eigenvalues and eigenvectors of symmetric matrices.
//
// A → T by Householder reflections; all eigenvalues of T by implicit QL and QR steps. Vectors of the R largest: few of
// them by inverse iteration on T and back through the reflections; many, or where that cannot settle, by the
// rotations of the steps, which give all. Nothing converges at the rate of a gap: two equal eigenvalues give two
// orthonormal vectors of their plane.
// Source: Golub and Van Loan, "Matrix computations", sections 8.3 and 8.2.2.
import { tridiagonalEigenvalues } from './implicit-ql.js';
import { inverseIteration } from './inverse-iteration.js';
import { reflectBack } from './reflect-back.js';
import { turnedRows } from './rotations.js';
import { type Tridiagonal, tridiagonalise } from './tridiagonal.js';

/**
 * Up to n / FEW vectors come by inverse iteration, which costs 12·n·R² flops on one thread and 2·n² a vector; more of
 * them by rotations, 6·n³ flops at the speed of vectors on all threads.
 */
const FEW = 8;

export interface Eigen {
  /** [n] ascending */
  readonly values: Float64Array;
  /** [R × n] */
  readonly vectors: Float64Array;
}

/** All eigenvalues of finite symmetric A [n×n], ascending. @throws internal.kernel */
export function symmetricEigenvalues(a: Float64Array, n: number): Float64Array {
  const { scale, tridiagonal } = reduce(a, n);
  return tridiagonalEigenvalues(tridiagonal).map((value) => value * scale);
}

/**
 * All eigenvalues of symmetric A [n×n], and orthonormal vectors of the R largest: the largest eigenvalue's first, or
 * last where `ascending`. The largest entry of each vector is positive. @throws internal.kernel
 */
export function eigenvectors(a: Float64Array, n: number, r: number, ascending: boolean): Eigen {
  const { scale, tridiagonal } = reduce(a, n);
  const { values, vectors } = fewVectors(tridiagonal, r) ?? allVectors(tridiagonal, r);
  for (let i = 0; i < r; i++) makeLargestPositive(vectors.subarray(i * n, (i + 1) * n));
  if (ascending) reverseRows(vectors, r, n);
  return { values: values.map((value) => value * scale), vectors };
}

/** T of A divided by `scale`, a power of two that brings its entries to at most 1 (2 for the largest numbers). */
function reduce(a: Float64Array, n: number): { scale: number; tridiagonal: Tridiagonal } {
  let largest = 0;
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) largest = Math.max(largest, Math.abs(a[i * n + j]));
  let scale = 1;
  while (scale < largest && scale < 2 ** 1023) scale *= 2;
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

/** By inverse iteration; nothing where there are too many or one does not settle. */
function fewVectors(t: Tridiagonal, r: number): Eigen | undefined {
  const n = t.diagonal.length;
  if (FEW * r > n) return undefined;
  const values = tridiagonalEigenvalues(t);
  const z = inverseIteration(t, values.toReversed().subarray(0, r));
  if (!z) return undefined;
  reflectBack(t, z, n, r);
  const vectors = new Float64Array(r * n);
  for (let i = 0; i < r; i++) for (let s = 0; s < n; s++) vectors[i * n + s] = z[s * r + i];
  return { values, vectors };
}

/** By rotations. */
function allVectors(t: Tridiagonal, r: number): Eigen {
  const n = t.diagonal.length;
  const { values, rows } = turnedRows(t);
  const order = [...values.keys()].sort((i, j) => values[i] - values[j] || i - j);
  const vectors = new Float64Array(r * n);
  for (let i = 0; i < r; i++) {
    const row = order[n - 1 - i];
    vectors.set(rows.subarray(row * n, (row + 1) * n), i * n);
  }
  return { values: Float64Array.from(order, (i) => values[i]), vectors };
}

function makeLargestPositive(vector: Float64Array): void {
  let largest = 0;
  for (let t = 1; t < vector.length; t++) if (Math.abs(vector[t]) > Math.abs(vector[largest])) largest = t;
  const sign = vector[largest] < 0 ? -1 : 1;
  for (let t = 0; t < vector.length; t++) vector[t] *= sign;
}

function reverseRows(rows: Float64Array, count: number, n: number): void {
  for (let i = 0, j = count - 1; i < j; i++, j--) {
    const kept = rows.slice(i * n, (i + 1) * n);
    rows.copyWithin(i * n, j * n, (j + 1) * n);
    rows.set(kept, j * n);
  }
}
