// activation.matched.live: mean cosine over the best one-to-one assignment of the code columns of features that fire.
import { oneToOne } from './families.js';
import type { Metric } from './metric.js';
import { activationMatched } from './pairs/activation-matched.js';

export const metric: Metric<'activation.matched.live'> = {
  id: 'activation.matched.live',
  family: 'activation',
  words: {
    name: 'one-to-one activation-based score of live features',
    short: 'activation, 1:1 live',
    definition: `Cosine of matched codes of live features over all rows, not centred. ${oneToOne}`,
  },
  version: 1,
  needs: ['codes'],
  work: { perPair: { assignCodes: 1 } },
  compares: { of: 'codes', population: 'live', by: 'one-to-one' },
  null: 'row-permutation',
  measure: ({ members, kernel, work }) => activationMatched(members, kernel, work),
  control: { signless: false },
};
