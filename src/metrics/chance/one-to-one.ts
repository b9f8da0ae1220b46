// The level of a one-to-one score: the mean cosine over the best assignment of random directions.
//
// By the cavity equation (stats/random-assignment.ts) where that holds, which is everywhere but in few dimensions; there it is
// drawn, which is quick. Unlike a best match it differs between signed and absolute cosines, and it grows with the number
// of features on both sides at once.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import {
  assignmentFormulaHolds,
  assignmentSpread,
  expectedAssignment,
} from '../../stats/random-assignment.js';
import { mean } from '../../stats/summary.js';
import { type Matrix, unitRows } from '../../tensor/matrix.js';
import { drawScores, requirePairs } from '../draws/draw-scores.js';
import type { DrawOptions } from '../draws/draws.js';
import type { Metric } from '../metric.js';
import { type Drawn, drawnNull, type Null, nullBand } from '../nulls/null.js';
import { pairsOf } from '../pairs/pair-scores.js';
import { multiplyAdds, randomDirections } from './best-match.js';
import { checkOf, mostWorkOfCheck } from './check.js';

export interface MatchedNulls {
  /** Of `decoder.matched` and `encoder.matched`. */
  readonly signed: Null;
  /** Of `decoder.matched.abs`. */
  readonly abs: Null;
}

/** Whole groups are drawn up to this many multiply-adds a draw; beyond, independent pairs. */
const whole = 2 ** 24;

/**
 * Multiply-adds that all pairs together may come to, beyond a few of them: large dictionaries are drawn less often,
 * which they can bear. At 4096 × 768 the SD of a pair is already below a thousandth of the mean.
 */
const affordable = 2 ** 38;
const fewest = 4;

/**
 * The nulls for members with these numbers of features in d dimensions, of the mean over all pairs.
 * @throws usage.argument below two members or two draws
 */
export async function matchedDirectionsNulls(
  widths: readonly number[],
  d: number,
  options: DrawOptions,
): Promise<MatchedNulls> {
  const [signed, abs] = await drawMatched(widths, d, [false, true], options);
  return { signed: drawnNull('random-directions', signed), abs: drawnNull('random-directions', abs) };
}

/** The level of a one-to-one metric of directions. */
export function matchedLevel(absolute: boolean): NonNullable<Metric['chance']> {
  const formula = (widths: readonly number[], d: number) =>
    pairsOf(widths.length).every(([i, j]) => assignmentFormulaHolds(d, widths[i], widths[j]));
  return {
    name: absolute ? 'one-to-one, absolute' : 'one-to-one',
    level: async (widths, d, options) => {
      if (formula(widths, d)) return levelByFormula(widths, d, absolute);
      const [drawn] = await drawMatched(widths, d, [absolute], options);
      return drawnNull('random-directions', drawn);
    },
    check: async (widths, d, options) => {
      if (!formula(widths, d) || 4 * multiplyAdds(widths, d) > mostWorkOfCheck) return undefined;
      const [drawn] = await drawMatched(widths, d, [absolute], options);
      return checkOf('pairs', drawn);
    },
  };
}

/** The mean over all pairs, and its SD, as scores of pairs that share an SAE are uncorrelated. */
function levelByFormula(widths: readonly number[], d: number, absolute: boolean): Null {
  requirePairs(widths.length);
  const ofShape = new Map<string, { readonly mean: number; readonly variance: number }>();
  const pairs = pairsOf(widths.length).map(([i, j]) => {
    const [f, g] = [widths[i], widths[j]];
    const known = ofShape.get(`${f} ${g}`) ?? {
      mean: expectedAssignment(d, f, g, absolute),
      variance: assignmentSpread(d, f, g, absolute) ** 2,
    };
    ofShape.set(`${f} ${g}`, known);
    return known;
  });
  const sd = Math.sqrt(mean(pairs.map((pair) => pair.variance)) / pairs.length);
  return nullBand('random-directions', mean(pairs.map((pair) => pair.mean)), sd, 0, true);
}

/** One result for each way to see a cosine: signed or absolute. The same directions serve all of them. */
export function drawMatched(
  widths: readonly number[],
  d: number,
  ways: readonly boolean[],
  { kernel, seed, draws, precision, ...work }: DrawOptions,
): Promise<Drawn[]> {
  return drawScores(
    {
      stream: 'matched-directions',
      labels: widths,
      make: (member, rng) => unitRows(randomDirections(widths[member], d, rng)).unit,
      score: async (a, b) => {
        const means: number[] = [];
        for (const absolute of ways) means.push(await matchedMean(a, b, absolute, kernel, work));
        return means;
      },
      whole: multiplyAdds(widths, d) <= whole,
    },
    { seed, draws: affordableDraws(widths, d, draws), precision, ...work },
  );
}

/** As many of `draws` as are affordable, from what the dearest pair costs. */
export function affordableDraws(widths: readonly number[], d: number, draws: number): number {
  const dearest = Math.max(...pairsOf(widths.length).map(([i, j]) => widths[i] * widths[j] * d));
  return Math.min(draws, Math.max(fewest, Math.floor(affordable / dearest)));
}

async function matchedMean(
  a: Matrix,
  b: Matrix,
  absolute: boolean,
  kernel: Kernel,
  work: WorkOptions,
): Promise<number> {
  const { total } = await kernel.assign(a, b, { absolute, ...work });
  return total / Math.min(a.rows, b.rows);
}
