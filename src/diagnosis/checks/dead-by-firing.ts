// usage.dead-by-firing: how many features never fire on the activations?

import type { Evidence, MemberEvidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Effect, Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';

const id = 'usage.dead-by-firing';

/** Up to this mean share dead features move an average over features by less than its own spread. */
const many = 0.15;

/** Beyond this a score over all features is mostly a score of features that do nothing. */
const most = 0.5;

export const check: Check<typeof id> = {
  id,
  check: checkDeadByFiring,
  words: {
    artefact: 'features that never fire',
    supported: {
      title: 'Many features never fire',
      summary: [
        '{deadShare:percent} of the features never fire on these activations: {liveMin:count} to {liveMax:count} of ' +
          '{dSae:count} are live per SAE.',
        'A dead feature adds a zero to an activation-based score and its untrained direction to a decoder-based one.',
      ],
      advice: [
        'Report scores over live features, and train in a way that keeps features alive (auxiliary loss, ' +
          'resampling, a narrower SAE, more varied data).',
      ],
    },
    refuted: {
      title: 'Nearly all features fire',
      summary: ['{deadShare:percent} of the features never fire on these activations.'],
      advice: nothingToDo,
    },
    inconclusive: {
      title: 'Firing not checked',
      advice: 'Give activations: whether a feature is used cannot be seen from its weights.',
    },
  },
};

function checkDeadByFiring({ members, metrics }: Evidence): Finding<typeof id> {
  const counted = members.filter(hasFiring);
  if (counted.length === 0) return inconclusive(id, ['activations']);
  const live = counted.map((m) => m.usage.live);
  const numbers = {
    deadShare: mean(counted.map((m) => m.usage.deadByFiring / m.features)),
    deadByFiring: mean(counted.map((m) => m.usage.deadByFiring)),
    live: mean(live),
    liveMin: Math.min(...live),
    liveMax: Math.max(...live),
    dSae: Math.max(...counted.map((m) => m.features)),
  };
  if (numbers.deadShare <= many) return refuted(id, numbers);
  const [all, ofLive] = [metrics['activation.max'], metrics['activation.max.live']];
  const effect: Effect | undefined =
    all && ofLive ? { metric: 'activation.max', score: all.mean, without: ofLive.mean } : undefined;
  return supported(id, numbers.deadShare > most ? 'fail' : 'warn', numbers, effect);
}

/** Members whose codes were given. */
export function hasFiring(
  member: MemberEvidence,
): member is MemberEvidence & { usage: { live: number; deadByFiring: number } } {
  return member.usage.live !== undefined && member.usage.deadByFiring !== undefined;
}
