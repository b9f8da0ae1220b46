// From an SAE of activations that were divided by a number to the same SAE of the activations themselves.
//
// With x = s·x′: W·x′ + b is W·x + s·b over s, so biases and thresholds times s give codes and reconstructions times s.
import type { Sae } from './sae.js';

/** @param factor s, above 0 */
export function scaleBiases(sae: Sae, factor: number): Sae {
  const scaled = (values: Float32Array) => values.map((value) => value * factor);
  const { activation } = sae;
  return {
    ...sae,
    encoderBias: scaled(sae.encoderBias),
    decoderBias: scaled(sae.decoderBias),
    activation: {
      ...activation,
      ...('threshold' in activation ? { threshold: scaled(activation.threshold) } : {}),
      ...('magnitudeBias' in activation ? { magnitudeBias: scaled(activation.magnitudeBias) } : {}),
    },
  };
}
