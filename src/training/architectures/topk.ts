// TopK: each row keeps the k features that rank highest (Gao et al. 2406.04093).
import type { Architecture } from '../architecture.js';
import { startState } from '../state.js';
import { startWeights } from './start-weights.js';
import { rankedWeights, topKRules, topKTrainer } from './top-k-trainer.js';

export const topk: Architecture = {
  name: 'topk',
  version: 1,
  start: (plan, initSeed, d, x) => startState(startWeights(plan, initSeed, d, x)),
  trainer: (x, plan, kernel) => topKTrainer(x, plan, kernel, { selection: 'row' }),
  toSae(state, plan) {
    const rules = topKRules(plan, state.adam.width);
    const { relu, subtractDecoderBias } = rules.hyper;
    return {
      architecture: 'topk',
      activation: { kind: 'topk', k: plan.sae.k as number, relu },
      subtractDecoderBias,
      ...rankedWeights(state, rules),
    };
  },
};
