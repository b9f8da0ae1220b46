// A further null of decoder.max: directions drawn with the second moment that each set of decoder rows itself has.
//
// Of a set with unit rows û_1 … û_F take the second moment M = (1/F) Σ û_i·û_iᵀ [d × d], and draw F directions with that
// moment (crowd.ts). They are scored like the decoders. So what two SAEs agree in because both spread their rows over
// the same few dimensions stays in the null, and what goes is the agreement of single features: a score above it is more
// than a shared subspace.
import { throwIfCancelled } from '../../errors.js';
import type { WorkOptions } from '../../kernel/interface.js';
import { takeRows, unitRows } from '../../tensor/matrix.js';
import type { Directions } from '../pairs/directions.js';
import { type Crowd, crowdOfRows } from './crowd.js';
import { crowdScores } from './crowd-scores.js';
import { type DrawOptions, requireDraws } from './draws.js';
import { drawnNull, type Null } from './null.js';

/**
 * The null of a best |cosine| of these sets: of `decoder.max`, with `features` of `decoder.max.live`, with displacements
 * as rows of `displacement.max`. Undefined where a set has no direction, or below two sets.
 * @throws usage.argument below two draws; input.shape when the sets differ in d
 */
export async function covarianceMatchedNull(
  sets: readonly Directions[],
  options: DrawOptions,
): Promise<Null | undefined> {
  const { kernel, draws, signal } = options;
  requireDraws(draws);
  const work: WorkOptions = signal ? { signal } : {};
  const crowds: Crowd[] = [];
  for (const { rows, features } of sets) {
    throwIfCancelled(signal);
    const { unit } = unitRows(features ? takeRows(rows, features) : rows);
    if (unit.rows === 0) return undefined;
    crowds.push(await crowdOfRows(unit, kernel, work));
  }
  if (crowds.length < 2) return undefined;
  return drawnNull('covariance-matched', await crowdScores('covariance-matched', crowds, options));
}
