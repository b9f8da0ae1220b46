// Ids of metrics are stable: results, studies and programs go by them.
import { expect, test } from 'vitest';
import { metricIds, metricOf } from '../../src/metrics/registry.js';

test('every id that was ever shipped is there, once, and finds its metric', () => {
  expect(metricIds).toEqual(
    expect.arrayContaining([
      'decoder.max',
      'decoder.max.live',
      'decoder.matched',
      'decoder.matched.abs',
      'decoder.jaccard',
      'encoder.max',
      'encoder.matched',
      'shared',
      'shared.lenient',
      'activation.max',
      'activation.max.live',
      'activation.matched.live',
      'subspace.8',
      'subspace.16',
      'subspace.32',
      'subspace.64',
      'displacement.max',
    ]),
  );
  expect(new Set(metricIds).size).toBe(metricIds.length);
  for (const id of metricIds) expect(metricOf(id).id).toBe(id);
});
