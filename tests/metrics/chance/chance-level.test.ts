// Chance levels by metric and shape: the exact ones, the check beside them, and what there is none for.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { metricsOfShapes, nullOf } from '../../../src/metrics/chance/chance-level.js';
import { type MetricId, metricIds } from '../../../src/metrics/registry.js';
import { expectedMax } from '../../../src/stats/best-cosine.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());
const options = { kernel, seed: 1, draws: 20 };

test('every metric of weights has one, and where it is exact the draws agree', async () => {
  for (const metric of metricIds.filter((id) => !id.startsWith('activation.'))) {
    const level = await nullOf(metric, { dModel: 70, dSae: 80, dSaeB: 90 }, options);
    expect(level.metric).toBe(metric);
    // Neighbourhoods have no formula.
    expect(level.null.exact, metric).toBe(metric !== 'decoder.jaccard');
    if (!level.null.exact) {
      expect(level.null.meanError, metric).toBeGreaterThan(0);
      expect(level).not.toHaveProperty('check');
      continue;
    }
    const { check } = level;
    expect(check?.of, metric).toBe('pairs');
    expect(Math.abs(check!.mean - level.null.mean), metric).toBeLessThan(5 * check!.meanError + 1e-12);
  }
});

test('the published example, and shapes too large to draw', async () => {
  const level = await nullOf('decoder.max', { dModel: 128, dSae: 1024 }, { ...options, draws: 2 });
  expect(level.null.mean.toFixed(4)).toBe('0.2988');
  const large = await nullOf('decoder.max', { dModel: 768, dSae: 12_288 }, { ...options, draws: 2 });
  expect(large.null).toMatchObject({ mean: expectedMax(768, 12_288), draws: 0 });
  expect(large.check).toMatchObject({ of: 'features', draws: 100 });
  expect(Math.abs(large.check!.mean - large.null.mean)).toBeLessThan(4 * large.check!.meanError);
  const wide = await nullOf('shared.lenient', { dModel: 768, dSae: 12_288 }, options);
  expect(wide.null.mean).toBeCloseTo(1 / 12_288, 12);
  expect(wide).not.toHaveProperty('check');
});

test('signed and absolute one-to-one scores have a null each', async () => {
  const shape = { dModel: 12, dSae: 20 };
  const [signed, encoder, abs] = await Promise.all(
    (['decoder.matched', 'encoder.matched', 'decoder.matched.abs'] as const).map((metric) =>
      nullOf(metric, shape, options),
    ),
  );
  expect(encoder.null).toEqual(signed.null);
  expect(abs.null.mean).toBeGreaterThan(signed.null.mean + 3 * signed.null.meanError!);
});

test('unequal widths mean both', async () => {
  const { null: level } = await nullOf('decoder.max', { dModel: 12, dSae: 20, dSaeB: 50 }, options);
  expect(level.mean).toBeCloseTo(0.5 * (expectedMax(12, 20) + expectedMax(12, 50)), 12);
});

test('they are had for all metrics but those of codes', () => {
  expect(metricsOfShapes).toEqual(metricIds.filter((id) => !id.startsWith('activation.')));
});

test('what has no formula is drawn; what has one stands beside its check', async () => {
  const shape = { dModel: 9, dSae: 12 };
  const drawn = await nullOf('decoder.jaccard', shape, { ...options, draws: 2 });
  expect(drawn).toMatchObject({ null: { kind: 'random-directions', draws: 2, exact: false } });
  expect(drawn).not.toHaveProperty('check');
  // The largest subspace that fits: one dimension, or one feature, less would be too few.
  const subspace = await nullOf('subspace.8', { dModel: 9, dSae: 8 }, { ...options, draws: 3 });
  expect(subspace).toMatchObject({ null: { mean: 8 / 9, exact: true }, check: { of: 'pairs', draws: 3 } });
});

test.each<[MetricId, object, RegExp]>([
  ['activation.max', { dModel: 12, dSae: 20 }, /metric: .*depends on how often they fire.*activation\.max/],
  ['activation.matched.live', { dModel: 12, dSae: 20 }, /metric/],
  ['subspace.16', { dModel: 16, dSae: 64 }, /16 directions.*at most 15/],
  ['subspace.8', { dModel: 16, dSae: 7 }, /metric: no subspace.*at most 7/],
  ['subspace.8', { dModel: 8, dSae: 16 }, /metric: no subspace.*at most 7/],
  ['decoder.max', { dModel: 0, dSae: 7 }, /dModel.*≥ 1/],
  ['decoder.max', { dModel: 3, dSae: 7, dSaeB: 1.5 }, /dSaeB/],
  ['shared', { dModel: 3, dSae: Number.NaN }, /dSae/],
])('%s of %j is refused', async (metric, shape, message) => {
  const refused = nullOf(metric, shape as never, options);
  await expect(refused).rejects.toMatchObject({
    code: 'usage.argument',
    message: expect.stringMatching(message),
  });
});

test('too few draws are refused for every metric', async () => {
  for (const metric of ['decoder.max', 'shared.lenient', 'subspace.8'] as const) {
    await expect(nullOf(metric, { dModel: 32, dSae: 32 }, { ...options, draws: 1 })).rejects.toThrow(/draws/);
  }
  // Also where nothing would be drawn.
  const large = nullOf('decoder.matched', { dModel: 768, dSae: 12_288 }, { ...options, draws: 1 });
  await expect(large).rejects.toThrow(/draws/);
});
