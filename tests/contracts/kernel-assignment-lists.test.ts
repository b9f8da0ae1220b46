// Contract of assignment on candidate lists: the pairs of the dense solution, honest when it stops early.
import { describe, expect, it } from 'vitest';
import { assignWith } from '../../src/kernel/assign.js';
import type { AssignmentSteps } from '../../src/kernel/assignment.js';
import { fromRows, sharedInt32 } from '../../src/tensor/index.js';
import { checkPairs, lists, planted, portableSteps, values } from './assignment-cases.js';
import { everyAssignmentSteps } from './every-kernel.js';
import { screenedSteps } from './every-screen.js';

describe.each([...everyAssignmentSteps, ...screenedSteps])('candidate lists (%s)', (_, steps) => {
  it.each([
    [300, 300, 16, 0, 1],
    [300, 300, 16, 0.33, 2],
    [280, 300, 32, 0.33, 3],
    [300, 120, 4, 0, 4],
    // Few directions: long paths, nearly equal values.
    [200, 200, 2, 0, 5],
  ])('%i × %i rows of width %i, %d shared: the pairs of the dense solution', async (f, g, d, shared, seed) => {
    const { a, b } = planted(f, g, d, shared, seed);
    for (const absolute of [false, true]) {
      const dense = await assignWith(steps, a, b, { absolute });
      for (const m of [2, 64]) {
        const found = await assignWith(steps, a, b, { absolute }, lists(m, 60));
        checkPairs(found, values(a, b, absolute), g);
        expect(found.method).toBe('candidates');
        expect(Math.abs(found.total - dense.total)).toBeLessThan(1e-10);
        expect(found.gap).toBeLessThan(1e-13);
        expect(found.partner).toEqual(dense.partner);
        expect(found).toEqual(await assignWith(portableSteps, a, b, { absolute }, lists(m, 60)));
      }
    }
  });

  it('holds all values when lists do not lead to an end and memory allows', async () => {
    const { a, b } = planted(200, 200, 2, 0, 5);
    const found = await assignWith(steps, a, b, {}, lists(2, 1, 0));
    expect(found.method).toBe('dense');
    expect(found.gap).toBeLessThan(1e-13);
  });

  it('says how far from optimal it may be when neither works', async () => {
    const { a, b } = planted(200, 200, 2, 0, 5);
    const best = await assignWith(steps, a, b);
    const found = await assignWith(steps, a, b, { memory: 200 * 12 * 3 }, lists(2, 2, 0));
    checkPairs(found, values(a, b, false), 200);
    expect(found).toMatchObject({ method: 'candidates', candidates: 3 });
    expect(found.total).toBeLessThan(best.total);
    expect(found.upperBound).toBeGreaterThanOrEqual(best.total);
    expect(found.gap).toBeGreaterThan(1e-6);
    expect(found.gap).toBe((found.upperBound - found.total) / 200);
    expect(found).toEqual(await assignWith(portableSteps, a, b, { memory: 200 * 12 * 3 }, lists(2, 2, 0)));
  });

  it('has the dual bound of its prices over all pairs', async () => {
    const { a, b } = planted(20, 24, 3, 0, 9);
    let prices = new Float64Array();
    const watching: AssignmentSteps = {
      ...steps,
      topMatches(pairs, price, ...rest) {
        prices = price.slice();
        return steps.topMatches(pairs, price, ...rest);
      },
    };
    const found = await assignWith(watching, a, b, { memory: 20 * 12 * 3 }, lists(2, 1, 0));
    const sum = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((p, q) => p + q, 0);
    const profits = values(a, b, false).map((row) => Math.max(...row.map((v, j) => v - prices[j])));
    expect(sum(prices)).toBeGreaterThan(0.1);
    expect(found.upperBound).toBeGreaterThan(found.total + 0.01);
    expect(found.upperBound).toBeCloseTo(sum(profits) + sum(prices), 10);
  });

  it('stops when it is cancelled', async () => {
    const { a, b } = planted(50, 50, 4, 0, 1);
    const control = new AbortController();
    const stopping: AssignmentSteps = {
      ...steps,
      async topMatches(...args) {
        await steps.topMatches(...args);
        control.abort();
      },
    };
    const work = assignWith(stopping, a, b, { signal: control.signal }, lists(4));
    await expect(work).rejects.toMatchObject({ code: 'internal.cancelled' });
  });

  it('tells how far it is', async () => {
    const { a, b } = planted(60, 80, 4, 0, 1);
    const seen: number[] = [];
    const onProgress = (assigned: number, pairs: number) => {
      expect(pairs).toBe(60);
      seen.push(assigned);
    };
    await assignWith(steps, a, b, { onProgress }, lists(4));
    expect(seen.at(-1)).toBe(60);
    expect(seen).toEqual([...seen].sort((p, q) => p - q));
  });

  it('completes with the best columns that are left', async () => {
    // Rows 0 and 1 list columns 0 and 1 only; row 2, which lists the same two, must take one outside its list.
    const a = fromRows([
      [9, 8, 0, 0],
      [8, 9, 0, 0],
      [7, 7, 1, 2],
    ]);
    const b = fromRows([
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ]);
    const state = {
      partner: sharedInt32(3).fill(-1),
      value: new Float64Array(3),
      price: new Float64Array(4),
    };
    const found = {
      m: 2,
      index: Int32Array.of(0, 1, 1, 0, 0, 1),
      value: Float64Array.of(9, 8, 9, 8, 7, 7),
    };
    const pairs = { kind: 'rows', a, b, absolute: false } as const;
    expect(await steps.onLists(pairs, found, state, { scans: 0, complete: false })).toBeUndefined();
    expect(Array.from(state.partner).sort()).toEqual([-1, 0, 1]);
    expect(await steps.onLists(pairs, found, state, { scans: 0, complete: true })).toBeUndefined();
    expect(Array.from(state.partner)).toEqual([0, 1, 3]);
    expect(Array.from(state.value)).toEqual([9, 9, 2]);
  });
});
