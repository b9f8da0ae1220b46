// The null of a best |cosine|: sets of directions drawn uniformly on the sphere.
//
// The mean over a group is exact: a pair's is the mean of E[max] over both its widths (best-cosine.ts). The SD comes
// from drawn groups where they are small, else from the formula for the SD of a pair.

import { expectedMax, pairSpread } from '../../stats/best-cosine.js';
import { mean } from '../../stats/summary.js';
import { type Matrix, zeros } from '../../tensor/matrix.js';
import { Rng } from '../../tensor/rng.js';
import { drawScores, requirePairs } from '../draws/draw-scores.js';
import { drawBestCosine } from '../draws/drawn-cosine.js';
import { type DrawOptions, requireDraws } from '../draws/draws.js';
import type { Metric } from '../metric.js';
import { type Drawn, drawnFrom, type Null, nullBand } from '../nulls/null.js';
import { bestScore } from '../pairs/directions.js';
import { pairsOf } from '../pairs/pair-scores.js';
import { type ChanceCheck, checkOf, mostWorkOfCheck } from './check.js';

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
  { kernel, seed, draws, precision: _, ...work }: DrawOptions,
): Promise<Drawn> {
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

/** The level of a metric of best matches. */
export const bestMatchLevel: NonNullable<Metric['chance']> = {
  name: 'best-match',
  level: randomDirectionsNull,
  check: checkBestMatch,
};

/** A feature is drawn far faster than a pair. */
const featuresPerDraw = 50;

async function checkBestMatch(
  widths: readonly number[],
  d: number,
  options: DrawOptions,
): Promise<ChanceCheck> {
  if (multiplyAdds(widths, d) <= mostWorkOfCheck) return checkOf('pairs', await drawMax(widths, d, options));
  const rng = new Rng(options.seed, 'null', 'features', d, ...widths);
  const best = Array.from({ length: featuresPerDraw * options.draws }, () =>
    mean(widths.map((features) => drawBestCosine(d, features, rng))),
  );
  return checkOf('features', drawnFrom(best));
}
