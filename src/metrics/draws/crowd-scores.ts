// The mean best |cosine| of a group of crowds, drawn until it is known well enough; and its spread.
//
// The group's mean is the mean over sets j, and over the other sets i, of E(i → j): what a direction of i finds in j. Small
// groups are drawn whole. Else a draw is one set in full, with `queries` directions of all others that look for
// their best in it; the sets take turns (draw-scores.ts). The directions are drawn on the axes of their crowds, so only
// the few that look have to be turned, onto the axes of the set that they look in.
// What a direction û of i finds in j depends much on q = ûᵀM_jû, its mean cos² with j, of which the mean is known: E[q] =
// tr(M_i·M_j). So the mean is taken less β·(q̄ − E[q]), β by least squares, which leaves a fraction of the variance.
// The error of the mean comes from the draws, so what differs from one set to the next is in it; and it is at least what
// the spread of single directions makes of it, which is known well from the first draw.
// SD of the group's mean: with v_j the variance of a direction's best in j, a pair has ¼(v_j/F_i + v_i/F_j)·b, where b
// counts that both means share cosines (stats/best-cosine.ts); and Var = Σ over pairs / P². Like the formula for random
// directions it takes the rows of a set, and pairs that share one, for uncorrelated.
import { throwIfCancelled } from '../../errors.js';
import type { Kernel, WorkOptions } from '../../kernel/interface.js';
import { bothWays } from '../../stats/best-cosine.js';
import { meanOfDraws } from '../../stats/mean-of-draws.js';
import { mean, sampleSd } from '../../stats/summary.js';
import { type Matrix, row, sharedFloat32, zeros } from '../../tensor/matrix.js';
import { Rng } from '../../tensor/rng.js';
import type { Drawn } from '../nulls/null.js';
import { bestScore } from '../pairs/directions.js';
import { pairsOf } from '../pairs/pair-scores.js';
import { type Crowd, coordinates, drawOnAxes, inSpace } from './crowd.js';
import { countsOf, drawScores, inTurn, requirePairs, wholeCycles } from './draw-scores.js';
import { type DrawOptions, defaultPrecision, requireDraws, requirePrecision } from './draws.js';

/** Whole groups are drawn up to this many multiply-adds to make one set. */
const whole = 2 ** 20;

/** Directions of the other sets that look for their best in a set, together. */
const queries = { usual: 4096, coarse: 1024 };

/** A precision from which on the fewer do. */
const coarse = 1e-3;

/**
 * `decoder.max` of two or more crowds in the same space.
 * @param stream name of the null: the stream of random numbers @throws usage.argument below two crowds or two draws
 */
export async function crowdScores(
  stream: string,
  crowds: readonly Crowd[],
  options: DrawOptions,
): Promise<Drawn> {
  const { kernel, seed, draws, precision, ...work } = options;
  requirePairs(crowds.length);
  if (crowds.some(({ features, axes }) => features * axes.cols ** 2 > whole)) {
    return drawSets(stream, crowds, options);
  }
  const [drawn] = await drawScores(
    {
      stream,
      labels: [...crowds.keys()],
      make: (at, rng) => inSpace(drawOnAxes(crowds[at], crowds[at].features, rng), crowds[at], kernel, work),
      score: async (a, b) => [await bestScore(a, b, kernel, work)],
      whole: true,
    },
    { seed, draws, precision, ...work },
  );
  return drawn;
}

/** One draw: a set, and what the directions of the others find in it. */
interface SetDraw {
  readonly set: number;
  /** Mean over the others of the mean over their directions. */
  readonly mean: number;
  /** Of that mean, from the spread of the directions. */
  readonly variance: number;
  /** Of the best of one direction. */
  readonly ofOne: number;
}

async function drawSets(
  stream: string,
  crowds: readonly Crowd[],
  { kernel, seed, draws, precision = defaultPrecision, ...work }: DrawOptions,
): Promise<Drawn> {
  requireDraws(draws);
  requirePrecision(precision);
  const kinds = crowds.map(({ features }) => String(features));
  const strata = countsOf(kinds);
  const lookers = precision >= coarse ? queries.coarse : queries.usual;
  // Of the sets drawn one is alive at a time, so all are written over one another.
  const storage = sharedFloat32(Math.max(...crowds.map(({ features, axes }) => features * axes.rows)));
  const done: SetDraw[] = [];
  for (;;) {
    throwIfCancelled(work.signal);
    const set = inTurn(done.length, crowds.length, seed, stream);
    done.push(await drawSet(stream, crowds, set, done.length, lookers, storage, seed, kernel, work));
    if (done.length < 2) continue;
    const found = meanOfDraws(
      done.map((draw) => draw.mean),
      done.map((draw) => kinds[draw.set]),
      strata,
    );
    const ofRows = Math.sqrt(done.reduce((sum, { variance }) => sum + variance, 0)) / done.length;
    const meanError = Math.max(found.error, ofRows);
    if (done.length < wholeCycles(draws, strata) && meanError > precision) continue;
    return { mean: found.mean, sd: spreadOf(crowds, done), meanError, draws: done.length };
  }
}

