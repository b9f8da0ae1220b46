// Contract of the spectrum operations: Gram matrices, eigenvalues and leading subspaces against numpy, by hand, and where eigenvalues are equal.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spectrumJobs } from '../../src/kernel/portable/spectrum.js';
import { subspaceOverlap } from '../../src/kernel/spectrum.js';
import { fromRows, matrix, Rng, zeros } from '../../src/tensor/index.js';
import { describeEveryKernel } from './every-kernel.js';

interface Case {
  name: string;
  rows: number;
  cols: number;
  r: number;
  x: string;
  gram: string;
  centred: string;
  eigenvalues: string;
  sigma: string;
  projector: string;
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../fixtures/spectrum.json', import.meta.url), 'utf8'));

function bytes(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text, 'base64')).buffer;
}

/** Largest difference, as a share of the largest expected size. */
function error(found: Float64Array, expected: Float64Array): number {
  expect(found.length).toBe(expected.length);
  const size = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  return found.reduce((most, v, i) => Math.max(most, Math.abs(v - expected[i])), 0) / size;
}

function projector(vectors: Float64Array, r: number, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let k = 0; k < r; k++) {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) out[i * d + j] += vectors[k * d + i] * vectors[k * d + j];
    }
  }
  return out;
}

function identity(n: number): Float64Array {
  return projector(
    Float64Array.from({ length: n * n }, (_, e) => (e % (n + 1) === 0 ? 1 : 0)),
    n,
    n,
  );
}

/** V·Vᵀ of R rows, which is the identity when they are orthonormal. */
function rowProducts(vectors: Float64Array, r: number, d: number): Float64Array {
  return Float64Array.from({ length: r * r }, (_, e) => {
    let sum = 0;
    for (let t = 0; t < d; t++) sum += vectors[Math.floor(e / r) * d + t] * vectors[(e % r) * d + t];
    return sum;
  });
}

