// How well an SAE reconstructs its input: mean squared error, explained variance, active features per row.
//
// mse = Σ(x − x̂)² / (N·d), explainedVariance = 1 − Σ(x − x̂)² / Σ(x − x̄)² with x̄ the column means.
import { ReseedError } from '../errors.js';
import type { Matrix } from '../tensor/matrix.js';
import { meanActive, type SparseCodes } from '../tensor/sparse-codes.js';
import { decode } from './encode.js';
import type { Sae } from './sae.js';

export interface Fit {
  /** Mean over all N·d entries, in squared units of the activations. */
  readonly mse: number;
  /** 1 is perfect, 0 is no better than the mean row; can be negative. */
  readonly explainedVariance: number;
  /** Mean number of active features per row. */
  readonly l0: number;
}

/**
 * Fit on X [N×d] from its codes [N×F]; on constant X the explained variance is 1 if exact and else 0.
 * @throws input.shape when X and codes differ in rows, or there are none
 */
export function measureFit(sae: Sae, x: Matrix, codes: SparseCodes): Fit {
  if (x.rows !== codes.rows || x.rows === 0) {
    throw new ReseedError('input.shape', 'activations and codes must have the same rows', {
      found: `${codes.rows} rows of codes`,
      expected: `${x.rows || 'at least one'}`,
    });
  }
  const reconstruction = decode(sae, codes, x);
  let squares = 0;
  for (let e = 0; e < x.data.length; e++) squares += (x.data[e] - reconstruction.data[e]) ** 2;
  const spread = squaresAboutMean(x);
  const exact = squares === 0 ? 1 : 0;
  return {
    mse: squares / x.data.length,
    explainedVariance: spread === 0 ? exact : 1 - squares / spread,
    l0: meanActive(codes),
  };
}

/** Σ(x − x̄)² over all entries, x̄ the column means. */
function squaresAboutMean({ rows, cols, data }: Matrix): number {
  const centre = new Float64Array(cols);
  for (let e = 0; e < data.length; e++) centre[e % cols] += data[e] / rows;
  let sum = 0;
  for (let e = 0; e < data.length; e++) sum += (data[e] - centre[e % cols]) ** 2;
  return sum;
}
