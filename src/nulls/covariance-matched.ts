// Placeholder until the real null is merged.
import type { Directions } from '../similarity/directions.js';
import type { DrawOptions } from './draws.js';
import type { Null } from './null.js';

export async function covarianceMatchedNull(
  _sets: readonly Directions[],
  _options: DrawOptions,
): Promise<Null | undefined> {
  return undefined;
}
