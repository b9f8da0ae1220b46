// Biases of an SAE that takes c from its input, as those of one that does not: W·(x − c) + b = W·x + (b − W·c).
// The magnitude of a gated SAE is e^r·π + b_m with the same π, which moves as much as the gate does.
import { dot, row } from '../tensor/matrix.js';
import type { Sae } from './sae.js';

type Encoding = Pick<Sae, 'activation' | 'encoder' | 'encoderBias'>;

/** @param centre c [d] @param encoder may be an outline without rows: then nothing moves */
export function shiftInput({ activation, encoder, encoderBias }: Encoding, centre: Float32Array): Encoding {
  if (encoder.data.length === 0) return { activation, encoder, encoderBias };
  const shift = Float32Array.from({ length: encoder.rows }, (_, i) => -dot(row(encoder, i), centre));
  return {
    encoder,
    encoderBias: encoderBias.map((value, i) => value + shift[i]),
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
