// The recipe of SAELens: decoder rows of length 0.1, tied encoders, biases 0, gradients clipped, nothing normalised.
//
// Constants from the package, release 6.54: saes/sae.py (initialize_weights), saes/topk_sae.py, batchtopk_sae.py,
// matryoshka_batchtopk_sae.py, standard_sae.py, jumprelu_sae.py (loss mode `step`), training/sae_trainer.py, config.py.
// TopK and its like rank by ‖D_i‖·p_i (`rescale_acts_by_decoder_norm`). Matryoshka's losses are summed. It clamps θ at 0 before each step;
// here a θ below 0 acts as 0 does. Gated is left out: its auxiliary loss moves the decoder there, which the kernel's does not.
import { Rng } from '../../tensor/index.js';
import { kaimingUniform, tied, withRowNorm } from '../drawn-weights.js';
import type { Recipe } from '../recipe.js';
import type { DenseRules, TopKRules } from '../rules.js';
import { learningRate } from './learning-rate.js';

const optimiser = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, projectGradient: false, clipNorm: 1 } as const;
const common = { warmUp: 0, decoderBias: 'zero' } as const;

function topKRules(d: number): TopKRules {
  return {
    ...common,
    hyper: {
      ...optimiser,
      relu: true,
      subtractDecoderBias: true,
      rankByDecoderNorm: true,
      meanOverWidth: false,
      normaliseDecoder: 'never',
      auxiliary: {
        k: Math.floor(d / 2),
        coefficient: 1,
        relu: false,
        normalise: false,
        scaleByDead: true,
        bias: 'none',
        // dead_feature_window: more than 1000 steps
        dead: { unit: 'steps', window: 1001, judged: 'before', firedAbove: 0 },
      },
    },
    threshold: { keep: 0.99, after: 0, start: 0 },
    levelWeight: () => 1,
    divideByVariance: false,
  };
}

const denseRules: DenseRules = {
  ...common,
  hyper: {
    ...optimiser,
    normaliseDecoder: false,
    subtractDecoderBias: true,
    meanOverWidth: false,
    weighByDecoderNorm: true,
    bandwidth: 0.05,
  },
  sparsityWarmUp: 0,
  threshold: 0.01,
};

const trains = {
  topk: {},
  batchtopk: {},
  'matryoshka-batchtopk': {},
  relu: {},
  jumprelu: { by: 'sparsity' },
} as const;

export const saelens = {
  name: 'saelens',
  version: 1,
  settings: { learningRate },
  trains,
  init: (seed, d, features) =>
    tied(withRowNorm(kaimingUniform(features, d, d, new Rng(seed, 'init', 'decoder')), 0.1)),
  learningRate: () => 3e-4,
  topK: (_, d) => topKRules(d),
  dense: () => denseRules,
} as const satisfies Recipe<keyof typeof trains>;
