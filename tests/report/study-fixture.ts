// Made-up results of studies that follow training, cross seeds, or plant a truth: shaped as real ones, known to the digit.
import type { TrajectoryPoint } from '../../src/evidence/trajectory.js';
import { type MeasuredMetric, measured } from '../../src/metrics/measured.js';
import { type Null, nullBand } from '../../src/metrics/nulls/null.js';
import { pairsOf } from '../../src/metrics/pairs/pair-scores.js';
import type { MetricId } from '../../src/metrics/registry.js';
import type { GroupResult, Results } from '../../src/results/results.js';
import { trajectoryResult } from '../../src/results/trajectory-result.js';
import { truthResult } from '../../src/results/truth-result.js';
import { varianceResult } from '../../src/results/variance-result.js';
import { Rng } from '../../src/tensor/index.js';
import { fixtureResults } from './fixture.js';

const base = fixtureResults();

const levels: Partial<Record<MetricId, Null>> = {
  'decoder.max': nullBand('random-directions', 0.2988, 0.0004, 20, true),
  'decoder.max.live': nullBand('random-directions', 0.298, 0.0006, 20, true),
  'decoder.matched': nullBand('random-directions', 0.24, 0.001, 20, false),
  'activation.max.live': nullBand('row-permutation', 0.1, 0.004, 20, false),
  'activation.matched.live': nullBand('row-permutation', 0.08, 0.004, 20, false),
};

/** A metric with this corrected mean, whose pairs scatter about it. */
function metricAt(
  id: MetricId,
  corrected: number,
  ids: readonly string[],
  rng: Rng,
  sd = 0.006,
): MeasuredMetric {
  const level = levels[id]!;
  const own = ids.map(() => sd * rng.normal());
  const pairs = pairsOf(ids.length).map(([i, j]) => {
    const value = level.mean + (1 - level.mean) * (corrected + own[i] + own[j]);
    return { a: ids[i], b: ids[j], value, aToB: value, bToA: value };
  });
  return measured({ id, pairs, leftOut: 0 }, ids, [level]);
}

function withoutIds(metrics: Partial<Record<MetricId, MeasuredMetric>>): GroupResult['metrics'] {
  return Object.fromEntries(Object.entries(metrics).map(([key, { id: _, ...metric }]) => [key, metric]));
}

const steps = [0, ...Array.from({ length: 14 }, (_, i) => 2 ** i)];
type Course = (step: number) => number;
const courses: { id: string; of: Partial<Record<MetricId, Course>>; start: Course; loss: Course }[] = [
  {
    id: 'layer0-plus',
    of: {
      'decoder.max': () => 0.012,
      'decoder.max.live': (t) => 0.3 / (1 + (700 / (t + 1)) ** 2),
      'decoder.matched': () => 0,
      'activation.max.live': (t) => 0.62 / (1 + (300 / (t + 1)) ** 1.5),
    },
    start: (t) => 1 / (1 + (t / 6000) ** 2),
    loss: (t) => 1 + 2 / (1 + t / 100),
  },
  {
    id: 'layer1-equals',
    of: {
      'decoder.max': (t) => 0.07 * Math.max(0, Math.log2(t + 1) - 8),
      'decoder.matched': (t) => 0.1 * Math.max(0, Math.log2(t + 1) - 8.5),
      'activation.max.live': (t) => 0.11 * Math.max(0, Math.log2(t + 1) - 6),
    },
    start: (t) => 1 / (1 + (t / 2000) ** 2),
    loss: (t) => 20 / (1 + t) ** 0.6,
  },
];

