// shared.lenient: share of the features with the same partner by decoder and by encoder, whatever the cosines.

import { sharedLevel } from './chance/shared.js';
import type { Metric } from './metric.js';
import { sharedOf } from './pairs/shared.js';

export const metric: Metric<'shared.lenient'> = {
  id: 'shared.lenient',
  family: 'shared',
  words: {
    name: 'share of features with one partner by encoder and decoder',
    short: 'shared, lenient',
    definition:
      'Share of features whose one-to-one partner is the same by encoder and by decoder, however near.',
  },
  version: 1,
  needs: [],
  work: {},
  compares: { of: 'decoder-and-encoder' },
  null: 'random-directions',
  measure: async (context) => (await sharedOf(context))?.lenient,
  chance: sharedLevel('lenient'),
};
