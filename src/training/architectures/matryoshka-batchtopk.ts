// Matryoshka BatchTopK: BatchTopK whose loss sums those of nested prefixes of its features (Bussmann et al. 2503.17547).
import type { Architecture } from '../architecture.js';
import { batchtopk } from './batchtopk.js';
import { topKTrainer } from './top-k-trainer.js';

export const matryoshkaBatchtopk: Architecture = {
  ...batchtopk,
  name: 'matryoshka-batchtopk',
  version: 1,
  trainer: (x, plan, kernel) =>
    topKTrainer(x, plan, kernel, {
      selection: 'batch',
      groups: plan.sae.groups ?? [plan.sae.dSae],
    }),
};
