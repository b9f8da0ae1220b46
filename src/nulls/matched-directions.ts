// Placeholder until the real null is merged.
import type { DrawOptions } from './draws.js';
import { type Null, nullBand } from './null.js';

export async function matchedDirectionsNulls(
  _widths: readonly number[],
  _d: number,
  { draws }: DrawOptions,
): Promise<{ signed: Null; abs: Null }> {
  const level = nullBand('random-directions', 0.2, 0.01, draws, false);
  return { signed: level, abs: level };
}
