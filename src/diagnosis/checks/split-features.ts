// features.split: where widths differ, are features of the narrower SAE several of the wider one?

import { type Evidence, usable } from '../../evidence/evidence.js';
import { featuresSplit, mostSplit } from '../../evidence/splitting.js';
import type { Check } from '../check.js';
import { missingForPairs } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveTwoSaes, nothingToDo } from '../words.js';

const id = 'features.split';

const parts =
  '{split:count} of {features:count} features of {narrow:sae} ({splitShare:percent}) are several of {wide:sae}, which is wider: ' +
  '{partsEach:plain} each on average.';

export const check: Check<typeof id> = {
  id,
  check: checkSplitFeatures,
  words: {
    artefact: 'features that a wider SAE splits',
    supported: {
      title: 'A wider SAE splits features',
      summary: [
        parts,
        'A one-to-one score finds one of the parts and counts the others as new: it is {oneToOne:score}, where best matches have ' +
          '{best:score}.',
      ],
      advice: ['Compare SAEs of one width, or go by best matches from the wider SAE to the narrower one.'],
    },
    refuted: {
      title: 'No wider SAE splits features',
      summary: [({ wide }) => (wide === undefined ? 'The SAEs are of about one width.' : parts)],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Split features not looked for', advice: giveTwoSaes },
  },
};

function checkSplitFeatures(evidence: Evidence) {
  if (usable(evidence.members).length < 2) return inconclusive(id, missingForPairs(evidence));
  const { members, metrics } = evidence;
  const most = mostSplit(evidence);
  if (!most) return refuted(id, {});
  const { features, split } = most;
  const numberOf = (name: string) => 1 + members.findIndex((m) => m.id === name);
  const numbers = {
    narrow: numberOf(most.narrow),
    wide: numberOf(most.wide),
    features,
    split,
    splitShare: split / features,
    partsEach: split > 0 ? most.parts / split : 0,
    oneToOne: metrics['decoder.matched']?.mean,
    best: metrics['decoder.max']?.mean,
  };
  return featuresSplit(evidence) ? supported(id, 'warn', numbers) : refuted(id, numbers);
}
