// Contract of assign: by hand, against brute force and scipy, on all values and on lists; the certificate holds.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssignLimits, assignLimits, assignWith } from '../../src/kernel/assign.js';
import { fromRows, type Matrix, Rng, takeRows, zeros } from '../../src/tensor/index.js';
import { bruteForce, checkPairs, lists, planted, portableSteps, values } from './assignment-cases.js';
import { describeEveryKernel, everyAssignmentSteps } from './every-kernel.js';
import { screenedSteps } from './every-screen.js';

const fixture = JSON.parse(readFileSync(new URL('../fixtures/assignment.json', import.meta.url), 'utf8')) as {
  cases: { a: number[][]; b: number[][]; absolute: boolean; partner: number[]; total: number }[];
};

const ways: Record<string, AssignLimits> = {
  dense: assignLimits,
  'lists of 2': lists(2),
  'lists of 5, no scans': lists(5, 20, 0),
};

/** Rows whose values with unit rows are the entries of a table. */
const rowsOf = (table: number[][]): { a: Matrix; b: Matrix } => {
  const n = table[0].length;
  const unit = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  return { a: fromRows(table), b: fromRows(unit) };
};

const all = [...everyAssignmentSteps, ...screenedSteps].flatMap(([kernel, steps]) =>
  Object.entries(ways).map(([way, limits]) => ({ kernel, steps, way, limits })),
);

describe.each(all)('assignment ($kernel, $way)', ({ steps, way, limits }) => {
  const assign = (a: Matrix, b: Matrix, absolute = false) => assignWith(steps, a, b, { absolute }, limits);

  it('finds the best assignment of a table written by hand', async () => {
    // Taking the largest entry first (5 + 2 + 0 = 7) is not best: 4 + 4 + 1 = 9.
    const { a, b } = rowsOf([
      [5, 4, 1],
      [4, 1, 0],
      [3, 2, 1],
    ]);
    const found = await assign(a, b);
    expect(Array.from(found.partner)).toEqual([1, 0, 2]);
    expect(Array.from(found.value)).toEqual([4, 4, 1]);
    expect(found).toMatchObject({ total: 9, upperBound: 9, gap: 0 });
    expect(found.method).toBe(way === 'dense' ? 'dense' : 'candidates');
  });

  it('pairs all rows of the smaller side, even at a loss', async () => {
    const wide = rowsOf([
      [-1, -5, -2],
      [-1, -6, -3],
    ]);
    expect(Array.from((await assign(wide.a, wide.b)).partner)).toEqual([2, 0]);
    const tall = await assign(wide.b, wide.a);
    expect(Array.from(tall.partner)).toEqual([1, -1, 0]);
    expect(Array.from(tall.value)).toEqual([-1, 0, -2]);
    expect(tall.total).toBe(-3);
  });

  it('goes by size when asked to', async () => {
    const { a, b } = rowsOf([
      [0.9, -0.8],
      [0.7, 0.1],
    ]);
    expect((await assign(a, b)).total).toBeCloseTo(1, 6);
    expect((await assign(a, b, true)).total).toBeCloseTo(1.5, 6);
  });

  it('takes empty and single matrices', async () => {
    for (const [f, g] of [
      [0, 0],
      [0, 3],
      [3, 0],
    ]) {
      const found = await assign(zeros(f, 2), zeros(g, 2));
      expect(found).toMatchObject({ total: 0, upperBound: 0, gap: 0 });
      expect(Array.from(found.partner)).toEqual(new Array(f).fill(-1));
    }
    expect(await assign(fromRows([[2]]), fromRows([[-3]]))).toMatchObject({ total: -6, upperBound: -6 });
    const one = await assign(fromRows([[1, 0]]), fromRows([[0, 1], [1, 0], [1, 0]])); // biome-ignore format: short
    expect(one.total).toBe(1);
  });

  it('assigns rows that are all alike', async () => {
    const same = fromRows(new Array<number[]>(40).fill([1, 0]));
    const found = await assign(same, same);
    checkPairs(found, values(same, same, false), 40);
    expect(found).toMatchObject({ total: 40, gap: 0 });
  });

  it('assigns duplicated features as often as they are there', async () => {
    const { a } = planted(12, 12, 6, 0, 5);
    const twice = takeRows(a, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 3, 3, 7]);
    const mixed = takeRows(twice, new Rng(2).permutation(twice.rows));
    const found = await assign(twice, mixed);
    expect(found.value.every((v) => v > 1 - 1e-6)).toBe(true);
    expect(found.gap).toBeLessThan(1e-14);
  });

  it('gives what scipy gives', async () => {
    for (const c of fixture.cases) {
      const a = fromRows(c.a);
      const b = fromRows(c.b);
      const found = await assign(a, b, c.absolute);
      checkPairs(found, values(a, b, c.absolute), b.rows);
      expect(Array.from(found.partner)).toEqual(c.partner);
      expect(Math.abs(found.total - c.total)).toBeLessThan(1e-12);
      expect(found.gap).toBeLessThan(1e-13);
    }
  });

  it('is optimal on tables with many ties, and its bound holds', async () => {
    const table = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }), fc.boolean())
      .chain(([f, n, turn]) =>
        fc.record({
          turn: fc.constant(turn),
          rows: fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: n, maxLength: n }), {
            minLength: f,
            maxLength: f,
          }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(table, fc.boolean(), async ({ rows, turn }, absolute) => {
        const { a, b } = rowsOf(rows);
        const [p, q] = turn ? [b, a] : [a, b];
        const found = await assign(p, q, absolute);
        const all = values(p, q, absolute);
        checkPairs(found, all, q.rows);
        const best = bruteForce(all, q.rows);
        expect(found.total).toBe(best);
        expect(found.upperBound).toBeGreaterThanOrEqual(best);
        expect(found.gap).toBeLessThan(1e-12);
      }),
      { numRuns: 20 },
    );
  });

  it('is optimal on directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(),
        fc.boolean(),
        async (f, g, seed, absolute) => {
          const { a, b } = planted(f, g, 3, 0.4, seed);
          const found = await assign(a, b, absolute);
          const all = values(a, b, absolute);
          checkPairs(found, all, g);
          expect(Math.abs(found.total - bruteForce(all, g))).toBeLessThan(1e-12);
          expect(found.gap).toBeLessThan(1e-12);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('has the same total whatever the order of rows, and from the other side', async () => {
    const { a, b } = planted(90, 110, 8, 0.3, 7);
    const { total } = await assign(a, b);
    const order = new Rng(3).permutation(b.rows);
    expect((await assign(a, takeRows(b, order))).total).toBeCloseTo(total, 11);
    expect((await assign(b, a)).total).toBeCloseTo(total, 11);
  });
});

