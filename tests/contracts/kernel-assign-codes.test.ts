// Contract of assignCodes: against brute force and scipy, on all values and on lists; silent and tied columns.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssignLimits } from '../../src/kernel/assign.js';
import { assignCodeLimits, assignCodesWith } from '../../src/kernel/assign-codes.js';
import type { Assignment } from '../../src/kernel/assignment.js';
import {
  fromDense,
  Rng,
  type SparseCodes,
  takeCodeColumns,
  takeCodeRows,
  transposeCodes,
} from '../../src/tensor/index.js';
import { bruteForce, checkPairs, lists, portableSteps } from './assignment-cases.js';
import { describeEveryKernel, everyAssignmentSteps } from './every-kernel.js';

const fixture = JSON.parse(readFileSync(new URL('../fixtures/assignment.json', import.meta.url), 'utf8')) as {
  codes: { a: number[][]; b: number[][]; absolute: boolean; live: number[]; total: number }[];
};

const ways: Record<string, AssignLimits> = {
  dense: assignCodeLimits,
  'lists of 2': lists(2),
  'lists of 5, no scans': lists(5, 20, 0),
};

const all = everyAssignmentSteps.flatMap(([kernel, steps]) =>
  Object.entries(ways).map(([way, limits]) => ({ kernel, steps, way, limits })),
);

/** Codes that fire at a rate; some columns of B are those of A with noise, the others have nothing to do with them. */
function related(n: number, f: number, g: number, rate: number, shared: number, seed: number) {
  const rng = new Rng(seed, 'codes');
  const draw = (features: number): number[][] =>
    Array.from({ length: n }, () =>
      Array.from({ length: features }, () => (rng.uniform() < rate ? Math.abs(rng.normal()) + 0.1 : 0)),
    );
  const [a, b] = [draw(f), draw(g)];
  const [from, to] = [rng.permutation(f), rng.permutation(g)];
  for (let s = 0; s < shared; s++) {
    for (let r = 0; r < n; r++) b[r][to[s]] = a[r][from[s]] * (1 + 0.2 * rng.normal());
  }
  return { a: fromDense(a, f), b: fromDense(b, g) };
}

/** Cosines of all columns, the way a reader would write them, undefined where one never fires. */
function cosines(a: SparseCodes, b: SparseCodes, absolute: boolean): (number | undefined)[][] {
  const columns = (codes: SparseCodes): Map<number, number>[] => {
    const { offsets, indices, values } = transposeCodes(codes);
    return Array.from(
      { length: codes.features },
      (_, i) =>
        new Map(
          Array.from({ length: offsets[i + 1] - offsets[i] }, (_, s) => [
            indices[offsets[i] + s],
            values[offsets[i] + s],
          ]),
        ),
    );
  };
  const norm = (column: Map<number, number>): number => {
    let sum = 0;
    for (const value of column.values()) sum += value * value;
    return Math.sqrt(sum);
  };
  const ofB = columns(b);
  return columns(a).map((p) =>
    ofB.map((q) => {
      if (p.size === 0 || q.size === 0) return undefined;
      let sum = 0;
      for (const [row, value] of p) sum += value * (q.get(row) ?? 0);
      const cosine = sum / (norm(p) * norm(q));
      return absolute ? Math.abs(cosine) : cosine;
    }),
  );
}

/** The table of live columns, and what was found in their numbers; throws when a silent column has a partner. */
function amongLive(found: Assignment, table: (number | undefined)[][], g: number) {
  const rows = [...table.keys()].filter((i) => table[i].some((v) => v !== undefined));
  const columns = Array.from({ length: g }, (_, j) => j).filter((j) =>
    rows.some((i) => table[i][j] !== undefined),
  );
  table.forEach((_, i) => {
    if (!rows.includes(i) && found.partner[i] >= 0) throw new Error(`silent column ${i} has a partner`);
  });
  const partner = Int32Array.from(rows, (i) => columns.indexOf(found.partner[i]));
  const value = Float64Array.from(rows, (i) => found.value[i]);
  return {
    found: { ...found, partner, value },
    table: rows.map((i) => columns.map((j) => table[i][j]!)),
    columns: columns.length,
  };
}

