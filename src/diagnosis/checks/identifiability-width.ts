// identifiability.width: are there so many features that these activations cannot tell one from another?
//
// F directions in the effective rank r of the activations: where the best |cosine| among F random directions in r
// dimensions is near 1, every direction is near some feature, and agreement of directions is certain. And the F features
// have to be determined by the distinct rows: some rows for each.

import { type Evidence, widestDictionary } from '../../evidence/evidence.js';
import { differentRows } from '../../evidence/repeats.js';
import { expectedMax } from '../../stats/best-cosine.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';

const id = 'identifiability.width';

/** A |cosine| of 0.9 is taken for the same feature by all who set a threshold. */
const indistinct = 0.9;

/** A feature that is seen in fewer rows than this is fitted to them rather than found. */
const fewestRows = 2;

export function checkIdentifiabilityWidth(evidence: Evidence): Finding {
  const { activations } = evidence;
  if (!activations || evidence.members.length === 0) return inconclusive(id, ['activations']);
  const dSae = widestDictionary(evidence);
  const { effectiveRank } = activations;
  const rows = differentRows(activations);
  const chanceInRank = expectedMax(Math.max(1, Math.round(effectiveRank)), dSae);
  const crowded = chanceInRank > indistinct;
  const numbers = {
    dSae,
    effectiveRank,
    perDirection: effectiveRank > 0 ? dSae / effectiveRank : undefined,
    distinctRows: rows,
    rowsPerFeature: rows / dSae,
    chanceInRank,
    crowded: crowded ? 1 : undefined,
  };
  if (!crowded && numbers.rowsPerFeature >= fewestRows) return refuted(id, numbers);
  return supported(id, 'warn', numbers);
}
