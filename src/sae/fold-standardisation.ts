// From an SAE of standardised activations to the same SAE of the activations themselves, for tools that have no such norm.
//
// With x₁ = (x − μ)/σ: W·x₁ + b = (W/σ)·x + b − (W/σ)·μ, and x̂ = Σ z_i (D_i·σ) + b_d·σ + μ. Where b_d is taken from the
// input, W·(x₁ − b_d) = (W/σ)·(x − (b_d·σ + μ)) with no change of b. Codes stay as they are; directions change.
import { type Matrix, zeros } from '../tensor/matrix.js';
import type { Sae, Standardisation } from './sae.js';

export function foldStandardisation(sae: Sae, { mean, sd }: Standardisation): Sae {
  const { inputNorm: _, ...rest } = sae;
  const encoder = scaled(sae.encoder, (j) => 1 / sd[j]);
  const decoderBias = sae.decoderBias.map((value, j) => value * sd[j] + mean[j]);
  const folded = { ...rest, encoder, decoder: scaled(sae.decoder, (j) => sd[j]), decoderBias };
  if (sae.subtractDecoderBias) return folded;
  const shift = Float32Array.from({ length: encoder.rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < encoder.cols; j++) sum -= encoder.data[i * encoder.cols + j] * mean[j];
    return sum;
  });
  const { activation } = sae;
  return {
    ...folded,
    encoderBias: sae.encoderBias.map((value, i) => value + shift[i]),
    // The magnitude of a gated SAE has a bias of its own.
    activation:
      activation.kind === 'gated'
        ? {
            ...activation,
            magnitudeBias: activation.magnitudeBias.map(
              (value, i) => value + Math.exp(activation.magnitudeLogScale[i]) * shift[i],
            ),
          }
        : activation,
  };
}

function scaled({ rows, cols, data }: Matrix, factor: (column: number) => number): Matrix {
  const out = zeros(rows, cols);
  data.forEach((value, e) => {
    out.data[e] = value * factor(e % cols);
  });
  return out;
}
