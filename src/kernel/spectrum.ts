// The spectrum of the rows of a matrix: Gram matrices, eigenvalues and eigenvectors, leading singular subspaces; and
// products of rows, with which directions are drawn from a spectrum and projected onto its vectors.
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import type { WorkOptions } from './work-options.js';

export interface GramOptions extends WorkOptions {
  /** Subtract the column means first. */
  readonly centred: boolean;
}

/** The leading right singular vectors of a matrix [F×d]: the directions that its rows use most. */
export interface Subspace {
  /** [R × d] orthonormal rows, largest singular value first; the largest entry of each is positive */
  readonly vectors: Float64Array;
  /** [R] singular values, descending */
  readonly values: Float64Array;
  /**
   * σ²_R − σ²_{R+1}, as a share of σ²_1 (with R = d: σ²_R as such a share). The projector onto the subspace is
   * known to about d·2⁻⁵² / gap; where that is not small, which vectors lie in the subspace is arbitrary.
   */
  readonly gap: number;
}

/** A symmetric matrix as its eigenvalues and orthonormal eigenvectors. */
export interface SymmetricEigen {
  /** [n] ascending */
  readonly values: Float64Array;
  /** [n × n] row i belongs to values[i]; the largest entry of each row is positive */
  readonly vectors: Float64Array;
}

/** The operations on spectra, as every kernel offers them. */
export interface SpectrumKernel {
  /** XᵀX [d×d] of X [N×d] in float64, rows added in a fixed order. @throws input.non-finite */
  gram(x: Matrix, options: GramOptions): Promise<Float64Array>;

  /**
   * sum += Σ_n (x_n − shift)(x_n − shift)ᵀ of X [N×d] in float64, in place: a Gram matrix from blocks of rows. Blocks of a
   * multiple of 256 rows (the last may have any number) give the same bytes as all rows at once. A cancelled call leaves
   * `sum` half done.
   * @param sum [d × d] symmetric: its upper triangle is read, its lower one overwritten @param shift [d]
   * @throws input.shape, input.non-finite
   */
  addGram(sum: Float64Array, x: Matrix, shift: Float64Array, options?: WorkOptions): Promise<void>;

  /**
   * All eigenvalues of a symmetric matrix A [n×n], ascending; of which the upper triangle is read.
   * Absolute error about n·2⁻⁵²·‖A‖. @throws input.shape, input.non-finite
   */
  symmetricEigenvalues(a: Float64Array, n: number, options?: WorkOptions): Promise<Float64Array>;

  /**
   * All eigenvalues and eigenvectors of a symmetric matrix A [n×n], of which the upper triangle is read.
   * ‖Av − λv‖ and |VVᵀ − 1| are about n·2⁻⁵², the first times ‖A‖. @throws input.shape, input.non-finite
   */
  symmetricEigen(a: Float64Array, n: number, options?: WorkOptions): Promise<SymmetricEigen>;

  /** The top-R right singular vectors of M [F×d]. @throws input.shape unless 1 ≤ R ≤ d; input.non-finite */
  topSubspace(m: Matrix, r: number, options?: WorkOptions): Promise<Subspace>;

  /**
   * A·Bᵀ [n×m] of A [n×k] and B [m×k] in shared memory: Σ_t a[i][t]·b[j][t] in float64, t ascending, rounded to float32
   * once. @throws input.shape, input.non-finite
   */
  multiply(a: Matrix, b: Matrix, options?: WorkOptions): Promise<Matrix>;
}

/** @throws input.shape unless 1 ≤ R ≤ d */
export function requireSubspaceSize(r: number, d: number): void {
  if (Number.isInteger(r) && r >= 1 && r <= d) return;
  throw new ReseedError('input.shape', 'no subspace of that many directions', {
    found: String(r),
    expected: `1 … ${d}`,
  });
}

/** @throws input.shape unless A has n² entries; input.non-finite in the upper triangle */
export function requireSymmetric(name: string, a: Float64Array, n: number): void {
  if (a.length !== n * n) {
    throw new ReseedError('input.shape', 'not a square matrix', {
      field: name,
      found: `${a.length} values`,
      expected: `${n} × ${n} = ${n * n}`,
    });
  }
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      if (Number.isFinite(a[i * n + j])) continue;
      throw new ReseedError('input.non-finite', 'a value of a symmetric matrix is not finite', {
        field: `${name}[${i}, ${j}]`,
        found: String(a[i * n + j]),
      });
    }
  }
}

/** @throws input.shape unless the shift has d entries; input.non-finite */
export function requireShift(shift: Float64Array, d: number): void {
  if (shift.length !== d) {
    throw new ReseedError('input.shape', 'a shift is not as wide as the rows', {
      field: 'shift',
      found: `${shift.length} values`,
      expected: String(d),
    });
  }
  const at = shift.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new ReseedError('input.non-finite', 'a value is not finite', {
    field: `shift[${at}]`,
    found: String(shift[at]),
    expected: 'finite numbers',
  });
}

/**
 * The subspace from the spectrum of the Gram matrix.
 * @param eigenvalues all of them [d], ascending @param vectors of the R largest, largest first [R × d]
 */
export function subspaceFrom(eigenvalues: Float64Array, vectors: Float64Array, r: number): Subspace {
  const all = eigenvalues.toReversed().map((value) => Math.max(0, value));
  const after = r < all.length ? all[r] : 0;
  return {
    vectors,
    values: all.slice(0, r).map(Math.sqrt),
    gap: all[0] > 0 ? (all[r - 1] - after) / all[0] : 0,
  };
}

/**
 * ‖U_aᵀU_b‖²_F / R of two subspaces with orthonormal rows [R × d]: 1 for the same subspace, R/d on average for
 * independent random ones.
 */
export function subspaceOverlap(a: Subspace, b: Subspace): number {
  const r = a.values.length;
  const d = a.vectors.length / r;
  let total = 0;
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < b.values.length; j++) {
      let product = 0;
      for (let t = 0; t < d; t++) product += a.vectors[i * d + t] * b.vectors[j * d + t];
      total += product * product;
    }
  }
  return total / r;
}
