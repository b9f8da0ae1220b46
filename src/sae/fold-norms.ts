// Gives decoder rows length 1 without a change to what an SAE reconstructs: their lengths go into the encoder.
//
// With n_i = ‖D_i‖: W_i·n_i, b_i·n_i, D_i/n_i, so that z_i becomes z_i·n_i. For activations that act on each feature
// alone and scale with it (ReLU), or where features are already chosen by z_i·n_i.
import { type Matrix, rowNorms } from '../tensor/matrix.js';
import type { Sae } from './sae.js';

/** In place: the arrays must belong to nobody else. Rows of length 0 stay, and their features fall silent. */
export function foldDecoderNorms(sae: Sae): Sae {
  const lengths = rowNorms(sae.decoder);
  return {
    ...sae,
    encoder: scaleRows(sae.encoder, (i) => lengths[i]),
    encoderBias: sae.encoderBias.map((value, i) => value * lengths[i]),
    decoder: scaleRows(sae.decoder, (i) => (lengths[i] === 0 ? 1 : 1 / lengths[i])),
  };
}

/** In place. Where only the outline of a file was read, there are no rows. */
export function scaleRows({ rows, cols, data }: Matrix, factor: (row: number) => number): Matrix {
  for (let i = 0; i < rows; i++) {
    const by = factor(i);
    for (let e = i * cols; by !== 1 && e < Math.min(data.length, (i + 1) * cols); e++) data[e] *= by;
  }
  return { rows, cols, data };
}
