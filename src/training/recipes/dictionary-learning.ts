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
import type { Recipe, Trained } from '../recipe.js';
import type { DenseRules, Selection, TopKRules } from '../rules.js';
import { learningRate } from './learning-rate.js';

const steps = { warmUp: 1000, sparsityWarmUp: 2000 } as const;
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** What one of its trainers has of its own. */
export interface Trainer extends Trained {
  /** Decoder rows before they are given their length. */
  drawn(features: number, d: number, rng: Rng): Matrix;
  readonly rowLength: number;
  learningRate(dSae: number): number;
  /** Of those with a penalty. */
  readonly hyper?: Partial<DenseRules['hyper']>;
}

const kaiming: Trainer['drawn'] = (features, d, rng) => kaimingUniform(features, d, d, rng);
const linear: Trainer['drawn'] = (features, d, rng) => uniform(features, d, 1 / Math.sqrt(features), rng);
const topK = {
  drawn: linear,
  rowLength: 1,
  learningRate: (dSae: number) => 2e-4 / Math.sqrt(dSae / 2 ** 14),
};

const trainers = {
  topk: topK,
  batchtopk: topK,
  'matryoshka-batchtopk': { ...topK, drawn: kaiming },
  relu: { drawn: normal, rowLength: 0.1, learningRate: () => 1e-3 },
  jumprelu: {
    drawn: kaiming,
    rowLength: 1,
    learningRate: () => 7e-5,
    by: 'targetL0',
    // It and gated have their moments to themselves.
    hyper: { beta1: 0, subtractDecoderBias: false, clipNorm: 1 },
  },
  gated: { drawn: normal, rowLength: 1, learningRate: () => 5e-5, hyper: { beta1: 0 } },
} as const satisfies Record<string, Trainer>;

const trainerOf: Readonly<Record<keyof typeof trainers, Trainer>> = trainers;

/** top_k.py, batch_top_k.py, matryoshka_batch_top_k.py */
function topKRules(d: number, selection: Selection): TopKRules {
  return {
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
          firedAbove: selection === 'row' ? -1 : 0,
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
function denseRules({ hyper }: Trainer): DenseRules {
  return {
    ...steps,
    decoderBias: 'zero',
    hyper: {
      ...adam,
      subtractDecoderBias: true,
      meanOverWidth: false,
      weighByDecoderNorm: false,
      bandwidth: 0.001,
      projectGradient: true,
      normaliseDecoder: true,
      ...hyper,
    },
    threshold: 0.001,
  };
}

export const dictionaryLearning = {
  name: 'dictionary-learning',
  version: 1,
  settings: { learningRate },
  trains: trainerOf,
  init(seed, d, features, sae) {
    const { drawn, rowLength } = trainerOf[sae.architecture];
    return tied(withRowNorm(drawn(features, d, new Rng(seed, 'init', 'decoder')), rowLength));
  },
  learningRate: (sae) => trainerOf[sae.architecture].learningRate(sae.dSae),
  topK: (_, d, selection) => topKRules(d, selection),
  dense: (sae) => denseRules(trainerOf[sae.architecture]),
} as const satisfies Recipe<keyof typeof trainers>;
