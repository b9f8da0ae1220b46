// Contract of eigenvectors where spectra are awkward: rank-deficient, graded, clustered, tiny and huge; against their own equations, numpy and the portable functions.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ImplicitSteps } from '../../src/kernel/portable/implicit-ql.js';
import { spectrumJobs } from '../../src/kernel/portable/spectrum.js';
import { tridiagonalise } from '../../src/kernel/portable/tridiagonal.js';
import type { SymmetricEigen } from '../../src/kernel/spectrum.js';
import { Rng, zeros } from '../../src/tensor/index.js';
import { describeEveryKernel } from './every-kernel.js';

interface Case {
  name: string;
  n: number;
  a: string;
  eigenvalues: string;
  /** Of the first of these up to the second, a group apart from the rest. */
  group: [number, number];
  projector: string;
}

const cases: Case[] = JSON.parse(readFileSync(new URL('../fixtures/eigen.json', import.meta.url), 'utf8'));
const doubles = (text: string) => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

function largestSize(values: Float64Array): number {
  return values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i])), 0);
}

/** Random orthonormal rows [n × n] from reflections, and Σ λ_i q_i q_iᵀ of them. */
function withSpectrum(values: ArrayLike<number>, rng: Rng): Float64Array {
  const n = values.length;
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) a[i * n + i] = values[i];
  for (let round = 0; round < 3; round++) {
    const v = Float64Array.from({ length: n }, () => rng.normal());
    const scale = 2 / v.reduce((sum, x) => sum + x * x, 0);
    for (const along of ['rows', 'columns']) {
      for (let i = 0; i < n; i++) {
        const at = (t: number) => (along === 'rows' ? i * n + t : t * n + i);
        let product = 0;
        for (let t = 0; t < n; t++) product += a[at(t)] * v[t];
        for (let t = 0; t < n; t++) a[at(t)] -= scale * product * v[t];
      }
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[i * n + j] = a[j * n + i];
  return a;
}

/** Rows from few directions: a Gram matrix of low rank; copies among them make eigenvalues 0. */
function gramOfRows(rows: number, n: number, rng: Rng, graded: boolean): Float64Array {
  const a = new Float64Array(n * n);
  for (let r = 0; r < rows; r++) {
    const size = graded ? 10 ** -((15 * r) / rows) : 1;
    const x = Float64Array.from({ length: n }, () => Math.fround(size * rng.normal()));
    for (let copy = 0; copy <= r % 2; copy++) {
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] += x[i] * x[j];
    }
  }
  return a;
}

const kinds: Record<string, (n: number, rng: Rng) => Float64Array> = {
  zero: (n) => new Float64Array(n * n),
  identity: (n) => Float64Array.from({ length: n * n }, (_, e) => (e % (n + 1) === 0 ? 1 : 0)),
  'all ones': (n) => new Float64Array(n * n).fill(1),
  'rank 1': (n, rng) => gramOfRows(1, n, rng, false),
  'F < d': (n, rng) => gramOfRows(Math.ceil((2 * n) / 3), n, rng, false),
  'F = d, twins': (n, rng) => gramOfRows(n, n, rng, false),
  'F ≫ d': (n, rng) => gramOfRows(3 * n, n, rng, false),
  'rows that decay': (n, rng) => gramOfRows(n, n, rng, true),
  graded: (n, rng) =>
    withSpectrum(
      Float64Array.from({ length: n }, (_, i) => 10 ** ((-30 * i) / n)),
      rng,
    ),
  // Large to small, small to large, and large in the middle, along the diagonal itself.
  'graded down': (n) => gradedDiagonal(n, (i) => (-30 * i) / n),
  'graded up': (n) => gradedDiagonal(n, (i) => (-30 * (n - 1 - i)) / n),
  'graded from the middle': (n) => gradedDiagonal(n, (i) => (-60 * Math.abs(i - n / 2)) / n),
  clustered: (n, rng) =>
    withSpectrum(
      Float64Array.from({ length: n }, (_, i) => (i < n / 3 ? 1 : i < n / 2 ? -1 : 1 + 1e-14 * i)),
      rng,
    ),
  'two blocks, one of nearly nothing': (n, rng) => {
    const a = withSpectrum(
      Float64Array.from({ length: n }, () => 1 + rng.uniform()),
      rng,
    );
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) a[i * n + j] *= i < n / 2 !== j < n / 2 ? 0 : i < n / 2 ? 1 : 1e-160;
    }
    return a;
  },
  "Wilkinson's, with pairs that almost agree": (n) => {
    const a = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      a[i * n + i] = Math.abs(i - (n - 1) / 2);
      if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = 1;
    }
    return a;
  },
};

