// The null of a one-to-one score: the mean cosine over the best assignment of random directions, all of it drawn.
//
// There is no formula for the optimum of an assignment of cosines. Unlike a best match it differs between signed and
// absolute cosines, and it grows with the number of features on both sides at once.
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { type Matrix, unitRows } from '../../tensor/matrix.js';
import { pairsOf } from '../metric.js';
import { drawScores } from './draw-scores.js';
import type { DrawOptions } from './draws.js';
import { type Drawn, drawnNull, type Null } from './null.js';
import { multiplyAdds, randomDirections } from './random-directions.js';

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

/** One result for each way to see a cosine: signed or absolute. The same directions serve all of them. */
export function drawMatched(
  widths: readonly number[],
  d: number,
  ways: readonly boolean[],
  { kernel, seed, draws, precision, signal }: DrawOptions,
): Promise<Drawn[]> {
  const work = signal ? { signal } : {};
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
  const dearest = Math.max(1, ...pairsOf(widths.length).map(([i, j]) => widths[i] * widths[j] * d));
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
