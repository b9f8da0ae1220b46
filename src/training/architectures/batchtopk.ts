// BatchTopK: a batch of B rows keeps the k·B activations that rank highest (Bussmann et al. 2412.06410).
//
// Rows are encoded one by one once it is trained, so a threshold runs along: the mean of the lowest activation that batches kept.
import type { Architecture } from '../architecture.js';
import { startState } from '../state.js';
import { startWeights } from './start-weights.js';
import { thresholdSae, topKRules, topKTrainer } from './top-k-trainer.js';

export const batchtopk: Architecture = {
  name: 'batchtopk',
  version: 1,
  start: (plan, initSeed, d, x) =>
    startState(startWeights(plan, initSeed, d, x), { threshold: topKRules(plan, d).threshold.start }),
  trainer: (x, plan, kernel) => topKTrainer(x, plan, kernel, { selection: 'batch' }),
  toSae: thresholdSae,
};
