// data.effective-rank: do the activations fill the space that random directions are drawn from?
//
// Where they fill few directions, what training writes must lie in those few, and two SAEs agree more than
// random directions in all d dimensions do, without having found the same features.
import type { Evidence } from '../evidence.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'data.effective-rank';

/** At a tenth of d the best of a thousand random |cosines| is more than twice what it is in all d. */
const lowShare = 0.1;

/** Below two directions every dictionary is one direction: agreement is certain and says nothing. */
const single = 2;

export function checkEffectiveRank({ activations, members }: Evidence): Finding {
  if (!activations || members.length === 0) return inconclusive(id, ['activations']);
  const dModel = members[0].width;
  const { effectiveRank } = activations;
  const numbers = {
    effectiveRank,
    dModel,
    rankShare: effectiveRank / dModel,
    dSae: Math.max(...members.map((m) => m.features)),
  };
  if (effectiveRank < single && dModel > single) return supported(id, 'fail', numbers);
  return effectiveRank < lowShare * dModel ? supported(id, 'warn', numbers) : refuted(id, numbers);
}
