// Every metric, in the order in which reports show them: a new one is a file and a line here.
import { metric as activationMatchedLive } from './activation-matched-live.js';
import { metric as activationMax } from './activation-max.js';
import { metric as activationMaxLive } from './activation-max-live.js';
import { metric as decoderJaccard } from './decoder-jaccard.js';
import { metric as decoderMatched } from './decoder-matched.js';
import { metric as decoderMatchedAbs } from './decoder-matched-abs.js';
import { metric as decoderMax } from './decoder-max.js';
import { metric as decoderMaxLive } from './decoder-max-live.js';
import { metric as displacementMax } from './displacement-max.js';
import { metric as encoderMatched } from './encoder-matched.js';
import { metric as encoderMax } from './encoder-max.js';
import type { Metric } from './metric.js';
import { metric as shared } from './shared.js';
import { metric as sharedLenient } from './shared-lenient.js';
import { subspace8, subspace16, subspace32, subspace64 } from './subspace.js';

export const metrics = [
  decoderMax,
  decoderMaxLive,
  decoderMatched,
  decoderMatchedAbs,
  decoderJaccard,
  encoderMax,
  encoderMatched,
  shared,
  sharedLenient,
  activationMax,
  activationMaxLive,
  activationMatchedLive,
  subspace8,
  subspace16,
  subspace32,
  subspace64,
  displacementMax,
] as const;

export type MetricId = (typeof metrics)[number]['id'];

export const metricIds = metrics.map(({ id }) => id) as readonly MetricId[] as readonly [
  MetricId,
  ...MetricId[],
];

const byId = new Map<string, Metric<MetricId>>(metrics.map((metric) => [metric.id, metric]));

/** The metric with this id. */
export function metricOf(id: MetricId): Metric<MetricId> {
  return byId.get(id) as Metric<MetricId>;
}
