// The recipe of dictionary_learning: unit decoder rows, tied encoders, AuxK, warm-ups; one trainer for each architecture.
//
// Constants from the package, release 0.1.0, dictionary_learning/trainers: top_k.py, batch_top_k.py,
// matryoshka_batch_top_k.py, standard.py (StandardTrainer, without resampling), jumprelu.py and gdm.py (gated); weights from
// there and from dictionary.py. Its TopK and BatchTopK draw torch's nn.Linear(F, d), entries uniform on ±1/√F, its Matryoshka
// and JumpReLU Kaiming-uniform, ReLU and Gated normal; rows then have length 1, ReLU's 0.1.
// b_d of the TopK family starts at the geometric median: there of the first batch, here of the activations, so that it
// does not depend on the order of the data.
import { type Matrix, Rng } from '../../tensor/index.js';
import { kaimingUniform, normal, tied, uniform, withRowNorm } from '../drawn-weights.js';
import type { DenseRules, Recipe, TopKRules } from '../recipe.js';
import { architectureNames, type SaeSettings } from '../sae-settings.js';

const steps = { warmUp: 1000, sparsityWarmUp: 2000 } as const;
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

function drawn(seed: number, d: number, features: number, { architecture }: SaeSettings): Matrix {
  const rng = new Rng(seed, 'init', 'decoder');
  switch (architecture) {
    case 'relu':
    case 'gated':
      return normal(features, d, rng);
    case 'jumprelu':
    case 'matryoshka-batchtopk':
      return kaimingUniform(features, d, d, rng);
    default:
      return uniform(features, d, 1 / Math.sqrt(features), rng);
  }
}

/** top_k.py, batch_top_k.py, matryoshka_batch_top_k.py */
function topKRules({ architecture }: SaeSettings, d: number): TopKRules {
  return {
    kind: 'top-k',
    warmUp: steps.warmUp,
    decoderBias: 'geometric-median',
    hyper: {
      ...adam,
      relu: true,
      subtractDecoderBias: true,
      rankByDecoderNorm: false,
      meanOverWidth: false,
      projectGradient: true,
      clipNorm: 1,
      normaliseDecoder: 'after',
      auxiliary: {
        k: Math.floor(d / 2),
        coefficient: 1 / 32,
        relu: true,
        normalise: true,
        scaleByDead: false,
        bias: 'none',
        dead: {
          unit: 'rows',
          window: 10_000_000,
          judged: 'after',
          // TopK counts a feature that was selected with a code of 0 as one that fired, BatchTopK does not.
          firedAbove: architecture === 'topk' ? -1 : 0,
        },
      },
    },
    threshold: { keep: 0.999, after: 1001, start: -1 },
    // Each loss is weighed by 1/n, and then their mean is taken.
    levelWeight: (levels) => 1 / levels ** 2,
    divideByVariance: false,
  };
}

/** standard.py, jumprelu.py, gdm.py */
function denseRules({ architecture }: SaeSettings): DenseRules {
  return {
    kind: 'dense',
    ...steps,
    decoderBias: 'zero',
    hyper: {
      ...adam,
      // jumprelu.py and gdm.py have their moments to themselves.
      ...(architecture === 'relu' ? {} : { beta1: 0 }),
      subtractDecoderBias: architecture !== 'jumprelu',
      meanOverWidth: false,
      weighByDecoderNorm: false,
      bandwidth: 0.001,
      projectGradient: true,
      normaliseDecoder: true,
      ...(architecture === 'jumprelu' ? { clipNorm: 1 } : {}),
    },
    threshold: 0.001,
  };
}

const isDense = ({ architecture }: SaeSettings): boolean =>
  architecture === 'relu' || architecture === 'jumprelu' || architecture === 'gated';

export const dictionaryLearning: Recipe = {
  name: 'dictionary-learning',
  version: 1,
  trains: architectureNames,
  jumpRelu: ['targetL0'],
  init: (seed, d, features, sae) =>
    tied(withRowNorm(drawn(seed, d, features, sae), sae.architecture === 'relu' ? 0.1 : 1)),
  learningRate: ({ architecture, dSae }) => {
    if (architecture === 'relu') return 1e-3;
    if (architecture === 'jumprelu') return 7e-5;
    if (architecture === 'gated') return 5e-5;
    return 2e-4 / Math.sqrt(dSae / 2 ** 14);
  },
  rules: (sae, d) => (isDense(sae) ? denseRules(sae) : topKRules(sae, d)),
};
