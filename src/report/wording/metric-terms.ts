// Names and short definitions of the metrics, by family, and of the nulls that they are held against.
import { familyWords, type MetricFamily, type Term } from '../../metrics/families.js';
import { type NullKind, nullModels } from '../../metrics/nulls/registry.js';
import { type MetricId, metricOf, metrics } from '../../metrics/registry.js';

export { familyWords, type MetricFamily, type Term };

export function familyOf(id: MetricId): MetricFamily {
  return metricOf(id).family;
}

export const metricWords = Object.fromEntries(metrics.map(({ id, words }) => [id, words])) as Record<
  MetricId,
  Term
>;

export const nullWords = Object.fromEntries(nullModels.map(({ kind, words }) => [kind, words])) as Record<
  NullKind,
  (typeof nullModels)[number]['words']
>;
