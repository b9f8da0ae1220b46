// Assignment on candidate lists: the same pairs as on all values, honest when it stops early, cancellable.
import { expect, it } from 'vitest';
import { assignWith } from '../../src/kernel/assign.js';
import type { AssignmentSteps } from '../../src/kernel/assignment.js';
import { assignOnLists } from '../../src/kernel/portable/assign.js';
import { DistanceQueue } from '../../src/kernel/portable/distance-queue.js';
import { TopList } from '../../src/kernel/portable/top-list.js';
import { fromRows, Rng, zeros } from '../../src/tensor/index.js';
import { checkPairs, lists, planted, steps, values } from './assignment-cases.js';

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
    for (const m of [2, 8, 64]) {
      const found = await assignWith(steps, a, b, { absolute }, lists(m, 60));
      checkPairs(found, values(a, b, absolute), g);
      expect(found.method).toBe('candidates');
      expect(Math.abs(found.total - dense.total)).toBeLessThan(1e-10);
      expect(found.gap).toBeLessThan(1e-13);
      expect(found.partner).toEqual(dense.partner);
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

it('refuses what cannot be compared', async () => {
  await expect(assignWith(steps, zeros(2, 3), zeros(2, 4))).rejects.toMatchObject({ code: 'input.shape' });
  const nan = fromRows([[0, Number.NaN]]);
  await expect(assignWith(steps, zeros(1, 2), nan)).rejects.toMatchObject({ code: 'input.non-finite' });
});

it('lists the best columns, ties to the lower index', () => {
  const rng = new Rng(11);
  for (const m of [1, 2, 7, 30]) {
    const n = 30;
    const value = Float64Array.from({ length: n }, () => rng.below(6));
    const price = Float64Array.from({ length: n }, () => rng.below(3));
    const index = new Int32Array(m);
    const kept = new Float64Array(m);
    new TopList(m).select(value, 0, price, n, index, kept, 0);
    const order = Array.from({ length: n }, (_, j) => j).sort(
      (i, j) => value[j] - price[j] - (value[i] - price[i]) || i - j,
    );
    expect(Array.from(index)).toEqual(order.slice(0, m));
    expect(Array.from(kept)).toEqual(order.slice(0, m).map((j) => value[j]));
  }
});

it('completes with the best columns that are left', () => {
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
    partner: new Int32Array(3).fill(-1),
    value: new Float64Array(3),
    price: new Float64Array(4),
  };
  const found = {
    m: 2,
    index: Int32Array.of(0, 1, 1, 0, 0, 1),
    value: Float64Array.of(9, 8, 9, 8, 7, 7),
  };
  const job = { pairs: { a, b, absolute: false }, lists: found, state };
  assignOnLists({ ...job, limits: { scans: 0, complete: false } });
  expect(Array.from(state.partner).sort()).toEqual([-1, 0, 1]);
  assignOnLists({ ...job, limits: { scans: 0, complete: true } });
  expect(Array.from(state.partner)).toEqual([0, 1, 3]);
  expect(Array.from(state.value)).toEqual([9, 9, 2]);
});

it('queues the nearest first, of equal ones the lower number', () => {
  const rng = new Rng(4);
  const queue = new DistanceQueue();
  const all = Array.from({ length: 200 }, (_, id) => ({ distance: rng.below(9), id }));
  for (const at of rng.permutation(all.length)) queue.push(all[at].distance, all[at].id);
  const out: typeof all = [];
  for (; queue.size > 0; queue.pop()) out.push({ distance: queue.distance, id: queue.id });
  expect(out).toEqual(all.sort((p, q) => p.distance - q.distance || p.id - q.id));
  expect(queue.distance).toBe(Number.POSITIVE_INFINITY);
});
