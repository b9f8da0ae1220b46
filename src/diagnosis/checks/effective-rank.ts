// data.effective-rank: do the activations fill the space that random directions are drawn from?
//
// Where they fill few directions, what training writes must lie in those few, and two SAEs agree more than
// random directions in all d dimensions do, without having found the same features. How much more: the chance level of F
// directions in as many dimensions as the effective rank, corrected for that in all d. The rank is that of the rows without massive
// ones where those have a finding of their own.

import type { Evidence } from '../../evidence/evidence.js';
import { rankOf } from '../../evidence/massive.js';
import { correctForChance } from '../../metrics/nulls/null.js';
import { expectedMax } from '../../stats/best-cosine.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';

const id = 'data.effective-rank';

/** A quarter of the way from chance to full agreement, for nothing: a score that is read as agreement in part. */
const muchChance = 0.25;

/** Half of the way: what comes back more than not, by the same count. */
const mostChance = 0.5;

/** Below two directions every dictionary is one direction: agreement is certain and says nothing. */
const single = 2;

const rankCount =
  'The activations have an effective rank of {effectiveRank:plain} in {dModel:count} dimensions.';

export const check: Check<typeof id> = {
  id,
  check: checkEffectiveRank,
  words: {
    artefact: 'the low effective rank of the activations',
    supported: {
      title: 'Activations fill few directions',
      summary: [
        rankCount,
        'What training writes must lie in those few directions, so two SAEs agree more than random directions do ' +
          'without having found the same features.',
        'Random directions have a decoder-based score of {chance:score} in all dimensions, and of about {chanceInRank:score} in so few.',
      ],
      advice: [
        'Do not take a decoder-based score below {crowdedNull:score} for agreement: that is what random directions score that ' +
          'crowd into the same dimensions.',
        'Hold decoder-based scores against directions drawn from the same subspace, or use more varied inputs.',
      ],
    },
    refuted: { title: 'Activations fill many directions', summary: [rankCount], advice: nothingToDo },
    inconclusive: { title: 'Effective rank not measured', advice: giveActivations },
  },
};

function checkEffectiveRank(evidence: Evidence): Finding<typeof id> {
  const { activations, members } = evidence;
  if (!activations || members.length === 0) return inconclusive(id, ['activations']);
  const dModel = members[0].width;
  const dSae = Math.max(...members.map((m) => m.features));
  const effectiveRank = rankOf(activations);
  const chance = expectedMax(dModel, dSae);
  const chanceInRank = expectedMax(Math.max(1, Math.round(effectiveRank)), dSae);
  const numbers = {
    effectiveRank,
    dModel,
    rankShare: effectiveRank / dModel,
    dSae,
    chance,
    chanceInRank,
    crowdedNull: evidence.metrics['decoder.max']?.otherNulls?.find((n) => n.kind === 'covariance-matched')
      ?.mean,
  };
  const forNothing = chance < 1 ? correctForChance(chanceInRank, chance) : 0;
  if (!isOneDirection(evidence) && forNothing < muchChance) return refuted(id, numbers);
  return supported(id, isOneDirection(evidence) || forNothing >= mostChance ? 'fail' : 'warn', numbers);
}

/** Whether the activations lie along one direction, though there are more. */
export function isOneDirection({ activations, members }: Pick<Evidence, 'activations' | 'members'>): boolean {
  return (
    activations !== undefined && activations.effectiveRank < single && members.some((m) => m.width > single)
  );
}
