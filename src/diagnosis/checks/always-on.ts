// usage.always-on: do features fire on everything, so that when they fire says nothing?

import { manyAlwaysOn } from '../../evidence/dense-features.js';
import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import { remeasured } from '../counterfactual.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';
import { hasFiring } from './dead-by-firing.js';

const id = 'usage.always-on';

const withDead = ['usage.dead-by-firing', id] as const;

/** Beyond this the codes are not sparse codes. */
const most = 0.5;

export const check: Check<typeof id> = {
  id,
  check: checkAlwaysOn,
  words: {
    artefact: 'features that fire on everything',
    supported: {
      title: 'Features fire on everything',
      summary: [
        'On average per SAE, {alwaysOn:count} of {live:count} live features ({alwaysOnShare:percent}) fire on 95% of the activations ' +
          'or more.',
        'Two features that always fire fire together whatever they mean: with rows shuffled the activation-based score of live ' +
          'features is still {liveNull:score}.',
        'Without them it is {codesWithout:score} instead of {codes:score}, against {codesWithoutNull:score} with rows shuffled; the ' +
          'decoder-based score of live features is {decodersWithout:score} instead of {decoders:score}.',
      ],
      advice: [
        'Make the codes sparser (a smaller k, a stronger penalty, activations without their mean), or leave out features that are ' +
          'always on before comparing codes.',
      ],
    },
    refuted: {
      title: 'Features fire on some activations only',
      summary: [
        'On average per SAE, {alwaysOn:count} of {live:count} live features fire on 95% of the activations or more, ' +
          '{denseFeatures:count} on half of them.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Features that always fire not looked for', advice: giveActivations },
  },
};

function checkAlwaysOn(evidence: Evidence): Finding<typeof id> {
  const { members, metrics } = evidence;
  const counted = members.filter(hasFiring).filter((m) => m.usage.live > 0 && m.usage.alwaysOn !== undefined);
  if (counted.length === 0) return inconclusive(id, members.some(hasFiring) ? [] : ['activations']);
  const codes = remeasured(evidence, 'activation.max', withDead);
  const numbers = {
    alwaysOn: mean(counted.map((m) => m.usage.alwaysOn ?? 0)),
    alwaysOnShare: mean(counted.map((m) => (m.usage.alwaysOn ?? 0) / m.usage.live)),
    live: mean(counted.map((m) => m.usage.live)),
    denseFeatures: mean(counted.map((m) => m.denseFeatures ?? 0)),
    liveNull: metrics['activation.max.live']?.null?.mean,
    codes: metrics['activation.max.live']?.mean,
    codesWithout: codes?.mean,
    codesWithoutNull: codes?.null?.mean,
    decoders: metrics['decoder.max.live']?.mean,
    decodersWithout: remeasured(evidence, 'decoder.max', withDead)?.mean,
  };
  if (!manyAlwaysOn(evidence)) return refuted(id, numbers);
  return supported(id, numbers.alwaysOnShare > most ? 'fail' : 'warn', numbers);
}
