// The null of directions with the data's covariance: random directions for data without preference, crowded ones for others.
import { afterAll, expect, test } from 'vitest';
import { GroupContext, startMeasuring } from '../../../src/evidence/context.js';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { model } from '../../../src/metrics/nulls/data-covariance.js';
import { directionMax } from '../../../src/metrics/pairs/directions.js';
import { metricOf } from '../../../src/metrics/registry.js';
import { expectedMax } from '../../../src/stats/best-cosine.js';
import { type Matrix, Rng, zeros } from '../../../src/tensor/index.js';
import { member } from '../fixture.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

const d = 24;

function random(rows: number, seed: number, scale = (_j: number) => 1): Matrix {
  const out = zeros(rows, d);
  new Rng(seed, 'test').fillNormal(out.data);
  out.data.forEach((value, e) => {
    out.data[e] = value * scale(e % d);
  });
  return out;
}

async function level(x: Matrix | undefined, seed = 1) {
  const members = [member('a', random(80, 1)), member('b', random(80, 2)), member('c', random(80, 3))];
  const scatter = x && (await kernel.gram(x, { centred: true }));
  const measuring = startMeasuring({ kernel, seed, draws: 60 });
  const context = new GroupContext({ id: 'g', members, scatter }, measuring);
  const metric = metricOf('decoder.max');
  const scores = (await metric.measure(context))!;
  return model.level(metric, scores, context);
}

test('of data without preference it is that of random directions', async () => {
  const found = (await level(random(20_000, 9)))!;
  expect(found.kind).toBe('data-covariance');
  expect(Math.abs(found.mean - expectedMax(d, 80))).toBeLessThan(4 * found.meanError! + 1e-3);
});

test('of data in few dimensions it is that of directions drawn like them', async () => {
  const steep = (j: number) => 2 ** -j;
  const found = (await level(random(4000, 9, steep)))!;
  expect(found.mean).toBeGreaterThan(expectedMax(d, 80) + 0.2);
  // Rows of normal data themselves have its covariance, but for what scaling to length 1 evens out.
  const sets = [random(80, 11, steep), random(80, 12, steep)].map((rows, i) => ({ id: String(i), rows }));
  const drawn = (await directionMax('decoder.max', sets, kernel))!.pairs[0].value;
  expect(Math.abs(found.mean - drawn)).toBeLessThan(0.05);
});

test('is absent without activations and where they do not vary; no verdict rests on it', async () => {
  expect(await level(undefined)).toBeUndefined();
  expect(await level(zeros(10, d))).toBeUndefined();
  expect(model.decides).toBe(false);
});
