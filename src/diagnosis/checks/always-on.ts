// usage.always-on: do features fire on everything, so that when they fire says nothing?

import type { Evidence } from '../../evidence/evidence.js';
import { mean } from '../../stats/summary.js';
import type { Finding } from '../finding.js';
import { inconclusive, refuted, supported } from '../outcome.js';
import { hasFiring } from './dead-by-firing.js';

const id = 'usage.always-on';

/** A few features that stand for what all activations share are usual. */
const some = 0.1;

/** Beyond this the codes are not sparse codes. */
const most = 0.5;

export function checkAlwaysOn({ members, metrics }: Evidence): Finding {
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
