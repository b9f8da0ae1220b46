// The ways in which recipes draw weights: distributions, rows of one length, encoders tied to decoders.
import { type Matrix, type Rng, row, rowNorms, sharedFloat32, zeros } from '../tensor/index.js';
import type { DrawnWeights } from './recipe.js';

/** Entries uniform on ±bound. */
export function uniform(rows: number, cols: number, bound: number, rng: Rng): Matrix {
  const out = zeros(rows, cols);
  rng.fillUniform(out.data, bound);
  return out;
}

/** Kaiming-uniform: uniform on ±√(6/fan-in) (He et al. 2015, eq. 10, for ReLU). */
export function kaimingUniform(rows: number, cols: number, fanIn: number, rng: Rng): Matrix {
  return uniform(rows, cols, Math.sqrt(6 / fanIn), rng);
}

/** Entries standard normal. */
export function normal(rows: number, cols: number, rng: Rng): Matrix {
  const out = zeros(rows, cols);
  rng.fillNormal(out.data);
  return out;
}

/** Scales every row to this length, in place. */
export function withRowNorm(weights: Matrix, length: number): Matrix {
  const norms = rowNorms(weights);
  for (let i = 0; i < weights.rows; i++) {
    const values = row(weights, i);
    for (let j = 0; j < values.length; j++) values[j] = (values[j] / norms[i]) * length;
  }
  return weights;
}

/** A copy in shared memory. */
export function copied({ rows, cols, data }: Matrix): Matrix {
  const out = zeros(rows, cols);
  out.data.set(data);
  return out;
}

/** Weights with biases of 0. */
export function withoutBiases(encoder: Matrix, decoder: Matrix): DrawnWeights {
  return {
    encoder,
    encoderBias: sharedFloat32(decoder.rows),
    decoder,
    decoderBias: sharedFloat32(decoder.cols),
  };
}

/** An encoder whose rows are the decoder's. */
export function tied(decoder: Matrix): DrawnWeights {
  return withoutBiases(copied(decoder), decoder);
}
