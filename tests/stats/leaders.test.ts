// Leaders against comparing every row with every leader, and distances that are given up.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Leaders, squaredDistance } from '../../src/stats/leaders.js';
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

test('a distance is whole up to the limit, and past it once it is given up', () => {
  const [a, b] = [new Float32Array(100).fill(1), new Float32Array(100)];
  expect(squaredDistance(a, b, 100)).toBe(100);
  expect(squaredDistance(a, b, 20)).toBeGreaterThan(20);
  expect(squaredDistance(a, b, 20)).toBeLessThan(100);
});
