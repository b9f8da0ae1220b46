// decoder.matched: mean cosine over the best one-to-one assignment of decoder rows, signed (Song et al. 2025, PW-MCC).

import { matchedLevel } from './chance/one-to-one.js';
import { plantedPartners } from './controls/planted.js';
import { oneToOne } from './families.js';
import type { Metric } from './metric.js';
import { assignedDecoders, decoderRows, matchedScore } from './pairs/matched.js';
export const metric: Metric<'decoder.matched'> = {
  id: 'decoder.matched',
  family: 'decoder',
  words: {
    name: 'one-to-one decoder-based score',
    short: 'decoder, 1:1',
    definition: `Cosine of matched decoder directions. ${oneToOne} Signed: an opposite direction is no match.`,
  },
  version: 2,
  needs: [],
  work: { perPair: { assign: 1 } },
  compares: { of: 'directions', by: 'whole', sets: decoderRows, score: matchedScore(false) },
  null: 'random-directions',
  measure: (context) => assignedDecoders(context, false),
  chance: matchedLevel(false),
  control: { signless: false, planted: plantedPartners('decoder') },
};