describeEveryKernel('the spectrum', (one, two) => {
  describe.each(cases)('as numpy has it: $name', (c) => {
    const x = matrix(c.rows, c.cols, new Float32Array(bytes(c.x)));
    const read = (key: 'gram' | 'centred' | 'eigenvalues' | 'sigma' | 'projector') =>
      new Float64Array(bytes(c[key]));

    test('Gram matrices', async () => {
      expect(error(await one.gram(x, { centred: false }), read('gram'))).toBeLessThan(1e-13);
      expect(error(await one.gram(x, { centred: true }), read('centred'))).toBeLessThan(1e-13);
    });

    test('eigenvalues', async () => {
      expect(error(await one.symmetricEigenvalues(read('gram'), c.cols), read('eigenvalues'))).toBeLessThan(
        1e-13,
      );
    });

    test('the leading subspace', async () => {
      const found = await one.topSubspace(x, c.r);
      expect(error(found.values, read('sigma'))).toBeLessThan(1e-10);
      expect(error(projector(found.vectors, c.r, c.cols), read('projector'))).toBeLessThan(1e-8);
      expect(error(rowProducts(found.vectors, c.r, c.cols), identity(c.r))).toBeLessThan(1e-12);
      for (let k = 0; k < c.r; k++) {
        const vector = [...found.vectors.subarray(k * c.cols, (k + 1) * c.cols)];
        expect(Math.max(...vector)).toBe(Math.max(...vector.map(Math.abs)));
      }
    });
  });

  test('by hand: a 2 × 2 matrix, a diagonal one, one of size 1, none', async () => {
    const pair = await one.symmetricEigenvalues(Float64Array.of(2, 1, 1, 2), 2);
    expect(pair[0]).toBeCloseTo(1, 14);
    expect(pair[1]).toBeCloseTo(3, 14);
    expect([...(await one.symmetricEigenvalues(Float64Array.of(3, 0, 0, 0, -7, 0, 0, 0, 0), 3))]).toEqual([
      -7, 0, 3,
    ]);
    expect([...(await one.symmetricEigenvalues(Float64Array.of(5), 1))]).toEqual([5]);
    expect([...(await one.symmetricEigenvalues(new Float64Array(0), 0))]).toEqual([]);
    expect([...(await one.gram(zeros(0, 2), { centred: true }))]).toEqual([0, 0, 0, 0]);
  });

  test('by hand: the leading direction of two rows, with its sign', async () => {
    const { vectors, values, gap } = await one.topSubspace(
      fromRows([
        [-3, 0, 0],
        [0, 1, 0],
      ]),
      2,
    );
    expect(values[0]).toBeCloseTo(3, 14);
    expect(values[1]).toBeCloseTo(1, 14);
    expect(error(vectors, Float64Array.of(1, 0, 0, 0, 1, 0))).toBeLessThan(1e-14);
    expect(gap).toBeCloseTo(1 / 9, 14);
  });

  test('equal eigenvalues give orthonormal vectors, and a gap of 0 says that the choice is arbitrary', async () => {
    for (const n of [2, 7, 40]) {
      const rows = Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => (i === j ? 2 : 0)),
      );
      const { vectors, values, gap } = await one.topSubspace(fromRows(rows), n - 1);
      expect(error(values, new Float64Array(n - 1).fill(2))).toBeLessThan(1e-14);
      expect(error(rowProducts(vectors, n - 1, n), identity(n - 1))).toBeLessThan(1e-12);
      expect(gap).toBeLessThan(1e-14);
    }
    const none = await one.topSubspace(zeros(3, 4), 2);
    expect([...none.values]).toEqual([0, 0]);
    expect(error(rowProducts(none.vectors, 2, 4), identity(2))).toBeLessThan(1e-12);
  });

  test('fewer rows than directions: the values that are 0 converge too', async () => {
    for (let seed = 0; seed < 6; seed++) {
      for (const [rows, cols] of [
        [8, 128],
        [16, 70],
      ]) {
        const m = zeros(rows, cols);
        new Rng(seed, 'rank').fillNormal(m.data);
        const { vectors, values } = await one.topSubspace(m, rows + 2);
        // Their squares are 0 up to rounding of the largest square.
        expect(values[rows]).toBeLessThan(1e-6 * values[0]);
        expect(values[rows - 1]).toBeGreaterThan(0.1 * values[0]);
        expect(error(rowProducts(vectors, rows + 2, cols), identity(rows + 2))).toBeLessThan(1e-12);
      }
    }
  });

  test('eigenvalues keep trace and sum of squares, and do not mind scale or the lower triangle', async () => {
    const entries = fc
      .integer({ min: 1, max: 45 })
      .chain((n) =>
        fc.record({ n: fc.constant(n), seed: fc.nat(), scale: fc.constantFrom(1, 2 ** -300, 2 ** 300) }),
      );
    await fc.assert(
      fc.asyncProperty(entries, async ({ n, seed, scale }) => {
        const rng = new Rng(seed, 'symmetric');
        const a = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = i; j < n; j++) {
            a[i * n + j] = rng.below(7) - 3;
            a[j * n + i] = a[i * n + j];
          }
        }
        const values = await one.symmetricEigenvalues(a, n);
        const trace = values.reduce((sum, v) => sum + v, 0);
        expect(trace).toBeCloseTo(
          a.filter((_, e) => e % (n + 1) === 0).reduce((sum, v) => sum + v, 0),
          9,
        );
        expect(values.reduce((sum, v) => sum + v * v, 0)).toBeCloseTo(
          a.reduce((sum, v) => sum + v * v, 0),
          8,
        );
        expect([...values]).toEqual([...values].sort((p, q) => p - q));
        for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = Number.NaN;
        expect(
          await one.symmetricEigenvalues(
            a.map((v) => v * scale),
            n,
          ),
        ).toEqual(values.map((v) => v * scale));
      }),
      { numRuns: 25 },
    );
  });

  test('overlap: a subspace with itself 1, with its complement 0', async () => {
    const x = fromRows([
      [3, 0, 0, 0],
      [0, 2, 0, 0],
    ]);
    const y = fromRows([
      [0, 0, 3, 0],
      [0, 0, 0, 2],
    ]);
    const [a, b] = [await one.topSubspace(x, 2), await one.topSubspace(y, 2)];
    expect(subspaceOverlap(a, a)).toBeCloseTo(1, 13);
    expect(subspaceOverlap(a, b)).toBeCloseTo(0, 13);
  });

  test('what is not finite, not square or too many directions is refused', async () => {
    const refused = async (work: Promise<unknown>, code: string, message: RegExp) => {
      await expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    };
    const infinite = fromRows([[1, Number.POSITIVE_INFINITY]]);
    await refused(
      one.symmetricEigenvalues(Float64Array.of(1, Number.NaN, 0, 1), 2),
      'input.non-finite',
      /a\[0, 1\]/,
    );
    await refused(one.symmetricEigenvalues(Float64Array.of(1, 2, 3), 2), 'input.shape', /4/);
    await refused(one.gram(infinite, { centred: false }), 'input.non-finite', /x\[0, 1\]/);
    const [sum, shift] = [new Float64Array(4), new Float64Array(2)];
    await refused(one.addGram(sum, infinite, shift), 'input.non-finite', /x\[0, 1\]/);
    await refused(one.addGram(sum.subarray(1), zeros(1, 2), shift), 'input.shape', /sum/);
    await refused(one.addGram(sum, zeros(1, 2), shift.subarray(1)), 'input.shape', /shift/);
    await refused(
      one.addGram(sum, zeros(1, 2), Float64Array.of(0, Number.NaN)),
      'input.non-finite',
      /shift\[1\]/,
    );
    await refused(one.multiply(zeros(2, 2), infinite), 'input.non-finite', /b\[0, 1\]/);
    await refused(one.multiply(infinite, zeros(2, 2)), 'input.non-finite', /a\[0, 1\]/);
    await refused(one.multiply(zeros(2, 2), zeros(2, 3)), 'input.shape', /3/);
    await refused(one.topSubspace(infinite, 1), 'input.non-finite', /m\[0, 1\]/);
    await refused(one.topSubspace(zeros(9, 3), 4), 'input.shape', /1 … 3/);
    await refused(one.topSubspace(zeros(9, 3), 0), 'input.shape', /1 … 3/);
  });

  test('the same bytes as the portable functions, at any number of threads', async () => {
    for (const [rows, cols] of [
      [0, 3],
      [1, 1],
      [5, 1],
      [300, 67],
      [513, 130],
    ]) {
      const x = zeros(rows, cols);
      new Rng(rows, 'spectrum').fillNormal(x.data);
      // Twins, and numbers that are nearly nothing.
      for (let n = 2; n < Math.min(rows, 40); n += 2) x.data.copyWithin(n * cols, (n - 1) * cols, n * cols);
      if (rows > 1) x.data[cols] = 2 ** -149;
      for (const kernel of [one, two]) {
        for (const centred of [false, true]) {
          expect(await kernel.gram(x, { centred })).toEqual(spectrumJobs.gram({ x, centred }));
        }
        const a = await kernel.gram(x, { centred: true });
        expect(await kernel.symmetricEigenvalues(a, cols)).toEqual(spectrumJobs.eigenvalues({ a, n: cols }));
        for (const r of new Set([1, Math.min(cols, 9), cols])) {
          expect(await kernel.topSubspace(x, r)).toEqual(spectrumJobs.subspace({ m: x, r }));
        }
      }
    }
  });

  test('by hand: a Gram matrix added to, around a shift', async () => {
    const sum = Float64Array.of(10, 20, 20, 40);
    const x = fromRows([
      [1, 5],
      [3, 2],
    ]);
    await one.addGram(sum, x, Float64Array.of(1, 4));
    // (0, 1) and (2, −2)
    expect([...sum]).toEqual([14, 16, 16, 45]);
  });

  test('blocks of 256 rows added one after the other: the bytes of all rows at once', async () => {
    const [rows, cols] = [1100, 37];
    const x = zeros(rows, cols);
    new Rng(3, 'blocks').fillNormal(x.data);
    const means = new Float64Array(cols);
    for (let n = 0; n < rows; n++) for (let j = 0; j < cols; j++) means[j] += x.data[n * cols + j];
    const shift = means.map((sum) => sum / rows);
    const whole = await one.gram(x, { centred: true });
    for (const kernel of [one, two]) {
      // As users hold it, and in shared memory.
      for (const buffer of [new ArrayBuffer(8 * cols * cols), new SharedArrayBuffer(8 * cols * cols)]) {
        const sum = new Float64Array(buffer);
        for (const [from, to] of [
          [0, 256],
          [256, 768],
          [768, 768],
          [768, 1100],
        ]) {
          const part = { rows: to - from, cols, data: x.data.subarray(from * cols, to * cols) };
          await kernel.addGram(sum, part, shift);
        }
        expect([...sum]).toEqual([...whole]);
      }
    }
  });

  test('by hand: products of rows, rounded once', async () => {
    const a = fromRows([
      [1, 2],
      [3, -4],
      [0, 0],
    ]);
    const b = fromRows([
      [5, 6],
      [1, 2 ** -30],
    ]);
    const { rows, cols, data } = await one.multiply(a, b);
    expect([rows, cols]).toEqual([3, 2]);
    expect(data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...data]).toEqual([17, 1, -9, 3, 0, 0].map(Math.fround));
    // 2²⁵ + 1 − 2²⁵ is 1 in float64 and 0 in float32.
    const cancelling = await one.multiply(fromRows([[2 ** 25, 1, -(2 ** 25)]]), fromRows([[1, 1, 1]]));
    expect([...cancelling.data]).toEqual([1]);
  });

  test('products: each the float64 sum in ascending order, at any shape and number of threads', async () => {
    for (const [n, m, k] of [
      [0, 3, 2],
      [3, 0, 2],
      [2, 3, 0],
      [1, 1, 1],
      [70, 65, 33],
      [300, 26, 5],
      [9, 300, 130],
      [3, 30, 60_000],
    ]) {
      const [a, b] = [zeros(n, k), zeros(m, k)];
      new Rng(n, 'a').fillNormal(a.data);
      new Rng(m, 'b').fillNormal(b.data);
      const expected = Float32Array.from({ length: n * m }, (_, e) => {
        let sum = 0;
        for (let t = 0; t < k; t++) sum += a.data[Math.floor(e / m) * k + t] * b.data[(e % m) * k + t];
        return sum;
      });
      for (const kernel of [one, two]) {
        const { data, rows, cols } = await kernel.multiply(a, b);
        expect([rows, cols]).toEqual([n, m]);
        expect([...data]).toEqual([...expected]);
      }
    }
  });

  test('stops when it is cancelled', async () => {
    const late = { signal: AbortSignal.abort() };
    const x = zeros(3, 2);
    for (const work of [
      one.gram(x, { centred: true, ...late }),
      one.addGram(new Float64Array(4), x, new Float64Array(2), late),
      one.multiply(x, x, late),
      one.symmetricEigenvalues(new Float64Array(4), 2, late),
      one.topSubspace(x, 1, late),
    ]) {
      await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
    }
  });
});
