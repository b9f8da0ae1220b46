// Agreement between sets of directions: for each, the best |cosine| in the other set.
//
// score = ½(mean_i max_j |û_i·v̂_j| + mean_j max_i |û_i·v̂_j|); rows of norm 0 have no direction: left out, counted.
import { ReseedError } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import type { Matrix } from '../../tensor/matrix.js';
import { type DetailedScores, type Side, scorePairs } from './pair-loop.js';
import { type PairWork, UnitRows } from './unit-rows.js';

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
  { units, ...work }: PairWork = {},
): Promise<DetailedScores | undefined> {
  const { sides, withUnits, atOnce } = directionSides(sets, units);
  const match = (i: number, j: number) => withUnits([i, j], (a, b) => kernel.bestMatches(a, b, work));
  return scorePairs(id, sides, match, { ...work, atOnce });
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
  /** Does something with the scored rows of these sides at length 1, each [n × d]; they are good until it is done. */
  readonly withUnits: <T>(
    which: readonly number[],
    work: (...units: readonly Matrix[]) => Promise<T>,
  ) => Promise<T>;
  /** Pairs that may be compared at a time. */
  readonly atOnce: number;
}

/**
 * Which rows of each set have a direction, and these rows scaled to length 1. Of sets that are not held together one pair is
 * to be compared at a time.
 * @throws input.shape when the sets differ in d
 */
export function directionSides(sets: readonly Directions[], units = new UnitRows()): DirectionSides {
  const sides = sets.map(({ id, rows, features: chosen }) => {
    const width = sets[0].rows.cols;
    if (rows.cols !== width) {
      throw new ReseedError('input.shape', 'SAEs of different input width cannot be compared', {
        field: id,
        found: `d = ${rows.cols}`,
        expected: `d = ${width}, as in ${sets[0].id}`,
      });
    }
    const { features } = units.directed(rows, chosen);
    return { id, features, leftOut: (chosen?.length ?? rows.rows) - features.length };
  });
  const bytes = sides.reduce((sum, { features }, i) => sum + 4 * features.length * sets[i].rows.cols, 0);
  return {
    sides,
    withUnits: (which, work) =>
      units.use(
        which.map((i) => ({ rows: sets[i].rows, features: sides[i].features })),
        (found) => work(...found),
      ),
    atOnce: bytes <= units.most ? 2 : 1,
  };
}
