// The chance level of a metric for SAEs of a given shape: exact where there is a formula, and drawn as a check on it.
import { ReseedError } from '../../errors.js';
import { requireCounts } from '../../stats/best-cosine.js';
import { type DrawOptions, requireDraws } from '../draws/draws.js';
import type { Null } from '../nulls/null.js';
import { drawnLevel } from '../nulls/random-directions.js';
import { type MetricId, metricOf, metrics } from '../registry.js';
import type { ChanceCheck } from './check.js';

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

/** Metrics whose chance level follows from shapes alone. */
export const metricsOfShapes: readonly MetricId[] = metrics.flatMap(({ id }) => {
  const { chance, compares } = metricOf(id);
  return chance || compares.of === 'directions' ? [id] : [];
});

/**
 * Chance level of one pair. `draws` are pairs of random SAEs.
 * @throws usage.argument for a shape that is none, a subspace that does not fit into it, below two draws, and for
 *   `activation.*`, whose chance level depends on the codes
 */
export async function nullOf(metric: MetricId, shape: Shape, options: DrawOptions): Promise<ChanceLevel> {
  const { dModel: d, dSae, dSaeB = dSae } = shape;
  requireCounts({ dModel: d, dSae, dSaeB });
  requireDraws(options.draws);
  const { chance, compares } = metricOf(metric);
  const widths = [dSae, dSaeB];
  if (!chance && compares.of === 'directions') {
    return { metric, null: await drawnLevel(compares, widths, d, options) };
  }
  if (!chance) {
    throw new ReseedError('usage.argument', 'the chance level of codes depends on how often they fire', {
      field: 'metric',
      found: metric,
      expected: 'a metric of weights; for codes compare SAEs on activations, which permutes their rows',
    });
  }
  const level = await chance.level(widths, d, options);
  const check = await chance.check?.(widths, d, options);
  return { metric, null: level, ...(check ? { check } : {}) };
}
