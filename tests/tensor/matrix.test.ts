// Matrices and sparse codes: unit rows, transposing, taking rows, and shapes that do not fit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fromDense,
  fromRows,
  liveFeatures,
  matrix,
  meanActive,
  rowNorms,
  subtract,
  takeCodeRows,
  transpose,
  unitRows,
} from '../../src/tensor/index.js';

describe('matrices', () => {
  it('scale rows to length 1 and leave out rows without a direction', () => {
    const { unit, kept, zeroRows } = unitRows(
      fromRows([
        [3, 4],
        [0, 0],
        [0, -2],
      ]),
    );
    expect([...kept]).toEqual([0, 2]);
    expect(zeroRows).toBe(1);
    expect(unit.data[0]).toBeCloseTo(0.6, 7);
    expect(unit.data[1]).toBeCloseTo(0.8, 7);
    expect([unit.data[2], unit.data[3]]).toEqual([0, -1]);
  });

  it('are scaled in place where no row is left out', () => {
    const rows = [
      [3, 4],
      [0, -2],
    ];
    const m = fromRows(rows);
    const { unit } = unitRows(m, m.data);
    expect(unit.data).toBe(m.data);
    expect([...unit.data]).toEqual([...unitRows(fromRows(rows)).unit.data]);
    const withZero = fromRows([[0, 0], ...rows]);
    expect([...unitRows(withZero, withZero.data).unit.data]).toEqual([...unit.data]);
  });

  it('give every unit row length 1, however large or small the row', () => {
    const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, value), { minLength: 1 }), (rows) => {
        const { unit } = unitRows(fromRows(rows));
        return rowNorms(unit).every((n) => Math.abs(n - 1) < 1e-6);
      }),
    );
  });

  it('transpose back to themselves', () => {
    const m = fromRows([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([...transpose(m).data]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(transpose(transpose(m))).toEqual(m);
  });

  it('refuse shapes that do not fit', () => {
    expect(() => matrix(2, 2, new Float32Array(3))).toThrow(/found 3 values; expected 2 × 2 = 4/);
    expect(() => fromRows([[1], [1, 2]])).toThrow(/row 1 differs/);
    expect(() => subtract(fromRows([[1]]), fromRows([[1, 2]]))).toThrow(/differ in shape/);
  });
});

describe('sparse codes', () => {
  const codes = fromDense([
    [0, 2, 0, -1],
    [0, 0, 0, 0],
    [0, 3, 0, 0],
  ]);

  it('know which features are live and how many are active', () => {
    expect([...liveFeatures(codes)]).toEqual([1, 3]);
    expect(meanActive(codes)).toBe(1);
  });

  it('take rows in another order', () => {
    const taken = takeCodeRows(codes, [2, 0, 2]);
    expect([...taken.offsets]).toEqual([0, 1, 3, 4]);
    expect([...taken.indices]).toEqual([1, 1, 3, 1]);
    expect([...taken.values]).toEqual([3, 2, -1, 3]);
  });
});
