// seeds.not-applied: are two of the SAEs the same one, up to the order, sign and length of its features?

import type { Evidence } from '../../evidence/evidence.js';
import { isCopy } from '../../evidence/kin.js';
import { scoreWithout } from '../counterfactual.js';
import type { Finding } from '../finding.js';
import { missingForPairs } from '../missing.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'seeds.not-applied';

/** Any copy is a mistake in how the group was made, and counts a run twice. */
export function checkSeedsNotApplied(evidence: Evidence): Finding {
  const { kinship, metrics } = evidence;
  if (!kinship) return inconclusive(id, missingForPairs(evidence));
  const copies = kinship.filter(isCopy);
  const numbers = {
    pairs: kinship.length,
    copies: copies.length,
    sameFeatures: Math.max(...kinship.map((pair) => pair.sameFeatures)),
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
