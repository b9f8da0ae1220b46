// activation.max.live: activation.max over features that fire.
import type { Metric } from './metric.js';
import { coFiringScores } from './pairs/activation.js';

export const metric: Metric<'activation.max.live'> = {
  id: 'activation.max.live',
  family: 'activation',
  words: {
    name: 'activation-based score of live features',
    short: 'activation, live',
    definition:
      'activation.max over the features of both SAEs that fire at least once on the given activations.',
  },
  version: 1,
  needs: ['codes'],
  work: {},
  compares: { of: 'codes', population: 'live', by: 'best' },
  null: 'row-permutation',
  measure: async (context) => (await coFiringScores(context))?.live,
  control: { signless: true },
};
