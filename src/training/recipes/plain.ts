// The plain recipe: Kaiming-uniform weights, biases 0, Adam at a flat rate, nothing normalised, nothing revived.
//
// Kaiming-uniform (He et al. 2015, eq. 10): the encoder's fan-in is d, the decoder's is F. The encoder reads the input
// as it is. Adam with its published defaults (Kingma & Ba 2015). topk keeps the k largest of the raw pre-activations, so
// codes can be negative; its loss is the mean over all entries, as torch's mse_loss has it. The other architectures sum
// squared errors over a row, so that λ means the same in every recipe; L1 counts activations times ‖D_i‖, since nothing
// else holds the decoder's length (Conerly et al., Circuits Updates, April 2024). θ starts and learns as in SAELens
// (saes/jumprelu_sae.py), as does the threshold of BatchTopK (saes/batchtopk_sae.py), but from the first batch's value.
// Matryoshka's levels weigh the same, and 1 together.
import { Rng } from '../../tensor/index.js';
import { kaimingUniform, withoutBiases } from '../drawn-weights.js';
import type { DrawnWeights, Recipe } from '../recipe.js';
import { learningRate } from './learning-rate.js';

const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, projectGradient: false } as const;

const common = { warmUp: 0, decoderBias: 'zero' } as const;

export const plain = {
  name: 'plain',
  version: 1,
  settings: { learningRate },
  init: (seed: number, d: number, features: number): DrawnWeights =>
    withoutBiases(
      kaimingUniform(features, d, d, new Rng(seed, 'init', 'encoder')),
      kaimingUniform(features, d, features, new Rng(seed, 'init', 'decoder')),
    ),
  learningRate: () => 3e-4,
  topK: (_, __, selection) => ({
    ...common,
    hyper: {
      ...adam,
      normaliseDecoder: 'never',
      subtractDecoderBias: false,
      meanOverWidth: true,
      // A batch selects among codes above 0 alone.
      relu: selection === 'batch',
      rankByDecoderNorm: false,
    },
    threshold: { keep: 0.99, after: 0, start: -1 },
    levelWeight: (levels) => 1 / levels,
    divideByVariance: false,
  }),
  dense: () => ({
    ...common,
    hyper: {
      ...adam,
      normaliseDecoder: false,
      subtractDecoderBias: false,
      meanOverWidth: false,
      weighByDecoderNorm: true,
      bandwidth: 0.05,
    },
    sparsityWarmUp: 0,
    threshold: 0.01,
  }),
} as const satisfies Recipe;
