// The lists and the queue that the portable assignment is built on.
import { expect, it } from 'vitest';
import { DistanceQueue } from '../../src/kernel/portable/distance-queue.js';
import { TopList } from '../../src/kernel/portable/top-list.js';
import { Rng } from '../../src/tensor/index.js';

it('lists the best columns, ties to the first from a column on', () => {
  const rng = new Rng(11);
  for (const m of [1, 2, 7, 30]) {
    const n = 30;
    const value = Float64Array.from({ length: n }, () => rng.below(6));
    const price = Float64Array.from({ length: n }, () => rng.below(3));
    const index = new Int32Array(m);
    const kept = new Float64Array(m);
    const first = rng.below(n);
    new TopList(m).select(value, 0, price, n, first, index, kept, 0);
    const count = (j: number) => (j - first + n) % n;
    const order = Array.from({ length: n }, (_, j) => j).sort(
      (i, j) => value[j] - price[j] - (value[i] - price[i]) || count(i) - count(j),
    );
    expect(Array.from(index)).toEqual(order.slice(0, m));
    expect(Array.from(kept)).toEqual(order.slice(0, m).map((j) => value[j]));
  }
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
