// From an SAE of standardised activations to the same SAE of the activations themselves, for tools that have no such norm.
//
// With x₁ = (x − μ)/σ: W·x₁ + b = (W/σ)·x + b − (W/σ)·μ, and x̂ = Σ z_i (D_i·σ) + b_d·σ + μ. Where b_d is taken from the
// input, W·(x₁ − b_d) = (W/σ)·(x − (b_d·σ + μ)) with no change of b. Codes stay as they are; directions change. What a
// transcoder writes was not standardised: its decoder and b_d stay, and b makes up for what is taken from the input.
import { type Matrix, zeros } from '../tensor/matrix.js';
import type { RowNorm, Sae } from './sae.js';
import { shiftInput } from './shift-input.js';

export interface FoldedSae extends Sae {
  readonly inputNorm?: RowNorm;
}

/** The SAE itself where its input is not standardised. */
export function foldStandardisation(sae: Sae): FoldedSae {
  const { inputNorm, ...rest } = sae;
  if (typeof inputNorm !== 'object') return { ...rest, ...(inputNorm ? { inputNorm } : {}) };
  const { mean, sd } = inputNorm;
  const { transcoder, subtractDecoderBias } = sae;
  const encoder = scaled(sae.encoder, (j) => 1 / sd[j]);
  const inInput = sae.decoderBias.map((value, j) => value * sd[j] + mean[j]);
  const folded = {
    ...rest,
    encoder,
    ...(transcoder ? {} : { decoder: scaled(sae.decoder, (j) => sd[j]), decoderBias: inInput }),
  };
  if (subtractDecoderBias && !transcoder) return folded;
  // What was taken from the input, less what still is.
  const centre = subtractDecoderBias ? inInput.map((value, j) => value - sae.decoderBias[j]) : mean;
  return { ...folded, ...shiftInput(folded, centre) };
}

function scaled({ rows, cols, data }: Matrix, factor: (column: number) => number): Matrix {
  const out = zeros(rows, cols);
  data.forEach((value, e) => {
    out.data[e] = value * factor(e % cols);
  });
  return out;
}
