// usage.norm-is-not-usage: does judging death by the norm of the decoder row miss what firing shows?

import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { hasFiring } from './dead-by-firing.js';

const id = 'usage.norm-is-not-usage';

/** Counts that differ by less than one feature in seven would lead to the same reading. */
const apart = 0.15;

/** Beyond this the two counts say the opposite of each other about most features. */
const opposite = 0.5;

export function checkNormIsNotUsage({ members }: Evidence): Finding {
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
