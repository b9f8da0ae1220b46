// decoder.max.live: decoder.max over features of both SAEs that fire on the given activations.

import { bestMatchLevel } from './chance/best-match.js';
import { bestDecoders, decoderSets } from './decoder-max.js';
import type { Metric } from './metric.js';
import { bestScore } from './pairs/directions.js';

export const metric: Metric<'decoder.max.live'> = {
  id: 'decoder.max.live',
  family: 'decoder',
  words: {
    name: 'decoder-based score of live features',
    short: 'decoder, live',
    definition:
      'decoder.max over the features of both SAEs that fire at least once on the given activations.',
  },
  version: 1,
  needs: ['codes'],
  work: {},
  compares: { of: 'directions', by: 'best', sets: (members) => decoderSets(members, true), score: bestScore },
  null: 'random-directions',
  measure: (context) => bestDecoders(context, true),
  chance: bestMatchLevel,
  control: { signless: true },
};
