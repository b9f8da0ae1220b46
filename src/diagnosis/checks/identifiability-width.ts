// identifiability.width: are there so many features that these activations cannot tell one from another?
//
// F directions in the effective rank r of the activations: where the best |cosine| among F random directions in r
// dimensions is near 1, every direction is near some feature, and agreement of directions is certain. And the F features
// have to be determined by the distinct rows: some rows for each.

import { type Evidence, widestDictionary } from '../../evidence/evidence.js';
import { rankOf } from '../../evidence/massive.js';
import { differentRows } from '../../evidence/repeats.js';
import { expectedMax } from '../../stats/best-cosine.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';

const id = 'identifiability.width';

/** A |cosine| of 0.9 is taken for the same feature by all who set a threshold. */
const indistinct = 0.9;

/** A feature that is seen in fewer rows than this is fitted to them rather than found. */
const fewestRows = 2;

const widthCounts =
  'There are {dSae:count} features for an effective rank of {effectiveRank:plain} ({perDirection:plain} features per ' +
  'direction) and {distinctRows:count} different activations ({rowsPerFeature:plain} per feature).';

export const check: Check<typeof id> = {
  id,
  check: checkIdentifiabilityWidth,
  words: {
    artefact: 'more features than the activations can tell apart',
    supported: {
      title: 'More features than these activations can tell apart',
      summary: [
        widthCounts,
        ({ crowded }) =>
          crowded
            ? 'In so few directions even a random feature finds a partner with a |cosine| of {chanceInRank:score} in another SAE.'
            : 'There are fewer than two different activations for each feature, so that features are fitted to single ones.',
        'Which features an SAE ends up with is then largely up to its seed.',
      ],
      advice: [
        'Train narrower SAEs, or on more varied activations, before asking whether features come back.',
      ],
    },
    refuted: {
      title: 'Few enough features for these activations',
      summary: [widthCounts],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Width not checked against the data', advice: giveActivations },
  },
};

function checkIdentifiabilityWidth(evidence: Evidence): Finding<typeof id> {
  const { activations } = evidence;
  if (!activations || evidence.members.length === 0) return inconclusive(id, ['activations']);
  const dSae = widestDictionary(evidence);
  const effectiveRank = rankOf(activations);
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
