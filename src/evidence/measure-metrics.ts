// The metrics of a group, each beside all nulls that fit it, its own first.
import { type MeasuredMetric, measured } from '../metrics/measured.js';
import type { Metric } from '../metrics/metric.js';
import type { NullModel } from '../metrics/nulls/model.js';
import type { Null } from '../metrics/nulls/null.js';
import { nullModels } from '../metrics/nulls/registry.js';
import type { GroupScores } from '../metrics/pairs/pair-loop.js';
import type { MetricId } from '../metrics/registry.js';
import type { GroupContext } from './context.js';

export interface MeasureMetricOptions {
  /** With the null that corrects it only. */
  readonly ownNullOnly?: boolean;
}

/** Undefined where the metric cannot be had. */
export async function measureMetric(
  metric: Metric<MetricId>,
  context: GroupContext,
  { ownNullOnly = false }: MeasureMetricOptions = {},
): Promise<MeasuredMetric | undefined> {
  if (!metric.needs.every((need) => context.members.every((member) => member[need] !== undefined))) {
    return undefined;
  }
  const scores = await context.part(metric.id, () => metric.measure(context));
  if (!scores) return undefined;
  const models = nullsOf(metric).filter(({ kind }) => !ownNullOnly || kind === metric.null);
  const levels: Null[] = [];
  for (const model of models) {
    const level = await levelOf(model, metric, scores, context);
    if (level) levels.push(level);
  }
  return measured(scores, scores.members, levels);
}

/** The level of one null for these scores. */
export function levelOf(
  model: NullModel,
  metric: Metric<MetricId>,
  scores: GroupScores,
  context: GroupContext,
): Promise<Null | undefined> {
  return context.part(`${metric.id}/${model.kind}`, () => model.level(metric, scores, context));
}

/** The nulls that fit a metric, the one that corrects it first. */
export function nullsOf(metric: Metric): readonly NullModel[] {
  const fitting = nullModels.filter((model) => model.fits(metric));
  return [
    ...fitting.filter(({ kind }) => kind === metric.null),
    ...fitting.filter(({ kind }) => kind !== metric.null),
  ];
}
