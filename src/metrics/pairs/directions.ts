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
  const { sides, unit, atOnce } = directionSides(sets);
  const match = (i: number, j: number) => kernel.bestMatches(unit(i), unit(j), options);
  return scorePairs(id, sides, match, { ...options, atOnce });
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
  /** The scored rows of side i at length 1, [n × d]; good until so many other sides have been asked for as are held. */
  readonly unit: (i: number) => Matrix;
  /** Pairs that may be compared at a time. */
  readonly atOnce: number;
}

/** Bytes up to which the unit rows of all sets are held. */
const heldBytes = 2 ** 28;

/**
 * Which rows of each set have a direction, and these rows scaled to length 1. Of large sets only the two asked for last are
 * held, so that a group of large SAEs is never in memory twice: then one pair is compared at a time.
 * @param held bytes up to which all are held
 * @throws input.shape when the sets differ in d
 */
export function directionSides(sets: readonly Directions[], held = heldBytes): DirectionSides {
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
  const bytes = sides.reduce((sum, { features }, i) => sum + 4 * features.length * sets[i].rows.cols, 0);
  const atOnce = bytes <= held ? 2 : 1;
  const most = bytes <= held ? sides.length : 2;
  const units = new Map<number, Matrix>();
  const unit = (i: number): Matrix => {
    const { features, norms } = sides[i];
    // The first in the map is the one used longest ago. Its memory is taken again: left to the garbage collector, the
    // rows of many pairs would pile up.
    const [oldest] = units.size === most && !units.has(i) ? units : [];
    if (oldest) units.delete(oldest[0]);
    const made = units.get(i) ?? normalisedRows(sets[i].rows, features, norms, oldest?.[1].data);
    units.delete(i);
    units.set(i, made);
    return made;
  };
  return { sides, unit, atOnce };
}
