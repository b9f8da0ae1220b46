// usage.always-on: do features fire on everything, so that when they fire says nothing?

import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { giveActivations, nothingToDo } from '../words.js';
import { hasFiring } from './dead-by-firing.js';

const id = 'usage.always-on';

/** A few features that stand for what all activations share are usual. */
const some = 0.1;

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
        'That two such features fire together is certain: even with its rows shuffled the activation-based score of live ' +
          'features is {liveNull:score}.',
      ],
      advice: [
        'Make the codes sparser (a smaller k, a stronger penalty, activations without their mean), or leave out features that are ' +
          'always on before comparing codes.',
      ],
    },
    refuted: {
      title: 'Features fire on some activations only',
      summary: [
        'On average per SAE, {alwaysOn:count} of {live:count} live features fire on 95% of the activations or more.',
      ],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Features that always fire not looked for', advice: giveActivations },
  },
};

function checkAlwaysOn({ members, metrics }: Evidence): Finding<typeof id> {
  const counted = members.filter(hasFiring).filter((m) => m.usage.live > 0 && m.usage.alwaysOn !== undefined);
  if (counted.length === 0) return inconclusive(id, members.some(hasFiring) ? [] : ['activations']);
  const numbers = {
    alwaysOn: mean(counted.map((m) => m.usage.alwaysOn ?? 0)),
    alwaysOnShare: mean(counted.map((m) => (m.usage.alwaysOn ?? 0) / m.usage.live)),
    live: mean(counted.map((m) => m.usage.live)),
    liveNull: metrics['activation.max.live']?.null?.mean,
  };
  if (numbers.alwaysOnShare <= some) return refuted(id, numbers);
  return supported(id, numbers.alwaysOnShare > most ? 'fail' : 'warn', numbers);
}
