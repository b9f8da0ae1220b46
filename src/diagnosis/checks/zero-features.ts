// numerics.zero-features: are there decoder rows of length 0, which have no direction to compare?

import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Check } from '../check.js';
import type { Finding } from '../finding.js';
import { refuted, supported } from '../outcome.js';
import { nothingToDo } from '../words.js';

const id = 'numerics.zero-features';

/** Beyond this a decoder score speaks for the smaller part of the dictionary only. */
const most = 0.5;

export const check: Check<typeof id> = {
  id,
  check: checkZeroFeatures,
  words: {
    artefact: 'features without a direction',
    supported: {
      title: 'Features without a direction',
      summary: [
        '{zeroFeatures:count} decoder rows over {saes:count} SAEs have length zero ({zeroShare:percent} of the ' +
          'features); they are left out of decoder-based scores.',
      ],
      advice: ['State how many features were left out, or remove them from the SAEs.'],
    },
    refuted: {
      title: 'Every feature has a direction',
      summary: ['No decoder row of the {saes:count} SAEs has length zero.'],
      advice: nothingToDo,
    },
    inconclusive: { title: 'Zero features not counted', advice: 'Give checkpoints with decoder weights.' },
  },
};

function checkZeroFeatures({ members }: Evidence): Finding<typeof id> {
  const numbers = {
    zeroFeatures: members.reduce((sum, m) => sum + m.numerics.zeroFeatures, 0),
    zeroShare:
      members.length > 0 ? mean(members.map((m) => m.numerics.zeroFeatures / m.features)) : undefined,
    saes: members.length,
  };
  if (numbers.zeroFeatures === 0) return refuted(id, numbers);
  return supported(id, (numbers.zeroShare ?? 0) > most ? 'fail' : 'warn', numbers);
}
