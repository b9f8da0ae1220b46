// Agreement between sets of directions: for each, the best |cosine| in the other set.
//
// score = ½(mean_i max_j |û_i·v̂_j| + mean_j max_i |û_i·v̂_j|); rows of norm 0 have no direction: left out, counted.
import { ReseedError } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { type Matrix, normalisedRows, rowNorms } from '../../tensor/matrix.js';
import { type DetailedScores, type Side, scorePairs } from './pair-loop.js';

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
  id: string,
  sets: readonly Directions[],
  kernel: Kernel,
  options: WorkOptions = {},
): Promise<DetailedScores | undefined> {
  const { sides, unit } = directionSides(sets);
  return scorePairs(id, sides, (i, j) => kernel.bestMatches(unit(i), unit(j), options), options);
}

/** The score of two sets of rows that have a direction each. */
export async function bestScore(a: Matrix, b: Matrix, kernel: Kernel, options: WorkOptions): Promise<number> {
  const sets = [
    { id: 'a', rows: a },
    { id: 'b', rows: b },
  ];
  return (await directionMax('best', sets, kernel, options))!.pairs[0].value;
}

export interface DirectionSides {
  readonly sides: readonly Side[];
  /** The scored rows of side i at length 1, [n × d]; good until two other sides have been asked for. */
  readonly unit: (i: number) => Matrix;
}

/**
 * Which rows of each set have a direction, and these rows scaled to length 1. Only the sides asked for last are
 * held, so that a group of large SAEs is never in memory twice.
 * @throws input.shape when the sets differ in d
 */
export function directionSides(sets: readonly Directions[]): DirectionSides {
  const sides = sets.map(({ id, rows, features: chosen }) => {
    const width = sets[0].rows.cols;
    if (rows.cols !== width) {
      throw new ReseedError('input.shape', 'SAEs of different input width cannot be compared', {
        field: id,
        found: `d = ${rows.cols}`,
        expected: `d = ${width}, as in ${sets[0].id}`,
      });
    }
    const norms = rowNorms(rows);
    const asked = chosen ?? Int32Array.from(norms.keys());
    const features = asked.filter((i) => norms[i] > 0);
    return { id, features, leftOut: asked.length - features.length, norms };
  });
  const held = new Map<number, Matrix>();
  const unit = (i: number): Matrix => {
    const { features, norms } = sides[i];
    // The first in the map is the one used longest ago. Its memory is taken again: left to the garbage collector, the
    // rows of many pairs would pile up.
    const [oldest] = held.size === 2 && !held.has(i) ? held : [];
    if (oldest) held.delete(oldest[0]);
    const made = held.get(i) ?? normalisedRows(sets[i].rows, features, norms, oldest?.[1].data);
    held.delete(i);
    held.set(i, made);
    return made;
  };
  return { sides, unit };
}
