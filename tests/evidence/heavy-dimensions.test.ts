// Members in the coordinates that are not heavy: which rows their fit there is of, whose it is, and when it is asked for, by hand.
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../src/activations/activation-rows.js';
import {
  heavyDimensionsMatter,
  withOtherDimensionsFit,
  withoutColumns,
} from '../../src/evidence/heavy-dimensions.js';
import type { Member } from '../../src/sae/member.js';
import { ColumnMoments } from '../../src/stats/column-moments.js';
import { fromDense, fromRows, zeros } from '../../src/tensor/index.js';
import { member } from '../metrics/fixture.js';

type Described = Parameters<typeof withOtherDimensionsFit>[2];

/** Moments of columns that spread so much. */
function spreading(...spreads: number[]): ColumnMoments {
  const moments = new ColumnMoments(new Float64Array(spreads.length));
  moments.add(fromRows([1, -1].map((sign) => spreads.map((spread) => sign * Math.sqrt(spread / 2)))));
  return moments;
}

/** An SAE whose one feature writes (1, 0, 5), and whose codes are the first column of x but for these rows, which are off by 1. */
function reading(codeRows: number, stride: number, isOff: (n: number) => boolean): Member {
  const code = (n: number) => 3 + ((stride * n) % 5) + (isOff(n) ? 1 : 0);
  return member('a', fromRows([[1, 0, 5]]), fromDense(Array.from({ length: codeRows }, (_, n) => [code(n)])));
}

/** Rows (3 … 7, 0, ±100). */
function activations(rows: number) {
  const x = zeros(rows, 3);
  for (let n = 0; n < rows; n++) x.data.set([3 + (n % 5), 0, n % 2 ? 100 : -100], 3 * n);
  return rowsOf(x);
}

/** The mean squared error in the first two coordinates. */
async function errorOf(codeRows: number, isOff: (n: number) => boolean, more: Partial<Described> = {}) {
  const data: Described = { moments: spreading(1, 1, 10_000), codeRows, stride: 1, ...more };
  const one = reading(codeRows, data.stride, isOff);
  const [fitted] = await withOtherDimensionsFit([one], activations(codeRows * data.stride), data, undefined);
  return fitted.otherDimensionsFit?.mse;
}

const massive = (...rows: number[]) => ({
  rows: Int32Array.from(rows),
  times: 20,
  share: 0.1,
  effectiveRank: 2,
  scatter: new Float64Array(9),
});

describe('the fit in the other coordinates', () => {
  test('is of all rows, the coordinates of which are without the heavy ones', async () => {
    expect(await errorOf(6, () => false)).toBe(0);
    expect(await errorOf(6, (n) => n === 4)).toBeCloseTo(1 / 12, 12);
  });

  test('is of rows that are neither massive nor set apart by where they stand', async () => {
    const { times, share, effectiveRank, scatter } = massive();
    const apart = { places: [], rows: Int32Array.of(2), times, share, effectiveRank, scatter };
    const off = (n: number) => n === 0 || n === 2;
    expect(await errorOf(6, off, { massive: massive(0) })).toBeCloseTo(1 / 10, 12);
    expect(await errorOf(6, off, { places: { apart } })).toBeCloseTo(1 / 10, 12);
    expect(await errorOf(6, off, { massive: massive(0), places: { apart } })).toBe(0);
    expect(await errorOf(6, off, { places: {} })).toBeCloseTo(2 / 12, 12);
  });

  test('is of the rows that codes are kept of', async () => {
    const off = (n: number) => n === 1 || n === 3;
    expect(await errorOf(6, off, { stride: 2, massive: massive(2, 5, 6) })).toBe(0);
    expect(await errorOf(6, off, { stride: 2, massive: massive(1, 3) })).toBeCloseTo(2 / 12, 12);
  });

  test('is of 8192 rows at the most, evenly spaced', async () => {
    expect(await errorOf(8192, (n) => n === 5)).toBeCloseTo(1 / (2 * 8192), 12);
    expect(await errorOf(8193, (n) => n % 2 === 1)).toBe(0);
    expect(await errorOf(8193, (n) => n === 8192)).toBeCloseTo(1 / (2 * 4097), 12);
  });

  test('is not asked of SAEs that read or write something else', async () => {
    const one = reading(4, 1, () => false);
    const { codes: _, ...without } = one;
    const others: Member[] = [
      without,
      { ...one, activations: fromRows([[1]]) },
      { ...one, sae: { ...one.sae, transcoder: true } },
      { ...one, sae: { ...one.sae, inputNorm: 'layer-norm' } },
      { ...one, sae: { ...one.sae, skip: zeros(3, 3) } },
    ];
    const data = { moments: spreading(1, 1, 10_000), codeRows: 4, stride: 1 };
    const found = await withOtherDimensionsFit([...others, one], activations(4), data, undefined);
    others.forEach((other, i) => {
      expect(found[i]).toBe(other);
    });
    expect(found[5].otherDimensionsFit).toMatchObject({ mse: 0, explainedVariance: 1, l0: 1 });
  });

  test('is asked for where a few coordinates hold a fifth of the variance', async () => {
    const members = [reading(4, 1, () => false)];
    const asked = async (moments: ColumnMoments) =>
      (await withOtherDimensionsFit(
        members,
        activations(4),
        { moments, codeRows: 4, stride: 1 },
        undefined,
      )) !== members;
    expect(await asked(spreading(1, 1, 10_000))).toBe(true);
    expect(await asked(spreading(1, 1, 1))).toBe(false);
    // The first holds 100 times as much as the usual one: of 500 a fifth, of 501 less.
    const holding = (rest: number) =>
      ({ spreads: () => Float64Array.of(100, 99, 99, 99, rest, ...new Array(102).fill(1)) }) as ColumnMoments;
    expect(await asked(holding(1))).toBe(true);
    expect(await asked(holding(2))).toBe(false);
  });
});

test('a fifth of the variance matters', () => {
  const holding = (heavyShare?: number) =>
    heavyDimensionsMatter({
      activations: {
        rows: 9,
        distinctRows: 9,
        effectiveRank: 2,
        ...(heavyShare === undefined ? {} : { heavyShare }),
      },
    });
  expect([holding(0.2), holding(0.19), holding(0.9), holding()]).toEqual([true, false, true, false]);
  expect(heavyDimensionsMatter({})).toBe(false);
});

test('a member in the other dimensions has their columns, before and after training', () => {
  const rows = fromRows([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
  const start = fromRows([
    [10, 20, 30, 40],
    [50, 60, 70, 80],
  ]);
  const one = member('a', rows, undefined, start);
  one.sae.decoderBias.set([9, 8, 7, 6]);
  const left = withoutColumns(one, Int32Array.of(1, 2));
  expect([...left.sae.decoder.data]).toEqual([1, 4, 5, 8]);
  expect(left.sae.decoder).toMatchObject({ rows: 2, cols: 2 });
  expect([...left.sae.encoder.data]).toEqual([1, 4, 5, 8]);
  expect([...left.sae.decoderBias]).toEqual([9, 6]);
  expect([...left.init!.decoder.data]).toEqual([10, 40, 50, 80]);
  const { init: _, ...bare } = one;
  expect(withoutColumns(bare, Int32Array.of(0))).not.toHaveProperty('init');
});
