// numerics.zero-features: are there decoder rows of length 0, which have no direction to compare?

import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Finding } from '../finding.js';
import { refuted, supported } from '../outcome.js';

const id = 'numerics.zero-features';

/** Beyond this a decoder score speaks for the smaller part of the dictionary only. */
const most = 0.5;

export function checkZeroFeatures({ members }: Evidence): Finding {
  const numbers = {
    zeroFeatures: members.reduce((sum, m) => sum + m.numerics.zeroFeatures, 0),
    zeroShare:
      members.length > 0 ? mean(members.map((m) => m.numerics.zeroFeatures / m.features)) : undefined,
    saes: members.length,
  };
  if (numbers.zeroFeatures === 0) return refuted(id, numbers);
  return supported(id, (numbers.zeroShare ?? 0) > most ? 'fail' : 'warn', numbers);
}
