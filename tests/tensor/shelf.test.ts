// Matrices whose values are made when they are asked for: the same each time, and never more of them held than is allowed.
import { expect, it } from 'vitest';
import { type Matrix, sharedFloat32 } from '../../src/tensor/matrix.js';
import { isShelved, Shelf } from '../../src/tensor/shelf.js';

/** Of n values, all of them `value`; counts how often they are made. */
function counted(shelf: Shelf, value: number, n = 100): { matrix: Matrix; made: () => number } {
  let made = 0;
  const matrix = shelf.matrix(1, n, () => {
    made++;
    return new Float32Array(n).fill(value);
  });
  return { matrix, made: () => made };
}

it('makes values when they are asked for, and holds them', () => {
  const { matrix, made } = counted(new Shelf(10_000), 7);
  expect([matrix.rows, matrix.cols, made()]).toEqual([1, 100, 0]);
  expect(matrix.data[99]).toBe(7);
  expect(matrix.data).toBe(matrix.data);
  expect(made()).toBe(1);
  expect(isShelved(matrix)).toBe(true);
  expect(isShelved({ rows: 1, cols: 1, data: Float32Array.of(1) })).toBe(false);
});

it('lets go of what was asked for longest ago, and makes it again', () => {
  // Four of 400 bytes fit.
  const shelf = new Shelf(1700);
  const all = [1, 2, 3, 4, 5, 6].map((value) => counted(shelf, value));
  for (const { matrix } of all.slice(0, 4)) void matrix.data;
  // The first is in use: the second goes.
  void all[0].matrix.data;
  void all[4].matrix.data;
  expect([all[0].matrix.data[0], all[1].matrix.data[99]]).toEqual([1, 2]);
  expect(all.map(({ made }) => made())).toEqual([1, 2, 1, 1, 1, 0]);
});

it('holds three of the largest, however little is allowed', () => {
  const shelf = new Shelf(1);
  const all = [1, 2, 3].map((value) => counted(shelf, value));
  for (let times = 0; times < 3; times++) for (const { matrix } of all) void matrix.data;
  expect(all.map(({ made }) => made())).toEqual([1, 1, 1]);
});

it('makes what belongs together in one go', () => {
  let made = 0;
  const [a, b] = new Shelf(1e6).together(
    [
      [2, 2],
      [1, 3],
    ],
    () => {
      made++;
      return [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7)];
    },
  );
  expect([...b.data]).toEqual([5, 6, 7]);
  expect([...a.data]).toEqual([1, 2, 3, 4]);
  expect([b.rows, b.cols, made]).toEqual([1, 3, 1]);
});

it('takes no more memory than it holds and one more, however many are asked for', async () => {
  const bytes = 2 ** 26;
  const shelf = new Shelf(3 * bytes);
  const all = Array.from({ length: 12 }, () =>
    shelf.matrix(1, bytes / 4, () => sharedFloat32(bytes / 4).fill(1)),
  );
  const before = process.memoryUsage.rss();
  let most = 0;
  for (const matrix of all) {
    expect(matrix.data[7]).toBe(1);
    await new Promise((done) => setTimeout(done, 20));
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  expect(most).toBeLessThan(6 * bytes);
});
