// How well a null has to be known for the score that is held against it: a tenth of what the score itself is known to.
import { jackknifeOverMembers } from '../../stats/jackknife.js';
import type { GroupScores } from '../pairs/pair-loop.js';
import { type DrawOptions, defaultPrecision } from './draws.js';

/** The same options, with the precision that these scores ask for: at least the default one. */
export function drawTo({ pairs, members }: GroupScores, options: DrawOptions): DrawOptions {
  const interval = jackknifeOverMembers(pairs, members);
  const reach = interval ? 0.5 * (interval.high - interval.low) : 0;
  return { ...options, precision: Math.max(defaultPrecision, 0.1 * reach) };
}
