// The null of a best |cosine|: sets of directions drawn uniformly on the sphere.
//
// The mean over a group is exact: a pair's is the mean of E[max] over both its widths (best-cosine.ts). The SD comes
// from drawn groups where they are small, else from the formula for the SD of a pair.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { expectedMax, pairSpread } from '../../stats/best-cosine.js';
import { mean } from '../../stats/summary.js';
import { type Matrix, zeros } from '../../tensor/matrix.js';
import type { Rng } from '../../tensor/rng.js';
import { pairsOf } from '../metric.js';
import { directionMax } from '../pairs/directions.js';
import { drawScores, requirePairs } from './draw-scores.js';
import { type DrawOptions, requireDraws } from './draws.js';
import { type Drawn, type Null, nullBand } from './null.js';

/** Groups are drawn up to this many multiply-adds a draw; beyond, the dimensions are many and the formula is good. */
const sampled = 2 ** 31;

/**
 * The null of the mean over all pairs of a group, for members with these numbers of features: exact mean; SD from
 * sampled groups, or from a formula (0 draws) where sampling them would take long.
 * @param widths features per member, ≥ 1 @param width dimensions d of a direction
 * @throws usage.argument below two members, two draws or one feature
 */
export async function randomDirectionsNull(
  widths: readonly number[],
  width: number,
  options: DrawOptions,
): Promise<Null> {
  requireDraws(options.draws);
  const centre = meanByFormula(widths, width);
  if (multiplyAdds(widths, width) > sampled) {
    return nullBand('random-directions', centre, sdByFormula(widths, width), 0, true);
  }
  const { sd } = await drawMax(widths, width, options);
  return nullBand('random-directions', centre, sd, options.draws, true);
}

/** Mean over all pairs, exact. @throws usage.argument below two members or one feature */
export function meanByFormula(widths: readonly number[], width: number): number {
  requirePairs(widths.length);
  const chance = memo((features: number) => expectedMax(width, features));
  return mean(pairsOf(widths.length).map(([i, j]) => 0.5 * (chance(widths[i]) + chance(widths[j]))));
}

/** SD of the mean over all pairs, as far as pairs that share an SAE are uncorrelated, and rows of one SAE. */
export function sdByFormula(widths: readonly number[], width: number): number {
  const variance = memo((a: number, b: number) => pairSpread(width, a, b) ** 2);
  const pairs = pairsOf(widths.length);
  return Math.sqrt(mean(pairs.map(([i, j]) => variance(widths[i], widths[j]))) / pairs.length);
}

/** The same null with everything drawn, as whole groups: all `draws` of them, since it is the SD that is asked for. */
export async function drawMax(
  widths: readonly number[],
  width: number,
  { kernel, seed, draws, signal }: DrawOptions,
): Promise<Drawn> {
  const work: WorkOptions = signal ? { signal } : {};
  const [drawn] = await drawScores(
    {
      stream: 'random-directions',
      labels: widths,
      make: (member, rng) => randomDirections(widths[member], width, rng),
      score: async (a, b) => [await bestScore(a, b, kernel, work)],
      whole: true,
    },
    { seed, draws, precision: 0, ...work },
  );
  return drawn;
}

/** `decoder.max` of two sets of directions. */
export async function bestScore(a: Matrix, b: Matrix, kernel: Kernel, options: WorkOptions): Promise<number> {
  const sets = [
    { id: 'a', rows: a },
    { id: 'b', rows: b },
  ];
  // Rows that were drawn have a direction.
  return (await directionMax('decoder.max', sets, kernel, options))!.pairs[0].value;
}

/** Rows [features × width] whose directions are uniform on the sphere; their lengths differ. */
export function randomDirections(features: number, width: number, rng: Rng): Matrix {
  const rows = zeros(features, width);
  rng.fillNormal(rows.data);
  return rows;
}

/** Multiply-adds of the products of all pairs of a group. */
export function multiplyAdds(widths: readonly number[], d: number): number {
  return pairsOf(widths.length).reduce((sum, [i, j]) => sum + widths[i] * widths[j] * d, 0);
}

function memo<A extends number[]>(compute: (...args: A) => number): (...args: A) => number {
  const known = new Map<string, number>();
  return (...args) => {
    const key = args.join(',');
    const value = known.get(key) ?? compute(...args);
    known.set(key, value);
    return value;
  };
}
