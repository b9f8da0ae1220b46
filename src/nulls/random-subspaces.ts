// Placeholder until the real null is merged.
import type { DrawOptions } from './draws.js';
import { type Null, nullBand } from './null.js';

export async function randomSubspacesNull(
  rank: number,
  d: number,
  _members: number,
  { draws }: DrawOptions,
): Promise<Null> {
  return nullBand('random-subspaces', rank / d, 0.01, draws, true);
}
