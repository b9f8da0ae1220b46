// features.duplicated: do several features of one SAE write the same direction?
//
// Counted are features beyond one for each direction (|cosine| > 0.99, up to sign), against what chance makes in as many dimensions
// as the activations fill. Each is a feature less that the width says; in a best match all of them find the same partner,
// one to one only one does.

import { duplicatedByChance, duplicatedShare, manyDuplicated } from '../../evidence/duplicated-features.js';
import { type Evidence, usable } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo, type Sentence } from '../words.js';

const id = 'features.duplicated';

const counts: Sentence =
  'On average per SAE, {repeated:count} of {dSae:count} features ({repeatedShare:percent}) write a direction that another one ' +
  'writes already.';

export const check: Check<typeof id> = {
  id,
  check: checkDuplicatedFeatures,
  words: {
    artefact: 'features that are there several times',
    supported: {
      title: 'Some features are there several times',
      summary: [
        counts,
        'Counting each direction once, the decoder-based score is {decodersWithout:score} instead of {decoders:score}, the ' +
          'activation-based one {codesWithout:score} instead of {codes:score}.',
      ],
      advice: [
        'Count directions, not features, when widths are compared, and look for why they repeat: a revival that draws the same ' +
          'rows again, or a checkpoint that was put together twice.',
      ],
    },
    refuted: { title: 'Features have directions of their own', summary: [counts], advice: nothingToDo },
    inconclusive: {
      title: 'Repeated features not looked for',
      advice: 'Give at least one checkpoint whose weights are all finite.',
    },
  },
};

function checkDuplicatedFeatures(evidence: Evidence) {
  const members = usable(evidence.members);
  if (members.length === 0) return inconclusive(id, []);
  const { metrics } = evidence;
  const numbers = {
    repeated: mean(members.map((m) => m.repeatedFeatures ?? 0)),
    repeatedShare: duplicatedShare(evidence),
    byChance: duplicatedByChance(evidence),
    dSae: Math.max(...members.map((m) => m.features)),
    decoders: metrics['decoder.max']?.mean,
    decodersWithout: scoreWithout(evidence, 'decoder.max', [id])?.mean,
    codes: metrics['activation.max']?.mean,
    codesWithout: scoreWithout(evidence, 'activation.max', [id])?.mean,
  };
  return manyDuplicated(evidence) ? supported(id, 'warn', numbers) : refuted(id, numbers);
}
