// Cosines of decoder rows with their own rows before training, by hand.
import { expect, test } from 'vitest';
import { initCosines } from '../../src/evidence/init-cosine.js';
import { fromRows, Rng, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';

test('of rows with a direction before and after; those without are told', () => {
  const trained = fromRows([
    [3, 4],
    [0, 0],
    [0.1, 0],
    [-2, 0],
    [1, 1],
  ]);
  const start = fromRows([
    [10, 0],
    [1, 0],
    [0, 0.2],
    [0.5, 0],
    [0, 0],
  ]);
  const found = initCosines(member('a', trained, undefined, start))!;
  expect([...found.features]).toEqual([0, 2, 3]);
  expect(found.cosines[0]).toBeCloseTo(0.6, 12);
  expect([...found.cosines.subarray(1)]).toEqual([0, -1]);
  expect([...found.leftOut]).toEqual([1, 4]);
});

test('never lie beyond 1, whatever is lost in their norms', () => {
  const start = zeros(200, 5);
  new Rng(1, 'rows').fillNormal(start.data);
  for (const scale of [3, -3]) {
    const trained = { ...start, data: start.data.map((value) => scale * value) };
    const { cosines } = initCosines(member('a', trained, undefined, start))!;
    expect(Math.max(...cosines.map(Math.abs))).toBe(1);
    expect(Math.min(...cosines.map((cosine) => cosine * Math.sign(scale)))).toBeCloseTo(1, 6);
  }
});

test('are unknown without a start, and refused of another shape', () => {
  const rows = fromRows([[1, 0]]);
  expect(initCosines(member('a', rows))).toBeUndefined();
  const refused = (found: string) =>
    expect.objectContaining({
      code: 'input.shape',
      details: { field: 'a', found: `${found} before training`, expected: '1 × 2' },
    });
  const started = (start: number[][]) => () => initCosines(member('a', rows, undefined, fromRows(start)));
  expect(started([[1]])).toThrow(refused('1 × 1'));
  expect(
    started([
      [1, 0],
      [0, 1],
    ]),
  ).toThrow(refused('2 × 2'));
});
