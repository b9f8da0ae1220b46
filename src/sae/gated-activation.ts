// The magnitudes of a gated SAE, as every tool keeps them: a bias and a log scale for each feature.
import type { Activation } from './sae.js';
import type { WeightReader } from './weight-reader.js';

/**
 * @param features how many there are
 * @param bias the name of the bias of the magnitude [F]; its log scale [F] is r_mag everywhere
 * @throws input.format, input.shape
 */
export async function gatedActivation(
  weights: WeightReader,
  features: number,
  bias: string,
): Promise<Activation> {
  return {
    kind: 'gated',
    magnitudeBias: await weights.vector(bias, features, 'bias of the magnitude'),
    magnitudeLogScale: await weights.vector('r_mag', features, 'log scale of the magnitude'),
  };
}
