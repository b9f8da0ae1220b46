// seeds.not-applied: are two of the SAEs the same one, up to the order, sign and length of its features?

import { isCopy } from '../../evidence/dependent-pairs.js';
import type { Evidence } from '../../evidence/evidence.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import type { Finding } from '../finding.js';
import { missingForPairs } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveTwoSaes, nothingToDo } from '../words.js';

const id = 'seeds.not-applied';

export const check: Check<typeof id> = {
  id,
  check: checkSeedsNotApplied,
  words: {
    artefact: 'copies of one SAE',
    supported: {
      title: 'Some of the SAEs are copies of each other',
      summary: [
        '{copies:count} of {pairs:count} pairs have the same decoder directions, up to order, sign and length: ' +
          '{sameFeatures:percent} of them to four digits.',
        'Separate trainings never end like that: the seed was not applied, or one file was given twice. That their features agree ' +
          'says nothing.',
      ],
      advice: [
        'Check that the seed reaches the initialisation and the data order, train again, and compare each SAE once.',
      ],
    },
    refuted: {
      title: 'No SAE is a copy of another',
      summary: [
        'No two SAEs have more than {sameFeatures:percent} of their directions in common (to four digits).',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Copies not looked for', advice: giveTwoSaes },
  },
};

/** Any copy is a mistake in how the group was made, and counts a run twice. */
function checkSeedsNotApplied(evidence: Evidence): Finding<typeof id> {
  const { dependence, metrics } = evidence;
  if (!dependence) return inconclusive(id, missingForPairs(evidence));
  const copies = dependence.filter(isCopy);
  const numbers = {
    pairs: dependence.length,
    copies: copies.length,
    sameFeatures: Math.max(...dependence.map((pair) => pair.sameFeatures)),
  };
  if (copies.length === 0) return refuted(id, numbers);
  const score = metrics['decoder.max']?.mean;
  const left = scoreWithout(evidence, 'decoder.max', [id]);
  return supported(
    id,
    'fail',
    numbers,
    score !== undefined && left && left.n > 0
      ? { metric: 'decoder.max', score, without: left.mean }
      : undefined,
  );
}
