// How well an SAE reconstructs its input: mean squared error, explained variance, active features per row.
//
// mse = Σ(x − x̂)² / (N·d), explainedVariance = 1 − Σ(x − x̂)² / Σ(x − x̄)² with x̄ the column means.
import { ReseedError } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { reconstructionErrors } from '../kernel/portable/reconstruction.js';
import { type Matrix, rowRange } from '../tensor/matrix.js';
import { codeRowRange, type SparseCodes } from '../tensor/sparse-codes.js';
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

/** Sums over N rows of d entries, of which a fit is made. */
export interface FitSums {
  readonly rows: number;
  readonly width: number;
  /** Σ(x − x̂)² */
  readonly errors: number;
  /** Σ(x − x̄)² */
  readonly spread: number;
  /** Active features over all rows. */
  readonly active: number;
}

/** Rows that are decoded at once where that is not left to the kernel. */
const decodedRows = 256;

/**
 * Fit on X [N×d] from its codes [N×F]; on constant X the explained variance is 1 if exact and else 0.
 * @param target what it should write [N×d′], which for all but transcoders is X
 * @throws input.shape when X and codes differ in rows, or there are none
 */
export function measureFit(sae: Sae, x: Matrix, codes: SparseCodes, target = x): Fit {
  if (x.rows !== codes.rows || x.rows === 0) {
    throw new ReseedError('input.shape', 'activations and codes must have the same rows', {
      found: `${codes.rows} rows of codes`,
      expected: `${x.rows || 'at least one'}`,
    });
  }
  const errors = decodesPlainly(sae)
    ? reconstructionErrors({ ...sae, x: target, codes, from: 0, to: x.rows })
    : decodedErrors(sae, x, codes, target);
  return fitOf({
    rows: x.rows,
    width: target.cols,
    errors: errors.reduce((sum, error) => sum + error, 0),
    spread: squaresAboutMean(target),
    active: codes.indices.length,
  });
}

/** The fit that these sums give. */
export function fitOf({ rows, width, errors, spread, active }: FitSums): Fit {
  const exact = errors === 0 ? 1 : 0;
  return {
    mse: errors / (rows * width),
    explainedVariance: spread === 0 ? exact : 1 - errors / spread,
    l0: active / rows,
  };
}

/** ‖y − x̂‖² of each row of what it should write [N×d′] from its codes [N×F], as `measureFit` has them [N]. @throws input.shape, input.non-finite */
export async function squaredErrors(
  sae: Sae,
  x: Matrix,
  codes: SparseCodes,
  target: Matrix,
  kernel: Kernel,
  options?: WorkOptions,
): Promise<Float64Array> {
  return decodesPlainly(sae)
    ? kernel.reconstructionErrors(sae, target, codes, options)
    : decodedErrors(sae, x, codes, target);
}

/** Whether x̂ is a sum of decoder rows and a bias, and of the width of X. */
function decodesPlainly({ inputNorm, skip }: Sae): boolean {
  return inputNorm === undefined && skip === undefined;
}

function decodedErrors(sae: Sae, x: Matrix, codes: SparseCodes, target: Matrix): Float64Array {
  const out = new Float64Array(x.rows);
  for (let from = 0; from < x.rows; from += decodedRows) {
    const to = Math.min(x.rows, from + decodedRows);
    const block = rowRange(x, from, to);
    const { data } = decode(sae, codeRowRange(codes, from, to), block);
    const wanted = rowRange(target, from, to);
    for (let n = from, e = 0; n < to; n++) {
      let sum = 0;
      for (let j = 0; j < target.cols; j++, e++) {
        const error = wanted.data[e] - data[e];
        sum += error * error;
      }
      out[n] = sum;
    }
  }
  return out;
}

/** Σ(x − x̄)² over all entries, x̄ the column means. */
function squaresAboutMean({ rows, cols, data }: Matrix): number {
  const centre = new Float64Array(cols);
  for (let n = 0, e = 0; n < rows; n++) for (let j = 0; j < cols; j++, e++) centre[j] += data[e];
  for (let j = 0; j < cols; j++) centre[j] /= rows;
  let sum = 0;
  for (let n = 0, e = 0; n < rows; n++) {
    for (let j = 0; j < cols; j++, e++) {
      const off = data[e] - centre[j];
      sum += off * off;
    }
  }
  return sum;
}
