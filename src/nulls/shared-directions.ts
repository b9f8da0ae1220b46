// Placeholder until the real null is merged.
import type { DrawOptions } from './draws.js';
import { type Null, nullBand } from './null.js';

export async function sharedDirectionsNulls(
  _widths: readonly number[],
  _d: number,
  { draws }: DrawOptions,
): Promise<{ strict: Null; lenient: Null }> {
  const level = nullBand('random-directions', 0, 0.01, draws, false);
  return { strict: level, lenient: level };
}
