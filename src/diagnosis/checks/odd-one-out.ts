// members.odd-one-out: does one SAE of the group agree far less with the others than these do with each other?

import { type Evidence, usable } from '../../evidence/evidence.js';
import type { Check } from '../check.js';
import { missingForPairs } from '../missing.js';
import { oddMember } from '../odd-member.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'members.odd-one-out';

export const check: Check<typeof id> = {
  id,
  check: checkOddOneOut,
  words: {
    artefact: 'one SAE that agrees with none of the others',
    supported: {
      title: 'One SAE spoils the mean',
      summary: [
        'Pairs with {worst:sae} score {own:score} on average, pairs without it {others:score}: the mean over all pairs describes ' +
          'neither.',
      ],
      advice: [
        'Look at how {worst:sae} was trained and read.',
        'Give the scores with it and without before quoting the mean.',
      ],
    },
    refuted: {
      title: 'No SAE stands apart from the others',
      summary: ['No SAE agrees far less with the others than these do with each other.'],
      advice: ['Nothing to do.'],
    },
    inconclusive: {
      title: 'Too few SAEs to say which is the odd one',
      advice: 'Give at least three SAEs of one width: of two, neither is the odd one.',
    },
  },
};

function checkOddOneOut(evidence: Evidence) {
  if (usable(evidence.members).length < 2) return inconclusive(id, missingForPairs(evidence));
  const odd = oddMember(evidence);
  if (!odd) return refuted(id, {});
  const numbers = {
    worst: 1 + evidence.members.findIndex((m) => m.id === odd.id),
    own: odd.own,
    others: odd.others,
  };
  const effect = { metric: odd.score.id, score: odd.score.mean, without: odd.others };
  return supported(id, 'warn', numbers, effect);
}