async function drawSet(
  stream: string,
  crowds: readonly Crowd[],
  set: number,
  n: number,
  lookers: number,
  storage: Float32Array,
  seed: number,
  kernel: Kernel,
  work: WorkOptions,
): Promise<SetDraw> {
  const rng = (...of: (string | number)[]) => new Rng(seed, 'null', stream, 'sets', n, ...of);
  const drawn = drawOnAxes(crowds[set], crowds[set].features, rng('set'), storage);
  const each = Math.ceil(lookers / (crowds.length - 1));
  const looking: Matrix[] = [];
  const expected: number[] = [];
  for (const [i, crowd] of crowds.entries()) {
    if (i === set) continue;
    const onAxes = drawOnAxes(crowd, Math.min(each, crowd.features), rng('looking', i));
    looking.push(await coordinates(await inSpace(onAxes, crowd, kernel, work), crowds[set], kernel, work));
    expected.push(meanSquare(crowd, crowds[set], await coordinates(crowd.axes, crowds[set], kernel, work)));
  }
  const { aToB } = await kernel.bestMatches(stacked(looking), drawn, work);
  const best = aToB.abs.value.map((value) => Math.min(1, value));
  let from = 0;
  const parts = looking.map((found, at) => {
    const { rows } = found;
    const values = best.subarray(from, from + rows);
    from += rows;
    return { ...controlled(values, squares(found, crowds[set]), expected[at]), rows };
  });
  return {
    set,
    mean: mean(parts.map((part) => part.mean)),
    variance: mean(parts.map(({ variance, rows }) => variance / rows)) / parts.length,
    ofOne: mean(parts.map(({ ofOne }) => ofOne)),
  };
}

/** q of each of these directions, by their coordinates on the axes of the crowd. */
function squares(found: Matrix, { moment }: Crowd): Float64Array {
  return Float64Array.from({ length: found.rows }, (_, i) => {
    const along = row(found, i);
    let q = 0;
    for (let k = 0; k < moment.length; k++) q += moment[k] * along[k] ** 2;
    return q;
  });
}

/** E[q] = tr(M_i·M_j), from the axes of i by their coordinates on those of j. */
function meanSquare(from: Crowd, crowd: Crowd, axes: Matrix): number {
  return squares(axes, crowd).reduce((sum, q, l) => sum + from.moment[l] * q, 0);
}

/** Too few for a slope. */
const few = 32;

/** Mean of `values` and the variance of one, both with the help of q; and the variance of one without. */
function controlled(values: Float64Array, q: Float64Array, expected: number) {
  const n = values.length;
  const [centre, qCentre] = [mean(values), mean(q)];
  const ofOne = n > 1 ? sampleSd(values) ** 2 : 0;
  const plain = { mean: centre, variance: ofOne, ofOne };
  if (n < few) return plain;
  const ofQ = sampleSd(q) ** 2;
  if (!(ofQ > 0)) return plain;
  let both = 0;
  for (let i = 0; i < n; i++) both += ((values[i] - centre) * (q[i] - qCentre)) / (n - 1);
  const slope = both / ofQ;
  const left = Math.max(0, ofOne - slope * both) * ((n - 1) / (n - 2));
  return { mean: centre - slope * (qCentre - expected), variance: left, ofOne };
}

/** One below the other; all are as wide. */
function stacked(parts: readonly Matrix[]): Matrix {
  const out = zeros(
    parts.reduce((sum, { rows }) => sum + rows, 0),
    parts[0].cols,
  );
  let at = 0;
  for (const { data } of parts) {
    out.data.set(data, at);
    at += data.length;
  }
  return out;
}

/** SD of the group's mean. A set that was not drawn has the variance of those that were. */
function spreadOf(crowds: readonly Crowd[], done: readonly SetDraw[]): number {
  const pooled = mean(done.map(({ ofOne }) => ofOne));
  const ofOne = crowds.map((_, set) => {
    const own = done.filter((draw) => draw.set === set);
    return own.length > 0 ? mean(own.map((draw) => draw.ofOne)) : pooled;
  });
  const factors = new Map<string, number>();
  const pairs = pairsOf(crowds.length);
  const variance = pairs.reduce((sum, [i, j]) => {
    const [f, g] = [crowds[i].features, crowds[j].features];
    const key = [f, g].sort((a, b) => a - b).join('·');
    const factor = factors.get(key) ?? bothWays(crowds[i].axes.cols, f, g);
    factors.set(key, factor);
    return sum + 0.25 * (ofOne[j] / f + ofOne[i] / g) * factor;
  }, 0);
  return Math.sqrt(variance) / pairs.length;
}
