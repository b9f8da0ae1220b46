// The chance level of a metric for SAEs of a given shape: exact where there is a formula, and drawn as a check on it.
import { ReseedError } from '../errors.js';
import type { WorkOptions } from '../kernel/interface.js';
import { subspaceOverlap } from '../kernel/spectrum.js';
import { requireCounts } from '../stats/best-cosine.js';
import { mean } from '../stats/summary.js';
import { Rng } from '../tensor/rng.js';
import type { MetricId } from './metric.js';
import { drawScores } from './nulls/draw-scores.js';
import { drawBestCosine } from './nulls/drawn-cosine.js';
import { type DrawOptions, requireDraws } from './nulls/draws.js';
import { drawMatched } from './nulls/matched-directions.js';
import { type Drawn, drawnFrom, drawnNull, type Null, nullBand } from './nulls/null.js';
import {
  drawMax,
  meanByFormula,
  multiplyAdds,
  randomDirections,
  sdByFormula,
} from './nulls/random-directions.js';
import { randomSubspacesNull } from './nulls/random-subspaces.js';
import { drawShared, sharedDirectionsNulls } from './nulls/shared-directions.js';

/** Two SAEs; the second has `dSae` features too where `dSaeB` is not given. */
export interface Shape {
  /** d: dimensions of a direction */
  readonly dModel: number;
  /** F: features, of live ones for a metric over live features */
  readonly dSae: number;
  /** G */
  readonly dSaeB?: number;
}

/** What a metric gives for one pair of SAEs of this shape with nothing in common. */
export interface ChanceLevel {
  readonly metric: MetricId;
  /** Its mean is exact where a formula exists (`exact`), else drawn, with its Monte-Carlo error. */
  readonly null: Null;
  /** The mean as drawn, beside a formula; absent where that would take very long. */
  readonly check?: ChanceCheck;
}

export interface ChanceCheck extends Pick<Drawn, 'mean' | 'meanError' | 'draws'> {
  /** What a draw is: a pair of whole random SAEs, or one feature of each among the random features of the other. */
  readonly of: 'pairs' | 'features';
}

/** Pairs are drawn as a check up to this many multiply-adds a pair. */
const quick = 2 ** 33;

/** A feature is drawn far faster than a pair. */
const featuresPerDraw = 50;

/**
 * Chance level of one pair. `draws` are pairs of random SAEs.
 * @throws usage.argument for a shape that is none, a subspace that does not fit into it, below two draws, and for
 *   `activation.*`, whose chance level depends on the codes
 */
export async function nullOf(metric: MetricId, shape: Shape, options: DrawOptions): Promise<ChanceLevel> {
  const { dModel: d, dSae, dSaeB = dSae } = shape;
  requireCounts({ dModel: d, dSae, dSaeB });
  requireDraws(options.draws);
  const widths = [dSae, dSaeB] as const;
  switch (metric) {
    case 'decoder.max':
    case 'decoder.max.live':
    case 'encoder.max':
    case 'displacement.max':
      return { metric, ...(await bestMatch(widths, d, options)) };
    case 'decoder.matched':
    case 'encoder.matched':
    case 'decoder.matched.abs': {
      const [drawn] = await drawMatched(widths, d, [metric === 'decoder.matched.abs'], options);
      return { metric, null: drawnNull('random-directions', drawn) };
    }
    case 'shared':
    case 'shared.lenient': {
      const form = metric === 'shared' ? 'strict' : 'lenient';
      const level = (await sharedDirectionsNulls(widths, d, options))[form];
      if (!level.exact || multiplyAdds(widths, d) > quick) return { metric, null: level };
      const drawn = await drawShared(widths, d, options);
      return { metric, null: level, check: checkOf('pairs', drawn[form]) };
    }
    case 'subspace.8':
    case 'subspace.16':
    case 'subspace.32':
    case 'subspace.64':
      return { metric, ...(await subspace(Number(metric.split('.')[1]), widths, d, options)) };
    case 'activation.max':
    case 'activation.max.live':
    case 'activation.matched.live':
      throw new ReseedError('usage.argument', 'the chance level of codes depends on how often they fire', {
        field: 'metric',
        found: metric,
        expected: 'a metric of weights; for codes compare SAEs on activations, which permutes their rows',
      });
  }
}

async function bestMatch(
  widths: readonly [number, number],
  d: number,
  options: DrawOptions,
): Promise<Omit<ChanceLevel, 'metric'>> {
  const centre = meanByFormula(widths, d);
  if (multiplyAdds(widths, d) <= quick) {
    const drawn = await drawMax(widths, d, options);
    return {
      null: nullBand('random-directions', centre, drawn.sd, drawn.draws, true),
      check: checkOf('pairs', drawn),
    };
  }
  const rng = new Rng(options.seed, 'null', 'features', d, ...widths);
  const best = Array.from({ length: featuresPerDraw * options.draws }, () =>
    mean(widths.map((features) => drawBestCosine(d, features, rng))),
  );
  return {
    null: nullBand('random-directions', centre, sdByFormula(widths, d), 0, true),
    check: checkOf('features', drawnFrom(best)),
  };
}

async function subspace(
  rank: number,
  widths: readonly number[],
  d: number,
  { kernel, seed, draws, signal }: DrawOptions,
): Promise<Omit<ChanceLevel, 'metric'>> {
  const most = Math.min(d - 1, ...widths);
  if (rank > most) {
    throw new ReseedError('usage.argument', 'no subspace of that size', {
      field: 'metric',
      found: `${rank} directions of ${widths.join(' and ')} features in ${d} dimensions`,
      expected: `at most ${most}`,
    });
  }
  const work: WorkOptions = signal ? { signal } : {};
  const [drawn] = await drawScores(
    {
      stream: 'random-subspaces',
      labels: [rank, rank],
      // As many random directions as the subspace has span a uniform one.
      make: (_, rng) => kernel.topSubspace(randomDirections(rank, d, rng), rank, work),
      score: async (a, b) => [subspaceOverlap(a, b)],
      whole: true,
    },
    { seed, draws, precision: 0, ...work },
  );
  return { null: randomSubspacesNull(rank, d, 2), check: checkOf('pairs', drawn) };
}

function checkOf(of: ChanceCheck['of'], { mean, meanError, draws }: Drawn): ChanceCheck {
  return { of, mean, meanError, draws };
}
