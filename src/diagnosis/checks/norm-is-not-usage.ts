// usage.norm-is-not-usage: does judging death by the norm of the decoder row miss what firing shows?

import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';
import { hasFiring } from './dead-by-firing.js';

const id = 'usage.norm-is-not-usage';

/** Counts that differ by less than one feature in seven would lead to the same reading. */
const apart = 0.15;

/** Beyond this the two counts say the opposite of each other about most features. */
const opposite = 0.5;

const deathCounts =
  'On average per SAE, {deadByFiring:count} of {dSae:count} features are dead by firing and {deadByNorm:count} by decoder norm.';

export const check: Check<typeof id> = {
  id,
  check: checkNormIsNotUsage,
  words: {
    artefact: 'judging dead features by their norm',
    supported: {
      title: 'Norms hide the dead features',
      summary: [deathCounts, 'A feature that is never trained keeps the norm that it was initialised with.'],
      advice: ['Count dead features by firing on data, never by the norm of their weights.'],
    },
    refuted: {
      title: 'Norms and firing agree on dead features',
      summary: [deathCounts],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Norms not checked against firing',
      advice: 'Give activations, so that dead features can be counted by firing too.',
    },
  },
};

function checkNormIsNotUsage({ members }: Evidence): Finding<typeof id> {
  const counted = members.filter(hasFiring);
  if (counted.length === 0) return inconclusive(id, ['activations']);
  const difference = mean(
    counted.map((m) => Math.abs(m.usage.deadByFiring - m.usage.deadByNorm) / m.features),
  );
  const numbers = {
    deadByFiring: mean(counted.map((m) => m.usage.deadByFiring)),
    deadByNorm: mean(counted.map((m) => m.usage.deadByNorm)),
    differenceShare: difference,
    dSae: Math.max(...counted.map((m) => m.features)),
  };
  if (difference <= apart) return refuted(id, numbers);
  return supported(id, difference > opposite ? 'fail' : 'warn', numbers);
}
