// data.mean: do features have to write a mean that should have been subtracted?
//
// N‖x̄‖² against Σ‖x‖², and how much of x̄ is written by features that fire on at least half of the rows, which are then about the mean and
// nothing else. A mean that a bias has taken up disturbs nobody.

import { isLargeMean, meanLeftToFeatures, meanMatters } from '../../evidence/dense-features.js';
import { type Evidence, usable } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { scoreWithout } from '../counterfactual.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';

const id = 'data.mean';

const withDead = ['usage.dead-by-firing', id] as const;

const held = 'The mean of the activations holds {meanShare:percent} of their squared length.';

export const check: Check<typeof id> = {
  id,
  check: checkMean,
  words: {
    artefact: 'a large mean of the activations',
    supported: {
      title: 'Features write the mean of the activations',
      summary: [
        held,
        'Features that fire on half of the activations or more write {meanWritten:percent} of it: {denseFeatures:plain} per SAE on average.',
        'They agree because all SAEs see the same mean. Without them the activation-based score of live features is ' +
          '{codesWithout:score} instead of {codes:score}, the decoder-based one {decodersWithout:score} instead of {decoders:score}.',
      ],
      advice: ['Subtract the mean of the activations before training, or start the decoder bias at it.'],
    },
    refuted: {
      title: 'Features do not have to write the mean of the activations',
      summary: [
        held,
        'Features that fire on half of the activations or more write {meanWritten:percent} of it.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Mean of the activations not looked at', advice: giveActivations },
  },
};

function checkMean(evidence: Evidence) {
  const { activations, metrics } = evidence;
  const meanWritten = meanLeftToFeatures(evidence);
  if (!activations) return inconclusive(id, ['activations']);
  const dense = usable(evidence.members).flatMap(({ denseFeatures }) => denseFeatures ?? []);
  const numbers = {
    meanShare: activations.meanShare,
    meanWritten,
    denseFeatures: dense.length > 0 ? mean(dense) : undefined,
    codes: metrics['activation.max.live']?.mean,
    codesWithout: scoreWithout(evidence, 'activation.max', withDead)?.mean,
    decoders: metrics['decoder.max.live']?.mean,
    decodersWithout: scoreWithout(evidence, 'decoder.max', withDead)?.mean,
  };
  if (isLargeMean(evidence) && meanWritten === undefined) return inconclusive(id, [], numbers);
  return meanMatters(evidence) ? supported(id, 'warn', numbers) : refuted(id, numbers);
}
