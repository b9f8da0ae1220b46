// The weights that a run starts from: those that its recipe draws, with the decoder bias that the data gives.
import type { SaeWeights } from '../sae/sae.js';
import { type Matrix, sharedFloat32, takeRows } from '../tensor/matrix.js';
import { geometricMedian } from './geometric-median.js';
import type { CommonRules } from './rules.js';

/** Rows that stand for the data, as many as OpenAI takes (train.py); evenly spaced where there are more. */
const sampleRows = 32_768;

/** @param drawn weights with biases of 0 @param x [N×d]; without it the decoder bias stays at 0 */
export function startWeights(drawn: SaeWeights, { decoderBias: at }: CommonRules, x?: Matrix): SaeWeights {
  if (at === 'zero' || !x) return drawn;
  const decoderBias = sharedFloat32(x.cols);
  decoderBias.set(geometricMedian(sampleOf(x)));
  return { ...drawn, decoderBias };
}

/** At most `sampleRows` rows of X, evenly spaced. */
export function sampleOf(x: Matrix): Matrix {
  if (x.rows <= sampleRows) return x;
  return takeRows(
    x,
    Int32Array.from({ length: sampleRows }, (_, i) => Math.floor((i * x.rows) / sampleRows)),
  );
}
