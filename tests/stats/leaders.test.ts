// Leaders against comparing every row with every leader, and distances that are given up.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GroupSums, Leaders, squaredDistance } from '../../src/stats/leaders.js';
import { Rng, row, zeros } from '../../src/tensor/index.js';

test('they are the rows that are within the radius of none before', () => {
  const sizes = fc.record({
    rows: fc.integer({ min: 1, max: 60 }),
    cols: fc.integer({ min: 1, max: 20 }),
    radius: fc.constantFrom(0, 0.3, 1, 4, 30),
    kinds: fc.integer({ min: 1, max: 20 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(sizes, ({ rows, cols, radius, kinds, seed }) => {
      const rng = new Rng(seed, 'leaders');
      const x = zeros(rows, cols);
      rng.fillNormal(x.data);
      for (let n = kinds; n < rows; n++) {
        row(x, n).forEach((value, j, to) => {
          to[j] = x.data[(n % kinds) * cols + j] + 0.2 * value;
        });
      }
      const distance = (a: number, b: number) =>
        row(x, a).reduce((sum, value, j) => sum + (value - row(x, b)[j]) ** 2, 0);
      const expected: number[] = [];
      for (let n = 0; n < rows; n++) if (expected.every((l) => distance(l, n) > radius)) expected.push(n);
      const leaders = new Leaders(radius, cols);
      const found = Array.from({ length: rows }, (_, n) => n).filter((n) => leaders.offer(row(x, n)));
      expect(found).toEqual(expected);
      expect(leaders.count).toBe(expected.length);
    }),
  );
});

test('a leader is a copy, which stays as it was when the row is written over', () => {
  const leaders = new Leaders(1, 2);
  const row = new Float32Array([0, 0]);
  expect(leaders.offer(row)).toBe(true);
  row.fill(5);
  expect(leaders.offer(row)).toBe(true);
  expect(leaders.offer(new Float32Array([0.5, 0]))).toBe(false);
});

test('a row at the radius itself is within it', () => {
  const leaders = new Leaders(4, 1);
  const offered = [0, 2, 2.5].map((value) => leaders.offer(Float32Array.of(value)));
  expect(offered).toEqual([true, false, true]);
});

test.each([
  1, 8, 21,
])('the nearest sketch is that of the nearest sums of every eighth of %i coordinates', (cols) => {
  // More than the 64 there is room for at first; few whole values, so that there are ties and sums are exact.
  const rng = new Rng(7, 'sketches');
  const rows = Array.from({ length: 150 }, () => Float32Array.from({ length: cols }, () => rng.below(4)));
  const sums = (row: Float32Array) =>
    Array.from({ length: 8 }, (_, g) => row.reduce((sum, v, j) => sum + (j % 8 === g ? v : 0), 0));
  const sketches = new GroupSums(cols);
  expect(sketches.nearest(rows[0])).toBe(-1);
  const all: number[][] = [];
  for (const row of rows) {
    sketches.add(row);
    all.push(sums(row));
  }
  for (let n = 0; n < 60; n++) {
    const row = Float32Array.from({ length: cols }, () => rng.below(4));
    const own = sums(row);
    const distances = all.map((one) => one.reduce((sum, v, g) => sum + (v - own[g]) ** 2, 0));
    expect(sketches.nearest(row)).toBe(distances.indexOf(Math.min(...distances)));
  }
});

test('a distance is whole up to the limit, and past it once it is given up', () => {
  const [a, b] = [new Float32Array(100).fill(1), new Float32Array(100)];
  expect(squaredDistance(a, b, 100)).toBe(100);
  // It is looked at after every sixteen coordinates.
  expect(squaredDistance(a, b, 20)).toBe(32);
  expect(squaredDistance(a, b, 32)).toBe(48);
  expect(squaredDistance(a, b, 15)).toBe(16);
});
