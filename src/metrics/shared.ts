// shared: share of the features whose partners by decoder and by encoder both have a cosine above 0.7.

import { sharedLevel } from './chance/shared.js';
import { plantedShare } from './controls/planted.js';
import type { Metric } from './metric.js';
import { sharedOf } from './pairs/shared.js';

export const metric: Metric<'shared'> = {
  id: 'shared',
  family: 'shared',
  words: {
    name: 'share of features that are shared',
    short: 'shared',
    definition:
      'Share of features whose one-to-one partner is above a cosine of 0.7 by encoder and by decoder alike ' +
      '(Paulo and Belrose 2025).',
  },
  version: 1,
  needs: [],
  work: {},
  compares: { of: 'decoder-and-encoder' },
  null: 'random-directions',
  measure: async (context) => (await sharedOf(context))?.strict,
  chance: sharedLevel('strict'),
  control: { signless: false, planted: plantedShare },
};