function gradedDiagonal(n: number, power: (i: number) => number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) a[i * n + j] = (i === j ? 1 : 0.3) * 10 ** ((power(i) + power(j)) / 2);
  }
  return a;
}

/** A·V = V·Λ, V·Vᵀ = 1, the trace, and the order and sign of what comes back. */
function expectSolved(a: Float64Array, n: number, { values, vectors }: SymmetricEigen): void {
  const size = largestSize(values);
  const enough = 4 * n * 2 ** -52;
  expect([...values]).toEqual([...values].sort((p, q) => p - q));
  let trace = 0;
  for (let i = 0; i < n; i++) trace += a[i * n + i] - values[i];
  expect(Math.abs(trace)).toBeLessThanOrEqual(enough * n * size);
  let residual = 0;
  let angle = 0;
  for (let k = 0; k < n; k++) {
    const v = vectors.subarray(k * n, (k + 1) * n);
    expect(Math.max(...v)).toBe(largestSize(v));
    for (let i = 0; i < n; i++) {
      let product = -values[k] * v[i];
      for (let j = 0; j < n; j++) product += a[i * n + j] * v[j];
      residual = Math.max(residual, Math.abs(product));
    }
    for (let other = 0; other <= k; other++) {
      let product = other === k ? -1 : 0;
      for (let j = 0; j < n; j++) product += vectors[other * n + j] * v[j];
      angle = Math.max(angle, Math.abs(product));
    }
  }
  expect(residual).toBeLessThanOrEqual(enough * size + 1e-300);
  expect(angle).toBeLessThan(enough + 2 ** -50);
}

/** Bytes, so that −0 differs from 0. */
function bytesOf(values: Float64Array | Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

function expectSame(a: SymmetricEigen, b: SymmetricEigen): void {
  expect(bytesOf(a.values).equals(bytesOf(b.values))).toBe(true);
  expect(bytesOf(a.vectors).equals(bytesOf(b.vectors))).toBe(true);
}

const portableEigen = (a: Float64Array, n: number) => spectrumJobs.eigen({ a, n });

describe('the portable functions solve their equations', () => {
  test.each(Object.keys(kinds))('%s', (kind) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.nat(),
        fc.constantFrom(1, 1e-150, 1e150),
        (n, seed, scale) => {
          const a = kinds[kind](n, new Rng(seed, kind)).map((v) => v * scale);
          expectSolved(a, n, portableEigen(a, n));
        },
      ),
      { numRuns: 12 },
    );
  });

  test.each(Object.keys(kinds))('%s, n = 300', (kind) => {
    const a = kinds[kind](300, new Rng(1, kind));
    expectSolved(a, 300, portableEigen(a, 300));
  }, 60_000);

  test.each(Object.keys(kinds))('few steps an eigenvalue: %s', (kind) => {
    for (const n of [40, 200]) {
      const steps = new ImplicitSteps(tridiagonalise(kinds[kind](n, new Rng(n, kind)), n));
      let count = 0;
      while (steps.next()) count++;
      expect(count).toBeLessThanOrEqual(3 * n);
    }
  });

  test('numbers as large and as small as there are', () => {
    for (const size of [Number.MAX_VALUE / 4, Number.MIN_VALUE]) {
      const { values } = portableEigen(Float64Array.of(2 * size, size, size, 2 * size), 2);
      expect(values[0] / size).toBeCloseTo(1, 12);
      expect(values[1] / size).toBeCloseTo(3, 12);
    }
  });
});

