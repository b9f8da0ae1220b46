// What is kept of a row: projections, size and hash, against sums written out; and that no bit of a row is left out of its hash.
import { expect, test } from 'vitest';
import { projectionCount, RowSketches, spread } from '../../src/stats/row-sketches.js';
import { fromRows, type Matrix, Rng, zeros } from '../../src/tensor/index.js';

/** The weights of so many coordinates: the projections of unit vectors. */
function weightsOf(cols: number): number[] {
  const units = zeros(cols, cols);
  for (let j = 0; j < cols; j++) units.data[j * cols + j] = 1;
  const { projections } = sketchesOf(units, new Float64Array(cols));
  return Array.from({ length: cols }, (_, j) => projections[j * projectionCount + (j % projectionCount)]);
}

function sketchesOf(x: Matrix, shift: Float64Array): RowSketches {
  const sketches = new RowSketches(x.rows, shift);
  sketches.add(x);
  return sketches;
}

test.each([1, 7, 8, 16, 29])('projections, sizes and reach in %i dimensions', (cols) => {
  const x = zeros(5, cols);
  const rng = new Rng(3, 'rows');
  rng.fillNormal(x.data);
  const shift = Float64Array.from({ length: cols }, () => rng.normal());
  const w = weightsOf(cols);
  expect(new Set(w).size).toBe(cols);
  const { projections, sizes, reach, rows } = sketchesOf(x, shift);
  expect(rows).toBe(5);
  const of = (n: number, j: number) => x.data[n * cols + j] - shift[j];
  const all = Array.from({ length: cols }, (_, j) => j);
  for (let k = 0; k < projectionCount; k++) {
    const own = all.filter((j) => j % projectionCount === k);
    expect(reach[k]).toBeCloseTo(
      own.reduce((sum, j) => sum + Math.abs(w[j]), 0),
      12,
    );
    for (let n = 0; n < x.rows; n++) {
      const expected = own.reduce((sum, j) => sum + w[j] * of(n, j), 0);
      expect(projections[n * projectionCount + k]).toBeCloseTo(expected, 5);
    }
  }
  for (let n = 0; n < x.rows; n++)
    expect(sizes[n]).toBeCloseTo(
      all.reduce((sum, j) => sum + of(n, j) ** 2, 0),
      9,
    );
});

test('weights are normal numbers of a stream of their own, the same every time', () => {
  const drawn = new Float32Array(403);
  new Rng(0, 'distinct-rows').fillNormal(drawn);
  expect(weightsOf(403)).toEqual(Array.from(drawn));
});

test('bits are spread as the finaliser of MurmurHash3 does', () => {
  // The 32-bit hash of no bytes is the finaliser of the seed: test vectors of the reference implementation.
  expect([0, 1, -1].map((seed) => spread(seed) >>> 0)).toEqual([0, 0x514e28b7, 0x81f16f39]);
});

test('whatever single bit of a row is another, its hash is another', () => {
  const cols = 19;
  const row = new Float32Array(cols);
  new Rng(4, 'rows').fillNormal(row);
  const bits = new Int32Array(32 * cols * cols);
  for (let at = 0; at < 32 * cols; at++) {
    bits.set(new Int32Array(row.buffer), at * cols);
    bits[at * cols + (at >> 5)] ^= 1 << (at & 31);
  }
  const changed = { rows: 32 * cols, cols, data: new Float32Array(bits.buffer) };
  const { hashes } = sketchesOf(changed, new Float64Array(cols));
  const [own] = sketchesOf({ rows: 1, cols, data: row }, new Float64Array(cols)).hashes;
  // All differ, from the row's own and from each other: of 608 hashes two are equal by accident once in 20,000 times.
  expect(new Set([own, ...hashes]).size).toBe(32 * cols + 1);
});

test('rows of few values in any order have hashes of their own, equal rows the same', () => {
  const all = Array.from({ length: 3 ** 8 }, (_, n) =>
    Array.from({ length: 8 }, (_, j) => Math.floor(n / 3 ** j) % 3),
  );
  const { hashes } = sketchesOf(fromRows([...all, ...all]), new Float64Array(8));
  // Of 6561 hashes of 32 bits 0.005 pairs are equal by accident.
  expect(new Set(hashes).size).toBe(3 ** 8);
  expect(hashes.subarray(3 ** 8)).toEqual(hashes.subarray(0, 3 ** 8));
});

test('rows that come in blocks have the sketches of all at once', () => {
  const x = zeros(6, 11);
  new Rng(5, 'rows').fillNormal(x.data);
  const shift = new Float64Array(11).fill(0.5);
  const whole = sketchesOf(x, shift);
  const parts = new RowSketches(6, shift);
  for (const [from, to] of [
    [0, 1],
    [1, 4],
    [4, 6],
  ])
    parts.add({ rows: to - from, cols: 11, data: x.data.subarray(from * 11, to * 11) });
  expect(parts).toEqual(whole);
});
