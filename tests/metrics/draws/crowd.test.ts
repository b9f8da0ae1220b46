// A crowd of directions by hand: which axes it has, and that what is drawn is of length 1, in memory that is given.
import { afterAll, expect, test } from 'vitest';
import { createPortableKernel } from '../../../src/kernel/portable/index.js';
import { coordinates, crowdOf, drawOnAxes, inSpace } from '../../../src/metrics/draws/crowd.js';
import { fromRows, Rng, row } from '../../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

test('its axes are those above 1e-12 of the largest share, which together are the whole', () => {
  const values = Float64Array.of(1.1e-14, 0.01, 0.9e-14, 1e-12 * 0.01, 0.03 / 4, 0);
  const vectors = Float64Array.from({ length: 12 }, (_, i) => i);
  const { features, axes, moment, lambda } = crowdOf(7, { values, vectors });
  expect(features).toBe(7);
  expect(axes).toEqual(
    fromRows([
      [0, 1],
      [2, 3],
      [8, 9],
    ]),
  );
  const shares = [1.1e-14, 0.01, 0.0075].map((value) => value / 0.0175);
  [...moment].forEach((share, k) => {
    expect(share / shares[k]).toBeCloseTo(1, 10);
  });
  expect(lambda).toHaveLength(3);
  expect(lambda[1] + lambda[2]).toBeCloseTo(1, 10);
  expect(lambda[1]).toBeGreaterThan(lambda[2]);
});

const axes = fromRows([
  [0, 1, 0],
  [0, 0, 1],
]);
const crowd = { features: 4, moment: Float64Array.of(0.7, 0.3), lambda: Float64Array.of(0.8, 0.2), axes };

test('directions are normal numbers times √λ, at length 1, in the memory that is given', () => {
  const storage = new Float32Array(11);
  const drawn = drawOnAxes(crowd, 4, new Rng(1, 'test'), storage);
  expect(drawn.data.buffer).toBe(storage.buffer);
  expect([drawn.rows, drawn.cols, drawn.data.length]).toEqual([4, 2, 8]);
  const plain = drawOnAxes({ ...crowd, lambda: Float64Array.of(0.5, 0.5) }, 4, new Rng(1, 'test'));
  for (let i = 0; i < 4; i++) {
    const [a, b] = row(drawn, i);
    expect(Math.hypot(a, b)).toBeCloseTo(1, 6);
    const [x, y] = row(plain, i);
    // √(0.8/0.2) = 2 times as far along the first axis.
    expect(a / b / (x / y)).toBeCloseTo(2, 4);
  }
});

test('from the axes into space and back', async () => {
  const onAxes = fromRows([
    [0.6, 0.8],
    [1, 0],
    [0, -1],
  ]);
  const space = await inSpace(onAxes, crowd, kernel, {});
  expect(space).toEqual(
    fromRows([
      [0, 0.6, 0.8],
      [0, 1, 0],
      [0, 0, -1],
    ]),
  );
  expect(await coordinates(space, crowd, kernel, {})).toEqual(onAxes);
});