/** Two groups followed over training. */
export function followedResults(): Results {
  const groups = courses.map(({ id, of, start, loss }) => {
    const group = base.groups.find((g) => g.id === id)!;
    const points = steps.map((step): TrajectoryPoint => {
      const rng = new Rng(3, 'course', id, step);
      return {
        step,
        metrics: Object.fromEntries(
          Object.entries(of).map(([metric, course]) => [
            metric,
            metricAt(metric as MetricId, course(step), group.saes, rng),
          ]),
        ),
        initCosine: start(step),
        loss: loss(step),
      };
    });
    return { ...group, trajectory: trajectoryResult(points) };
  });
  return { ...base, groups };
}

/** Two groups of a 4 × 4 cross: init explains most in one, either seed is enough in the other. */
export function crossedResults(): Results {
  const shares = [
    { init: 0.6, order: 0.1, either: 0.3 },
    { init: 0.08, order: 0.04, either: 0.88 },
  ];
  const groups = base.groups.slice(0, 2).map((group, g) => {
    const members = Array.from({ length: 16 }, (_, at) => ({
      id: `${group.id}-${at}`,
      initSeed: Math.floor(at / 4),
      orderSeed: at % 4,
    }));
    const { init, order, either } = shares[g];
    const scores = (id: MetricId, most: number) => {
      const rng = new Rng(5, 'cross', id, g);
      const pairs = pairsOf(16).map(([i, j]) => {
        const [a, b] = [members[i], members[j]];
        const share =
          (a.initSeed === b.initSeed ? 0 : init) + (a.orderSeed === b.orderSeed ? 0 : order) + either;
        const value = 1 - most * share + 0.02 * rng.normal();
        return { a: a.id, b: b.id, value, aToB: value, bToA: value };
      });
      return measured(
        { id, pairs, leftOut: 0 },
        members.map((m) => m.id),
        [levels[id]!],
      );
    };
    const metrics = {
      'decoder.max.live': scores('decoder.max.live', 0.5),
      'decoder.matched': scores('decoder.matched', 0.6),
      'activation.max.live': scores('activation.max.live', 0.3),
    };
    return {
      ...group,
      saes: members.map((m) => m.id),
      metrics: withoutIds(metrics),
      variance: varianceResult(metrics, members)!,
    };
  });
  return { ...base, groups };
}

/** Ten groups: five overlaps, with little and with much noise. */
export function plantedResults(): Results {
  const ids = base.groups[0].saes;
  const bend: Partial<Record<MetricId, (overlap: number, noise: number) => number>> = {
    'decoder.max': (o) => 0.05 + 0.8 * o,
    'decoder.matched': (o, noise) => (0.97 - noise) * o,
    'activation.max.live': (o, noise) => (0.9 - 1.5 * noise) * o ** 1.4,
    'activation.matched.live': (o, noise) => 0.3 + (0.2 - noise) * (o < 0.6 ? o : 1 - o),
  };
  const groups = [0.05, 0.3].flatMap((noise) =>
    [0, 0.25, 0.5, 0.75, 1].map((overlap): GroupResult => {
      const rng = new Rng(7, 'planted', noise, overlap);
      const metrics = Object.fromEntries(
        Object.entries(bend).map(([id, score]) => [
          id,
          metricAt(id as MetricId, score(overlap, noise), ids, rng, 0.015),
        ]),
      );
      const match = 0.98 - noise;
      const level = nullBand('random-directions', 0.24, 0.002, 20, false);
      const members = ids.map((id) => ({
        id,
        match,
        null: level,
        corrected: (match - 0.24) / 0.76,
        recovered07: 1 - noise / 2,
        recovered09: 1 - noise,
      }));
      const both = overlap * (1 - noise) ** 2;
      const shared = Math.round(64 * overlap);
      const evidence = { features: 64, shared, members, both07: overlap, both09: both };
      const { layer: _, site: __, activations: ___, liveSplit: ____, ...group } = base.groups[3];
      return {
        ...group,
        id: `overlap${overlap}.noise${noise}`,
        metrics: withoutIds(metrics),
        truth: truthResult(evidence, { active: 4, noise, zipf: 0 }),
      };
    }),
  );
  return { ...base, groups };
}