describe.each(all)('assignment of codes ($kernel, $way)', ({ steps, way, limits }) => {
  const assign = (a: SparseCodes, b: SparseCodes, absolute = false) =>
    assignCodesWith(steps, a, b, { absolute }, limits);
  const check = async (a: SparseCodes, b: SparseCodes, absolute = false): Promise<Assignment> => {
    const found = await assign(a, b, absolute);
    const live = amongLive(found, cosines(a, b, absolute), b.features);
    checkPairs(live.found, live.table, live.columns);
    expect(found.partner).toHaveLength(a.features);
    expect(found.gap).toBeLessThan(1e-13);
    return found;
  };

  it('assigns columns written by hand', async () => {
    // Column 1 of A is column 2 of B; column 0 is column 0 with another size; column 2 never fires.
    const a = fromDense([
      [3, 0, 0],
      [4, 0, 0],
      [0, 2, 0],
    ]);
    const b = fromDense([
      [6, 0, 0],
      [8, 0, 0],
      [0, 0, 1],
    ]);
    const found = await assign(a, b);
    expect(Array.from(found.partner)).toEqual([0, 2, -1]);
    expect(Array.from(found.value)).toEqual([1, 1, 0]);
    expect(found).toMatchObject({ total: 2, upperBound: 2, gap: 0 });
    expect(found.method).toBe(way === 'dense' ? 'dense' : 'candidates');
  });

  it('pairs columns that never fire together rather than at a loss', async () => {
    const a = fromDense([[1, 0], [0, 1], [0, 0]]); // biome-ignore format: short
    const b = fromDense([[-1, 0], [0, -1], [0, 0]]); // biome-ignore format: short
    const found = await assign(a, b);
    expect(Array.from(found.partner)).toEqual([1, 0]);
    expect(found).toMatchObject({ total: 0, upperBound: 0 });
    expect(Array.from((await assign(a, b, true)).partner)).toEqual([0, 1]);
  });

  it('gives the total that scipy gives', async () => {
    for (const c of fixture.codes) {
      const found = await check(fromDense(c.a), fromDense(c.b), c.absolute);
      expect(found.partner.filter((j) => j >= 0)).toHaveLength(Math.min(...c.live));
      expect(Math.abs(found.total - c.total)).toBeLessThan(1e-12);
    }
  });

  it('is optimal, and its bound holds', async () => {
    const entry = fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: -3, max: 3 }) },
    );
    const table = (n: number, features: number) =>
      fc.array(fc.array(entry, { minLength: features, maxLength: features }), { minLength: n, maxLength: n });
    const size = fc.integer({ min: 1, max: 6 });
    const pair = fc
      .tuple(fc.integer({ min: 1, max: 8 }), size, size)
      .chain(([n, f, g]) => fc.tuple(table(n, f), table(n, g), fc.constant([f, g])));
    await fc.assert(
      fc.asyncProperty(pair, fc.boolean(), async ([rowsA, rowsB, [f, g]], absolute) => {
        const [a, b] = [fromDense(rowsA, f), fromDense(rowsB, g)];
        const found = await check(a, b, absolute);
        const live = amongLive(found, cosines(a, b, absolute), g);
        const best = bruteForce(live.table, live.columns);
        expect(Math.abs(found.total - best)).toBeLessThan(1e-12);
        expect(found.upperBound).toBeGreaterThanOrEqual(best - 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it('takes codes without rows, without columns and without a live column', async () => {
    const none = fromDense([[0, 0]]);
    const one = fromDense([[0, 5, 0]]);
    for (const [a, b] of [
      [none, one],
      [one, none],
      [none, none],
      [fromDense([], 3), fromDense([], 2)],
      [fromDense([[]]), one],
    ]) {
      const found = await assign(a, b);
      expect(found).toMatchObject({ total: 0, upperBound: 0, gap: 0 });
      expect(Array.from(found.partner)).toEqual(new Array(a.features).fill(-1));
    }
    expect(Array.from((await assign(one, fromDense([[0, 0, 0, 2]]))).partner)).toEqual([-1, 3, -1]);
  });

  it('assigns columns that are all alike', async () => {
    const same = fromDense(Array.from({ length: 3 }, () => new Array<number>(40).fill(1)));
    const found = await check(same, same);
    expect(found.total).toBeCloseTo(40, 12);
  });

  it('assigns columns that never fire together, without computing any anew', async () => {
    const only = (row: number, features: number): SparseCodes =>
      fromDense(Array.from({ length: 2 }, (_, n) => new Array<number>(features).fill(n === row ? 1 : 0)));
    for (const [f, g] of [
      [50, 50],
      [7, 50],
      [50, 7],
    ]) {
      // biome-ignore format: short
      const found = await check(only(0, f), only(1, g));
      expect(found).toMatchObject({ total: 0, gap: 0 });
      expect(found.candidates ?? 2).toBeLessThan(6);
    }
  });

  it.each([
    [60, 40, 40, 0.1, 15, 1],
    [60, 8, 60, 0.1, 4, 2],
    [60, 60, 8, 0.1, 4, 3],
    // Most columns fire once or twice, and together with hardly any other.
    [80, 70, 75, 0.015, 10, 4],
    // Nothing is shared: small values, nearly tied.
    [200, 60, 60, 0.1, 0, 5],
  ])('%i rows of %i and %i columns at rate %f, %i shared: proven optimal', async (n, f, g, rate, shared, seed) => {
    const { a, b } = related(n, f, g, rate, shared, seed);
    for (const absolute of [false, true]) {
      const found = await check(a, b, absolute);
      const dense = await assignCodesWith(portableSteps, a, b, { absolute });
      expect(Math.abs(found.total - dense.total)).toBeLessThan(1e-12);
      expect(found).toEqual(await assignCodesWith(portableSteps, a, b, { absolute }, limits));
    }
  });

  it('has the same total whatever the order of columns and rows, and from the other side', async () => {
    const { a, b } = related(90, 50, 60, 0.08, 20, 7);
    const { total } = await check(a, b);
    const rng = new Rng(3);
    const rows = rng.permutation(90);
    const columns = rng.permutation(60);
    expect((await check(a, takeCodeColumns(b, columns))).total).toBeCloseTo(total, 11);
    expect((await check(takeCodeRows(a, rows), takeCodeRows(b, rows))).total).toBeCloseTo(total, 11);
    const back = await check(b, a);
    expect(back.total).toBeCloseTo(total, 11);
  });
});

describeEveryKernel('assignCodes', (one, two) => {
  it('gives what the portable steps give, at any number of threads', async () => {
    for (const [n, f, g] of [
      [120, 33, 40],
      [150, 130, 70],
    ]) {
      // biome-ignore format: short
      const { a, b } = related(n, f, g, 0.1, 20, f);
      for (const absolute of [false, true]) {
        const expected = await assignCodesWith(portableSteps, a, b, { absolute });
        expect(await one.assignCodes(a, b, { absolute })).toEqual(expected);
        expect(await two.assignCodes(a, b, { absolute })).toEqual(expected);
        expect(expected.method).toBe('dense');
        const small = await assignCodesWith(portableSteps, a, b, {
          absolute,
          memory: 12 * 8 * Math.min(f, g),
        });
        expect(await two.assignCodes(a, b, { absolute, memory: 12 * 8 * Math.min(f, g) })).toEqual(small);
        expect(small).toMatchObject({ method: 'candidates', candidates: 8 });
      }
    }
  });

  it('refuses what cannot be compared, and stops when it is cancelled', async () => {
    const codes = fromDense([[1, 2], [0, 3]]); // biome-ignore format: short
    await expect(one.assignCodes(codes, fromDense([[1, 2]]))).rejects.toMatchObject({ code: 'input.shape' });
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      const bad = fromDense([[1, 2], [0, value]]); // biome-ignore format: short
      await expect(one.assignCodes(codes, bad)).rejects.toMatchObject({
        code: 'input.non-finite',
        details: { field: 'b[1, 1]' },
      });
    }
    const signal = AbortSignal.abort();
    await expect(one.assignCodes(codes, codes, { signal })).rejects.toMatchObject({
      code: 'internal.cancelled',
    });
  });
});
