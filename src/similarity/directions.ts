// Agreement between sets of directions: for each, the best |cosine| in the other set.
//
// score = ½(mean_i max_j |û_i·v̂_j| + mean_j max_i |û_i·v̂_j|); rows of norm 0 have no direction: left out, counted.
import { ReseedError } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { type Matrix, takeRows, unitRows } from '../tensor/matrix.js';
import type { MetricId } from './metric.js';
import { type DetailedScores, scorePairs } from './pair-loop.js';

/** A set of directions that belongs to one SAE. */
export interface Directions {
  readonly id: string;
  /** [F × d], of any length */
  readonly rows: Matrix;
  /** Compare these rows only, ascending; all of them where absent. */
  readonly features?: Int32Array;
}

/**
 * Scores every pair of sets. Undefined where a set has no direction at all.
 * @throws input.shape when the sets differ in d
 */
export async function directionMax(
  id: MetricId,
  sets: readonly Directions[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<DetailedScores | undefined> {
  const sides = sets.map((set) => {
    const width = sets[0].rows.cols;
    if (set.rows.cols !== width) {
      throw new ReseedError('input.shape', 'SAEs of different input width cannot be compared', {
        field: set.id,
        found: `d = ${set.rows.cols}`,
        expected: `d = ${width}, as in ${sets[0].id}`,
      });
    }
    const chosen = set.features;
    const { unit, kept, zeroRows } = unitRows(chosen ? takeRows(set.rows, chosen) : set.rows);
    return { id: set.id, unit, features: chosen ? kept.map((at) => chosen[at]) : kept, leftOut: zeroRows };
  });
  return scorePairs(id, sides, (i, j) => kernel.bestMatches(sides[i].unit, sides[j].unit, options), options);
}
