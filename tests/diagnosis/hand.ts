// Evidence written by hand: a healthy group of three SAEs, with any part of it replaced, and what a check says of it.
import {
  checks,
  type Evidence,
  type Finding,
  type FindingId,
  type MemberEvidence,
  type PairDependence,
} from '../../src/diagnosis/index.js';
import type { MeasuredMetric } from '../../src/metrics/measured.js';
import { correctForChance, nullBand } from '../../src/metrics/nulls/null.js';
import { type MetricId, metricIds } from '../../src/metrics/registry.js';

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

/** A score of two pairs, a·b and a·c. */
export function overTwo(id: MetricId, values: readonly [number, number]): MeasuredMetric {
  const pairs = values.map((value, i) => ({ a: 'a', b: ['b', 'c'][i], value, aToB: value, bToA: value }));
  return { ...score(id, (values[0] + values[1]) / 2, 0.1), pairs, n: 2 };
}

/** Two runs that have nothing in common. */
export function independent(a: string, b: string): PairDependence {
  return { a, b, sameFeatures: 0, sameInit: false, atIndex: { mean: 0, shifted: 0, shiftedSd: 0.01 } };
}

export function member(id: string, change: Partial<MemberEvidence> = {}): MemberEvidence {
  return {
    id,
    features: 100,
    width: 50,
    usage: { live: 100, deadByFiring: 0, alwaysOn: 0, deadByNorm: 0 },
    weights: {
      decoder: { mean: 0, std: 0.1, normMean: 1, normStd: 0.1, normMin: 0.8, normMax: 1.2 },
      encoder: { mean: 0, std: 0.1 },
    },
    numerics: { nan: 0, inf: 0, zeroFeatures: 0 },
    parallelFeatures: 0,
    repeatedFeatures: 0,
    tinyFeatures: 0,
    giantFeatures: 0,
    encoderLeading: 0.05,
    fit: { mse: 0.1, explainedVariance: 0.9, l0: 4 },
    meanWritten: 0,
    denseFeatures: 0,
    init: { cosineMedian: 0.1, cosineMedianLive: 0.1, unmoved: 0 },
    ...change,
  };
}

/** The same change in every member. */
export function members(change: Partial<MemberEvidence> = {}): MemberEvidence[] {
  return ['a', 'b', 'c'].map((id) => member(id, change));
}

export function dead(count: number): Pick<MemberEvidence, 'usage'> {
  return { usage: { live: 100 - count, deadByFiring: count, alwaysOn: 0, deadByNorm: 0 } };
}

export function evidence(change: Partial<Evidence> = {}): Evidence {
  return {
    id: 'hand',
    members: members(),
    activations: { rows: 5000, distinctRows: 5000, effectiveRank: 30, meanShare: 0.05, places: {} },
    metrics: scores({
      'decoder.max': [0.9, 0.3],
      'decoder.max.live': [0.9, 0.3],
      'activation.max': [0.9, 0.2],
      'activation.max.live': [0.9, 0.2],
      'displacement.max': [0.8, 0.3],
    }),
    dependence: [independent('a', 'b'), independent('a', 'c'), independent('b', 'c')],
    splits: {},
    counterfactual: [],
    ...change,
  };
}

/** Without activations: nothing is known of firing. */
export function weightsOnly(): Evidence {
  const { activations: _, ...rest } = evidence({
    members: ['a', 'b', 'c'].map((id) => {
      const {
        init: _,
        fit: __,
        meanWritten: ___,
        denseFeatures: ____,
        ...known
      } = member(id, { usage: { deadByNorm: 0 } });
      return known;
    }),
    metrics: scores({ 'decoder.max': [0.9, 0.3] }),
  });
  return rest;
}

/** What the check for this finding says of a group changed so. */
export function finding(id: FindingId, change: Partial<Evidence> | Evidence): Finding {
  const whole = 'id' in change ? (change as Evidence) : evidence(change);
  const found = checks.find((one) => one.id === id)?.check(whole);
  if (!found) throw new Error(`no check gives ${id}`);
  return found;
}

/** Its verdict and severity, as `supported warn`. */
export const outcome = (id: FindingId, change: Partial<Evidence>) => {
  const { verdict, severity } = finding(id, change);
  return `${verdict} ${severity}`;
};
