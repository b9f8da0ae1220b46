// One metric beside its nulls: which fit it, in which order, and when it cannot be had.
import { expect, test } from 'vitest';
import { GroupContext, startMeasuring } from '../../src/evidence/context.js';
import { measureMetric, nullsOf } from '../../src/evidence/measure-metrics.js';
import type { Metric } from '../../src/metrics/metric.js';
import { type MetricId, metricOf } from '../../src/metrics/registry.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows, type Matrix } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';
import { atOnce } from './at-once.js';

function contextOf(members: readonly Member[]) {
  const parts: string[] = [];
  const onProgress = (part: string) => parts.push(part);
  const context = new GroupContext(
    { id: 'g', members },
    startMeasuring({ kernel: atOnce, seed: 0, draws: 2, onProgress }),
  );
  return { context, parts };
}

/** Rows that are turned by so much from three axes of a plane. */
const turned = (by: number): Matrix =>
  fromRows([0, 1, 2].map((i) => [Math.cos(i + by), Math.sin(i + by), 0.1 * i]));
const codes = fromDense([
  [1, 0, 2],
  [0, 1, 0],
]);
const bare = [member('a', turned(0)), member('b', turned(0.3))];
const full = [member('a', turned(0), codes, turned(1)), member('b', turned(0.3), codes, turned(2))];

const kindsOf = (id: MetricId) => nullsOf(metricOf(id)).map(({ kind }) => kind);

test('the null that corrects a metric comes first, those that do not fit it are left out', () => {
  expect(kindsOf('activation.max')).toEqual(['row-permutation', 'untrained']);
  expect(kindsOf('decoder.max')).toEqual([
    'random-directions',
    'covariance-matched',
    'data-covariance',
    'own-init',
  ]);
  expect(kindsOf('subspace.8')).toEqual(['random-subspaces']);
});

test('a metric stands beside all nulls that can be had, or beside its own alone', async () => {
  const { context, parts } = contextOf(full);
  const all = (await measureMetric(metricOf('decoder.max'), context))!;
  expect(all.null?.kind).toBe('random-directions');
  // There are no activations that could have a covariance.
  expect(all.otherNulls?.map(({ kind }) => kind)).toEqual(['covariance-matched', 'own-init']);
  expect(parts).toEqual([
    'g/decoder.max',
    'g/decoder.max/random-directions',
    'g/decoder.max/covariance-matched',
    'g/decoder.max/data-covariance',
    'g/decoder.max/own-init',
  ]);
  const own = (await measureMetric(metricOf('decoder.max'), contextOf(full).context, { ownNullOnly: true }))!;
  const { otherNulls: _, ...rest } = all;
  expect(own).toEqual(rest);
  expect(own).not.toHaveProperty('otherNulls');
});

test('needs are to be met by every SAE, and all of them', async () => {
  const needing = (...needs: Metric['needs']): Metric<MetricId> => ({ ...metricOf('decoder.max'), needs });
  const measured = async (metric: Metric<MetricId>, members: readonly Member[]) => {
    const { context, parts } = contextOf(members);
    return (await measureMetric(metric, context, { ownNullOnly: true })) ? 'yes' : parts.join();
  };
  expect(await measured(needing('codes'), [full[0], bare[1]])).toBe('');
  expect(await measured(needing('codes'), bare)).toBe('');
  expect(await measured(needing('codes'), full)).toBe('yes');
  const { init: _, ...first } = full[0];
  expect(await measured(needing('codes', 'init'), [first, full[1]])).toBe('');
  expect(await measured(needing('codes', 'init'), full)).toBe('yes');
  expect(await measured(needing(), bare)).toBe('yes');
});

test('a metric with nothing to score has no nulls', async () => {
  const { context, parts } = contextOf([bare[0], member('b', fromRows([[0, 0, 0]]))]);
  expect(await measureMetric(metricOf('decoder.max'), context)).toBeUndefined();
  expect(parts).toEqual(['g/decoder.max']);
});
