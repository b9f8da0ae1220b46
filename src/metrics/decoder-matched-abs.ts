// decoder.matched.abs: decoder.matched with |cosine|: the MCC of SAELens.

import { matchedLevel } from './chance/one-to-one.js';
import type { Metric } from './metric.js';
import { assignedDecoders, decoderRows, matchedScore } from './pairs/matched.js';

export const metric: Metric<'decoder.matched.abs'> = {
  id: 'decoder.matched.abs',
  family: 'decoder',
  words: {
    name: 'one-to-one decoder-based score without signs',
    short: 'decoder, 1:1 abs',
    definition: 'decoder.matched with |cosine|, in the choice of partners and in the mean.',
  },
  version: 2,
  needs: [],
  work: { perPair: { assign: 1 } },
  compares: { of: 'directions', by: 'whole', sets: decoderRows, score: matchedScore(true) },
  null: 'random-directions',
  measure: (context) => assignedDecoders(context, true),
  chance: matchedLevel(true),
  control: { signless: true },
};
