// The recipe of OpenAI's TopK: unit decoder rows normalised before each step, AuxK, the loss over the data's variance.
//
// Source: openai/sparse_autoencoder, train.py (June 2024); Gao et al. 2406.04093, A. Rows of the encoder are torch's
// nn.Linear(d, F), uniform on ±1/√d; the decoder has them at length 1. The encoder is then divided by the mean length of what
// 256 random unit rows are rebuilt to, so that this is 1 at first. b_d starts at the geometric median. A feature fires
// with a code above 1e-3 and is dead after 10M rows without.
import { dot, type Matrix, Rng, row, zeros } from '../../tensor/index.js';
import { copied, normal, uniform, withoutBiases, withRowNorm } from '../drawn-weights.js';
import type { Recipe } from '../recipe.js';
import { learningRate } from './learning-rate.js';

const probes = 256;

/** Mean ‖x̂‖ over random unit rows x, with TopK and ReLU between encoder and decoder. */
function meanRebuiltLength(encoder: Matrix, decoder: Matrix, k: number, rng: Rng): number {
  const x = withRowNorm(normal(probes, encoder.cols, rng), 1);
  let sum = 0;
  for (let i = 0; i < probes; i++) {
    const p = Float64Array.from({ length: encoder.rows }, (_, f) => dot(row(x, i), row(encoder, f)));
    const kept = [...p.keys()].sort((a, b) => p[b] - p[a] || a - b).slice(0, k);
    const rebuilt = zeros(1, encoder.cols).data;
    for (const f of kept) {
      const direction = row(decoder, f);
      for (let j = 0; j < rebuilt.length; j++) rebuilt[j] += Math.max(p[f], 0) * direction[j];
    }
    sum += Math.sqrt(dot(rebuilt, rebuilt));
  }
  return sum / probes;
}

export const openai = {
  name: 'openai',
  version: 1,
  settings: { learningRate },
  trains: { topk: {} },
  init: (seed, d, features, { k = 1 }) => {
    const encoder = uniform(features, d, 1 / Math.sqrt(d), new Rng(seed, 'init', 'encoder'));
    const decoder = withRowNorm(copied(encoder), 1);
    const length = meanRebuiltLength(encoder, decoder, k, new Rng(seed, 'init', 'probes'));
    for (let i = 0; i < encoder.data.length; i++) encoder.data[i] /= length;
    return withoutBiases(encoder, decoder);
  },
  learningRate: () => 1e-4,
  topK: () => ({
    warmUp: 0,
    decoderBias: 'geometric-median',
    hyper: {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 6.25e-10,
      relu: true,
      subtractDecoderBias: true,
      rankByDecoderNorm: false,
      meanOverWidth: true,
      projectGradient: true,
      normaliseDecoder: 'before',
      auxiliary: {
        k: 256,
        coefficient: 1 / 32,
        relu: true,
        normalise: true,
        scaleByDead: false,
        bias: 'both',
        dead: { unit: 'rows', window: 10_000_000, judged: 'after', firedAbove: 1e-3 },
      },
    },
    // None of its architectures has one.
    threshold: { keep: 0, after: 0, start: -1 },
    levelWeight: () => 1,
    divideByVariance: true,
  }),
} as const satisfies Recipe<'topk'>;
