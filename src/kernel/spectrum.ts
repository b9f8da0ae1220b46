// The spectrum of the rows of a matrix: Gram matrices, eigenvalues, leading singular subspaces.
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import type { WorkOptions } from './interface.js';

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

/** The operations on spectra, as every kernel offers them. */
export interface SpectrumKernel {
  /** XᵀX [d×d] of X [N×d] in float64, rows added in a fixed order. @throws input.non-finite */
  gram(x: Matrix, options: GramOptions): Promise<Float64Array>;

  /**
   * All eigenvalues of a symmetric matrix A [n×n], ascending; of which the upper triangle is read.
   * Absolute error about n·2⁻⁵²·‖A‖. @throws input.shape, input.non-finite
   */
  symmetricEigenvalues(a: Float64Array, n: number, options?: WorkOptions): Promise<Float64Array>;

  /** The top-R right singular vectors of M [F×d]. @throws input.shape unless 1 ≤ R ≤ d; input.non-finite */
  topSubspace(m: Matrix, r: number, options?: WorkOptions): Promise<Subspace>;
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
export function requireSymmetric(a: Float64Array, n: number): void {
  if (a.length !== n * n) {
    throw new ReseedError('input.shape', 'not a square matrix', {
      found: `${a.length} values`,
      expected: `${n} × ${n} = ${n * n}`,
    });
  }
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      if (Number.isFinite(a[i * n + j])) continue;
      throw new ReseedError('input.non-finite', 'no eigenvalues of a matrix that is not finite', {
        field: `a[${i}, ${j}]`,
        found: String(a[i * n + j]),
      });
    }
  }
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
