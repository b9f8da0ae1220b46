// Changes to a finished SAE: some leave what it computes as it is, some spoil it.
import type { SaeWeights } from '../../src/sae/sae.js';
import {
  dot,
  type Matrix,
  row,
  rowNorms,
  type SparseCodes,
  takeCodeColumns,
  takeRows,
} from '../../src/tensor/index.js';
import type { Trained } from './train.js';

/** The same SAE with its features in another order. */
export function reordered(run: Trained, order: Int32Array): Trained {
  const { sae, init, codes } = run;
  return {
    ...run,
    sae: { ...sae, ...inOrder(sae, order) },
    init: inOrder(init, order),
    codes: takeCodeColumns(codes, order),
  };
}

function inOrder(weights: SaeWeights, order: Int32Array): SaeWeights {
  return {
    encoder: takeRows(weights.encoder, order),
    encoderBias: Float32Array.from(order, (i) => weights.encoderBias[i]),
    decoder: takeRows(weights.decoder, order),
    decoderBias: weights.decoderBias,
  };
}

/**
 * Decoder row i times scale[i]; encoder row, bias and codes of the feature divided by it, so that code times row
 * stays what it was. A scale of −1 flips a sign.
 */
export function rescaled(run: Trained, scale: ArrayLike<number>): Trained {
  const { sae, codes } = run;
  const inverse = Float64Array.from(scale, (s) => 1 / s);
  return {
    ...run,
    sae: {
      ...sae,
      encoder: scaledRows(sae.encoder, inverse),
      encoderBias: sae.encoderBias.map((b, i) => b * inverse[i]),
      decoder: scaledRows(sae.decoder, scale),
    },
    codes: scaledCodes(codes, inverse),
  };
}

/** Decoder rows brought to length 1, as many formats keep them. */
export function normalised(run: Trained): Trained {
  return rescaled(
    run,
    rowNorms(run.sae.decoder).map((norm) => 1 / norm),
  );
}

/** The first decoder row made this many times as long as the mean one; its codes shrink by as much. */
export function withLongRow(run: Trained, times: number): Trained {
  const norms = rowNorms(run.sae.decoder);
  const long = (times * norms.reduce((sum, norm) => sum + norm, 0)) / norms.length;
  return rescaled(
    run,
    norms.map((norm, i) => (i === 0 ? long / norm : 1)),
  );
}

/** The SAE that does to x + mean what this one does to x: the mean [d] is read off and written again by its biases. */
export function withMeanInBias(run: Trained, mean: Float32Array): Trained {
  const { encoder, encoderBias, decoderBias } = run.sae;
  return {
    ...run,
    sae: {
      ...run.sae,
      encoderBias: encoderBias.map((b, i) => b - dot(row(encoder, i), mean)),
      decoderBias: decoderBias.map((b, j) => b + mean[j]),
    },
  };
}

export function scaledRows(m: Matrix, scale: ArrayLike<number>): Matrix {
  return mapped(m, (value, i) => value * scale[i]);
}

function scaledCodes(codes: SparseCodes, scale: ArrayLike<number>): SparseCodes {
  return { ...codes, values: codes.values.map((value, e) => value * scale[codes.indices[e]]) };
}

/** Weights as a checkpoint in half precision keeps them. */
export function float16(run: Trained): Trained {
  const { sae } = run;
  const round = (values: Float32Array) => values.map(nearestFloat16);
  return {
    ...run,
    sae: {
      ...sae,
      encoder: mapped(sae.encoder, nearestFloat16),
      encoderBias: round(sae.encoderBias),
      decoder: mapped(sae.decoder, nearestFloat16),
      decoderBias: round(sae.decoderBias),
    },
  };
}

/** 10 bits behind the point of a number's own power of two, and no powers below 2⁻¹⁴ (IEEE 754 binary16). */
function nearestFloat16(value: number): number {
  if (value === 0) return 0;
  const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(value)))) - 10);
  return Math.round(value / step) * step;
}

/** A copy of m with `change` applied to every value; `change` also gets the row. */
export function mapped(m: Matrix, change: (value: number, row: number) => number): Matrix {
  return { ...m, data: m.data.map((value, at) => change(value, Math.floor(at / m.cols))) };
}

/** A copy of m in which some rows are others: `replace` maps a row to what it becomes. */
export function withRows(m: Matrix, replace: ReadonlyMap<number, Float32Array>): Matrix {
  const out = mapped(m, (value) => value);
  for (const [i, values] of replace) row(out, i).set(values);
  return out;
}