describeEveryKernel('assign', (one, two) => {
  it('gives what the portable steps give, at any number of threads', async () => {
    for (const [f, g, d] of [
      [33, 40, 7],
      [130, 70, 1],
      // Above the limit up to which all values are held from the start.
      [760, 745, 16],
    ]) {
      const { a, b } = planted(f, g, d, 0.3, f);
      for (const absolute of f > 700 ? [true] : [false, true]) {
        const expected = await assignWith(portableSteps, a, b, { absolute });
        expect(await one.assign(a, b, { absolute })).toEqual(expected);
        expect(await two.assign(a, b, { absolute })).toEqual(expected);
        expect(expected.method).toBe(f > 700 ? 'candidates' : 'dense');
      }
    }
  });

  it('stops when it is cancelled', async () => {
    const { a } = planted(900, 900, 64, 0, 1);
    const stop = new AbortController();
    const work = two.assign(a, a, { signal: stop.signal });
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
    await expect(one.assign(a, a, { signal: stop.signal })).rejects.toMatchObject({
      code: 'internal.cancelled',
    });
  });

  it('refuses what cannot be compared', async () => {
    await expect(one.assign(zeros(2, 3), zeros(2, 4))).rejects.toMatchObject({ code: 'input.shape' });
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const bad = fromRows([[0, value]]);
      await expect(one.assign(zeros(1, 2), bad)).rejects.toMatchObject({ code: 'input.non-finite' });
    }
  });
});
