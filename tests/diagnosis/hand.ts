// Evidence written by hand: a healthy group of three SAEs, with any part of it replaced.
import type { Evidence, MemberEvidence } from '../../src/diagnosis/index.js';
import type { MeasuredMetric } from '../../src/nulls/measured.js';
import { correctForChance, nullBand } from '../../src/nulls/null.js';
import { type MetricId, metricIds } from '../../src/similarity/metric.js';

/** A score with an interval of ± `reach` and a null with an SD of 0.01. */
export function score(id: MetricId, mean: number, nullMean: number, reach = 0.01): MeasuredMetric {
  return {
    id,
    pairs: [],
    mean,
    min: mean,
    max: mean,
    n: 3,
    leftOut: 0,
    interval: { low: mean - reach, high: mean + reach, level: 0.95, method: 'hand' },
    null: nullBand(
      id.startsWith('activation') ? 'row-permutation' : 'random-directions',
      nullMean,
      0.01,
      5,
      false,
    ),
    corrected: correctForChance(mean, nullMean),
  };
}

export function scores(table: Partial<Record<MetricId, readonly [number, number]>>): Evidence['metrics'] {
  return Object.fromEntries(
    metricIds.flatMap((id) => (table[id] ? [[id, score(id, ...(table[id] as [number, number]))]] : [])),
  );
}

export function member(id: string, change: Partial<MemberEvidence> = {}): MemberEvidence {
  return {
    id,
    features: 100,
    width: 50,
    usage: { live: 100, deadByFiring: 0, deadByNorm: 0 },
    weights: {
      decoder: { mean: 0, std: 0.1, normMean: 1, normStd: 0.1, normMin: 0.8, normMax: 1.2 },
      encoder: { mean: 0, std: 0.1 },
    },
    numerics: { nan: 0, inf: 0, zeroFeatures: 0 },
    parallelFeatures: 0,
    init: { cosineMedian: 0.1, cosineMedianLive: 0.1, unmoved: 0 },
    ...change,
  };
}

/** The same change in every member. */
export function members(change: Partial<MemberEvidence> = {}): MemberEvidence[] {
  return ['a', 'b', 'c'].map((id) => member(id, change));
}

export function dead(count: number): Pick<MemberEvidence, 'usage'> {
  return { usage: { live: 100 - count, deadByFiring: count, deadByNorm: 0 } };
}

export function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    id: 'hand',
    members: members(),
    activations: { rows: 5000, distinctRows: 5000, effectiveRank: 30 },
    metrics: scores({
      'decoder.max': [0.9, 0.3],
      'decoder.max.live': [0.9, 0.3],
      'activation.max': [0.9, 0.2],
      'activation.max.live': [0.9, 0.2],
      'displacement.max': [0.8, 0.3],
    }),
    splits: {},
    counterfactual: [],
    ...change,
  };
}

/** Without activations: nothing is known of firing. */
export function weightsOnly(): Evidence {
  const { activations: _, ...rest } = evidence({
    members: ['a', 'b', 'c'].map((id) => {
      const { init: _, ...known } = member(id, { usage: { deadByNorm: 0 } });
      return known;
    }),
    metrics: scores({ 'decoder.max': [0.9, 0.3] }),
  });
  return rest;
}
