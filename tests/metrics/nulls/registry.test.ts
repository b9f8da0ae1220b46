// What each null says of itself: what it leaves in, what may rest on it, which scores it is for and what it costs.
import { expect, test } from 'vitest';
import type { Metric } from '../../../src/metrics/metric.js';
import { nullKinds, nullModel } from '../../../src/metrics/nulls/registry.js';
import { type MetricId, metrics } from '../../../src/metrics/registry.js';

const all = metrics as readonly Metric<MetricId>[];

test('what each keeps, and whether it decides', () => {
  const told = nullKinds.map((kind) => {
    const { version, keeps, decides } = nullModel(kind);
    return [`${kind} v${version}`, [...keeps].sort().join(' '), decides];
  });
  expect(told.sort()).toEqual([
    ['covariance-matched v1', 'crowding', true],
    ['data-covariance v1', '', false],
    ['own-init v2', 'start', true],
    ['random-directions v1', '', true],
    ['random-subspaces v1', '', true],
    ['row-permutation v1', '', true],
    ['untrained v2', 'crowding data start', true],
  ]);
});

test('the scores that each is for', () => {
  const ofWeights = all.flatMap(({ id }) => (/^(activation|subspace)/.test(id) ? [] : [id]));
  const best = ['decoder.max', 'decoder.max.live'];
  const firing = ['activation.max', 'activation.max.live'];
  const fit = nullKinds.map((kind) => [kind, all.filter(nullModel(kind).fits).map(({ id }) => id)]);
  expect(Object.fromEntries(fit)).toEqual({
    'random-directions': ofWeights,
    'covariance-matched': best,
    'data-covariance': best,
    'own-init': best,
    untrained: firing,
    'row-permutation': [...firing, 'activation.matched.live'],
    'random-subspaces': ['subspace.8', 'subspace.16', 'subspace.32', 'subspace.64'],
  });
  // And each score is corrected by one that is for it.
  for (const metric of all) expect(nullModel(metric.null).fits(metric), metric.id).toBe(true);
});

test('what a level asks of the kernel: two scores over the same draws pay once', () => {
  const asked = nullKinds.flatMap((kind) =>
    all.filter(nullModel(kind).fits).flatMap((metric) => {
      const work = nullModel(kind).work(metric);
      return Object.keys(work).length === 0 ? [] : [[kind, metric.id, work]];
    }),
  );
  expect(asked).toEqual([
    ['covariance-matched', 'decoder.max', { perSae: { spectrum: 1, product: 1, match: 0.5 } }],
    ['data-covariance', 'decoder.max', { perGroup: { spectrum: 1, match: 1 } }],
    ['data-covariance', 'decoder.max.live', { perGroup: { spectrum: 1, match: 1 } }],
    ['own-init', 'decoder.max', { perPair: { match: 1 } }],
    ['own-init', 'decoder.max.live', { perPair: { match: 1 } }],
    ['untrained', 'activation.max', { perPair: { coFire: 1 } }],
    ['row-permutation', 'activation.max', { perGroup: { coFire: 2 } }],
    ['row-permutation', 'activation.matched.live', { perGroup: { assignCodes: 2 } }],
  ]);
});