describeEveryKernel('eigenvectors', (one, two) => {
  test.each(Object.keys(kinds))('the same bytes as the portable functions: %s', async (kind) => {
    for (const n of [1, 2, 3, 33, 70, 129]) {
      const a = kinds[kind](n, new Rng(n, kind));
      const expected = portableEigen(a, n);
      for (const kernel of [one, two]) {
        expectSame(await kernel.symmetricEigen(a, n), expected);
        expect(bytesOf(await kernel.symmetricEigenvalues(a, n)).equals(bytesOf(expected.values))).toBe(true);
      }
    }
  });

  describe.each(cases)('as LAPACK has it: $name', ({ n, ...c }) => {
    test('eigenvalues, and the space of a group of them', async () => {
      const expected = doubles(c.eigenvalues);
      const { values, vectors } = await two.symmetricEigen(doubles(c.a), n);
      expect(largestDifference(values, expected)).toBeLessThan(1e-14 * n * largestSize(expected));
      const projector = new Float64Array(n * n);
      for (let k = c.group[0]; k < c.group[1]; k++) {
        for (let e = 0; e < n * n; e++) {
          projector[e] += vectors[k * n + Math.floor(e / n)] * vectors[k * n + (e % n)];
        }
      }
      expect(largestDifference(projector, doubles(c.projector))).toBeLessThan(1e-11);
    });
  });

  test('few vectors of rows of any rank, clusters included: orthonormal, and those of all', async () => {
    const n = 120;
    for (const rows of [1, 4, 30, 90]) {
      const m = zeros(rows, n);
      new Rng(rows, 'few').fillNormal(m.data);
      // Equal lengths along the axes from here on: a cluster.
      for (let i = 2; i < rows; i += 2) {
        m.data.fill(0, i * n, (i + 1) * n);
        m.data[i * n + i] = 20;
      }
      const all = await one.topSubspace(m, n);
      for (const r of [1, 5, 30]) {
        const few = await two.topSubspace(m, r);
        expect(few.values).toEqual(all.values.subarray(0, r));
        expect(few).toEqual(spectrumJobs.subspace({ m, r }));
        for (let i = 0; i < r; i++) {
          for (let j = 0; j <= i; j++) {
            let product = 0;
            for (let t = 0; t < n; t++) product += few.vectors[i * n + t] * few.vectors[j * n + t];
            expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(1e-13);
          }
        }
      }
    }
  });

  test('few vectors of nothing, which inverse iteration cannot find', async () => {
    const { vectors } = await two.topSubspace(zeros(2, 40), 3);
    expect([...vectors]).toEqual([...(await one.topSubspace(zeros(2, 40), 40)).vectors.subarray(0, 120)]);
    expect([...vectors.map(Math.abs)].sort().slice(-4)).toEqual([0, 1, 1, 1]);
  });

  test('by hand: a plane rotated by 3-4-5', async () => {
    // 25·(4, 3)(4, 3)ᵀ/25 + 100·(−3, 4)(−3, 4)ᵀ/25
    const { values, vectors } = await one.symmetricEigen(Float64Array.of(52, -36, -36, 73), 2);
    expect(largestDifference(values, Float64Array.of(25, 100))).toBeLessThan(1e-13);
    expect(largestDifference(vectors, Float64Array.of(0.8, 0.6, -0.6, 0.8))).toBeLessThan(1e-15);
    expect((await one.symmetricEigen(new Float64Array(0), 0)).vectors.length).toBe(0);
  });

  test('refuses what is not finite or not square, reads the upper triangle, and stops', async () => {
    const { vectors } = await one.symmetricEigen(Float64Array.of(2, 1, Number.NaN, 2), 2);
    expect(largestDifference(vectors.map(Math.abs), new Float64Array(4).fill(Math.SQRT1_2))).toBeLessThan(
      1e-15,
    );
    await expect(one.symmetricEigen(Float64Array.of(1, Number.NaN, 0, 1), 2)).rejects.toMatchObject({
      code: 'input.non-finite',
    });
    await expect(one.symmetricEigen(new Float64Array(3), 2)).rejects.toMatchObject({ code: 'input.shape' });
    await expect(
      one.symmetricEigen(new Float64Array(4), 2, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: 'internal.cancelled' });
  });

  test('200 rows in 700 dimensions: the 500 eigenvalues 0 are found among rounding noise', async () => {
    const m = zeros(200, 700);
    new Rng(0, 'unit').fillNormal(m.data);
    const values = await two.symmetricEigenvalues(await two.gram(m, { centred: false }), 700);
    expect(largestSize(values.subarray(0, 500))).toBeLessThan(1e-13 * values[699]);
    expect(values[500]).toBeGreaterThan(0.05 * values[699]);
  });
});
