// activation.max: best |cosine| between code columns over the rows of the data; dead features score 0.
import type { Metric } from './metric.js';
import { coFiringScores } from './pairs/activation.js';

export const metric: Metric<'activation.max'> = {
  id: 'activation.max',
  family: 'activation',
  words: {
    name: 'activation-based score of all features',
    short: 'activation, all',
    definition:
      'For each feature the largest |cosine| between its codes over all rows, not centred, and the codes of any ' +
      'feature of the other SAE, averaged over features and both ways round. A dead feature scores 0.',
  },
  version: 1,
  needs: ['codes'],
  work: { perPair: { coFire: 1 } },
  compares: { of: 'codes', population: 'all', by: 'best' },
  null: 'row-permutation',
  measure: async (context) => (await coFiringScores(context))?.all,
};
