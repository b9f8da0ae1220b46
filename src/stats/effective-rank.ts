// How many directions the rows of a matrix really use: exp of the entropy of its singular values, centred.
//
// erank(X) = exp(−Σ pᵢ ln pᵢ), pᵢ = σᵢ/Σσ, σ the singular values of X less its column means.
// Source: Roy and Vetterli, "The effective rank", EUSIPCO 2007.
import { EigenvalueDecomposition, Matrix as Float64Matrix } from 'ml-matrix';
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';

/**
 * Effective rank from the eigenvalues [size] of XᵀX, X [N×d] less its column means: σᵢ is the root of one. Between 1 and
 * min(N − 1, d); 0 when all rows are equal.
 * @param size of the matrix that they are of; below size·2⁻⁵² of the largest an eigenvalue is rounding noise, whose root would
 * look like a singular value of 1e-8
 */
export function effectiveRankOf(eigenvalues: ArrayLike<number>, size: number): number {
  const values = Array.from(eigenvalues);
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  const noise = size * Number.EPSILON * largest;
  const sigma = values.filter((value) => value > noise).map(Math.sqrt);
  if (sigma.length === 0) return 0;
  const total = sigma.reduce((sum, s) => sum + s, 0);
  return Math.exp(-sigma.reduce((sum, s) => sum + (s / total) * Math.log(s / total), 0));
}

/**
 * Effective rank of X [N×d], all of it at once.
 * @throws input.non-finite
 */
export function effectiveRank(x: Matrix): number {
  const gram = smallerGram(centredColumns(x));
  if (gram.rows === 0) return 0;
  const { realEigenvalues } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  return effectiveRankOf(realEigenvalues, gram.rows);
}

/** Columns of X less their means, in float64: d arrays of length N. */
function centredColumns(x: Matrix): Float64Array[] {
  return Array.from({ length: x.cols }, (_, j) => {
    const column = new Float64Array(x.rows);
    let sum = 0;
    for (let n = 0; n < x.rows; n++) {
      column[n] = x.data[n * x.cols + j];
      sum += column[n];
    }
    if (!Number.isFinite(sum)) {
      throw new ReseedError('input.non-finite', 'no effective rank of values that are not finite', {
        field: `column ${j}`,
      });
    }
    const centre = sum / x.rows;
    for (let n = 0; n < x.rows; n++) column[n] -= centre;
    return column;
  });
}

/** XᵀX [d×d] or XXᵀ [N×N], whichever is smaller: their eigenvalues other than 0 are the same. */
function smallerGram(columns: Float64Array[]): Float64Matrix {
  const d = columns.length;
  const n = columns[0]?.length ?? 0;
  if (n < d) {
    const rows = Array.from({ length: n }, (_, i) => Float64Array.from(columns, (column) => column[i]));
    return products(rows);
  }
  return products(columns);
}

function products(vectors: Float64Array[]): Float64Matrix {
  const gram = Float64Matrix.zeros(vectors.length, vectors.length);
  for (let i = 0; i < vectors.length; i++) {
    for (let j = i; j < vectors.length; j++) {
      let sum = 0;
      for (let n = 0; n < vectors[i].length; n++) sum += vectors[i][n] * vectors[j][n];
      gram.set(i, j, sum);
      gram.set(j, i, sum);
    }
  }
  return gram;
}
