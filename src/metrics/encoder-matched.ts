// encoder.matched: mean cosine over the best one-to-one assignment of encoder rows, signed.

import { matchedLevel } from './chance/one-to-one.js';
import { plantedPartners } from './controls/planted.js';
import { encoderSets } from './encoder-max.js';
import type { Metric } from './metric.js';
import { assignedEncoders, matchedScore } from './pairs/matched.js';

export const metric: Metric<'encoder.matched'> = {
  id: 'encoder.matched',
  family: 'encoder',
  words: {
    name: 'one-to-one encoder-based score',
    short: 'encoder, 1:1',
    definition: 'decoder.matched on encoder directions.',
  },
  version: 2,
  needs: [],
  work: { perPair: { assign: 1 } },
  compares: { of: 'directions', by: 'whole', sets: encoderSets, score: matchedScore(false) },
  null: 'random-directions',
  measure: assignedEncoders,
  chance: matchedLevel(false),
  control: { signless: false, planted: plantedPartners('encoder') },
};
