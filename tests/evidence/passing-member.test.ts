// What one SAE makes of blocks of rows, against its codes, firing and fit on all of them in memory; and what is left without some rows.
import { describe, expect, test } from 'vitest';
import { everyNthRow, PassingMember } from '../../src/evidence/passing-member.js';
import { encode } from '../../src/sae/encode.js';
import { type Fit, measureFit } from '../../src/sae/fit.js';
import type { Sae } from '../../src/sae/sae.js';
import { ColumnMoments } from '../../src/stats/column-moments.js';
import { fromRows, type Matrix, rowRange, takeRows } from '../../src/tensor/matrix.js';
import { firingCounts, type SparseCodes, takeCodeRows } from '../../src/tensor/sparse-codes.js';
import { atOnce } from './at-once.js';
import { d, normal, sae, someRows } from './pass-cases.js';

const x = someRows(40);
const trained = sae(9, 'trained');
const start = sae(9, 'start');
/** Of 16, 1, 15 and 8 rows. */
const bounds = [0, 16, 17, 32, 40];

const encoded = (of: Sae, rows: Matrix = x) => encode(of, rows, atOnce);
const bytesOf = (...sets: readonly SparseCodes[]) =>
  sets.reduce((sum, { rows, values }) => sum + 8 * values.length + 4 * rows, 0);

function momentsOf(rows: Matrix): ColumnMoments {
  const moments = new ColumnMoments(new Float64Array(rows.cols));
  moments.add(rows);
  return moments;
}

async function pass(
  member: ConstructorParameters<typeof PassingMember>[0],
  { stride = 1, read = x, target = x as Matrix | undefined } = {},
): Promise<PassingMember> {
  const passing = new PassingMember(member, atOnce);
  for (const [i, from] of bounds.slice(0, -1).entries()) {
    const to = bounds[i + 1];
    await passing.add(rowRange(read, from, to), from, stride, {}, target && rowRange(target, from, to));
  }
  return passing;
}

function expectFit(found: Fit | undefined, wanted: Fit): void {
  expect(found?.l0).toBe(wanted.l0);
  expect(found!.mse / wanted.mse).toBeCloseTo(1, 12);
  expect((1 - found!.explainedVariance) / (1 - wanted.explainedVariance)).toBeCloseTo(1, 9);
}

const every = (stride: number) => Array.from({ length: Math.ceil(40 / stride) }, (_, n) => n * stride);

describe('of all rows', () => {
  test('codes, firing and fit are those in memory, and those of the start', async () => {
    const [codes, before] = [await encoded(trained), await encoded(start)];
    const passing = await pass({ sae: trained, untrained: start });
    expect(passing.bytes).toBe(bytesOf(codes, before));
    const found = await passing.finish(momentsOf(x));
    expect(found.codes).toEqual(codes);
    expect(found.untrained).toEqual(before);
    expect(found.firing).toEqual(firingCounts(codes));
    expectFit(found.fit, measureFit(trained, x, codes));
  });

  test('codes that are known stand for those that it makes, and are counted as they are reached', async () => {
    // Other codes than its own: of every third feature.
    const codes = await encoded({ ...trained, encoder: start.encoder, activation: { kind: 'relu' } });
    expect(codes).not.toEqual(await encoded(trained));
    const passing = await pass({ sae: trained, codes });
    expect(passing.bytes).toBe(bytesOf(codes));
    const found = await passing.finish(momentsOf(x));
    expect(found.codes).toBe(codes);
    expect(found.firing).toEqual(firingCounts(codes));
    expectFit(found.fit, measureFit(trained, x, codes));
    expect(found.untrained).toBeUndefined();
  });

  test('a transcoder is held against what it should write, and has no fit where that is not known', async () => {
    const target = normal(40, d, 'target');
    const codes = await encoded(trained);
    const known = await (await pass({ sae: trained }, { target })).finish(momentsOf(target));
    expectFit(known.fit, measureFit(trained, x, codes, target));
    const unknown = await pass({ sae: trained }, { target: undefined });
    expect((await unknown.finish()).fit).toBeUndefined();
    expect(unknown.ofOthers()).toBeUndefined();
  });
});

describe('of every nth row', () => {
  test('only those are kept, of the start too; firing and fit are of all', async () => {
    const [codes, before] = [await encoded(trained), await encoded(start)];
    for (const stride of [2, 8, 32]) {
      const passing = await pass({ sae: trained, untrained: start }, { stride });
      const kept = [takeCodeRows(codes, every(stride)), takeCodeRows(before, every(stride))];
      expect(passing.bytes).toBe(bytesOf(...kept));
      const found = await passing.finish(momentsOf(x));
      expect([found.codes, found.untrained]).toEqual(kept);
      expect(found.firing).toEqual(firingCounts(codes));
      expectFit(found.fit, measureFit(trained, x, codes));
    }
  });

  test('every second of those that were kept, of the start and of known codes too', async () => {
    const [codes, before] = [await encoded(trained), await encoded(start)];
    for (const known of [undefined, codes]) {
      const member = { sae: trained, untrained: start, ...(known ? { codes: known } : {}) };
      const passing = await pass(member);
      await passing.halve();
      const kept = [takeCodeRows(codes, every(2)), takeCodeRows(before, every(2))];
      expect(passing.bytes).toBe(bytesOf(...kept));
      const found = await passing.finish();
      expect([found.codes, found.untrained]).toEqual(kept);
    }
  });

  test('the start encodes no block that none of them is in', async () => {
    const asked: number[] = [];
    const counting = Object.assign(Object.create(atOnce) as typeof atOnce, {
      encodeTopK: (...[weights, rows, ...more]: Parameters<typeof atOnce.encodeTopK>) => {
        asked.push(rows.rows);
        return atOnce.encodeTopK(weights, rows, ...more);
      },
    });
    const passing = new PassingMember({ sae: trained, untrained: start }, counting);
    await passing.add(rowRange(x, 0, 3), 0, 4, {}, undefined);
    await passing.add(rowRange(x, 3, 4), 3, 4, {}, undefined);
    await passing.add(rowRange(x, 4, 5), 4, 4, {}, undefined);
    expect(asked).toEqual([3, 1, 1, 1, 1]);
    expect((await passing.finish()).untrained).toEqual(await encoded(start, takeRows(x, [0, 4])));
  });
});

describe('without rows that are left out', () => {
  const out = Int32Array.of(3, 17, 39);
  const others = Int32Array.from({ length: 40 }, (_, n) => n).filter((n) => !out.includes(n));

  test('firing and fit are those of the others in memory, of known codes too', async () => {
    for (const known of [undefined, await encoded({ ...trained, encoder: start.encoder })]) {
      const member = { sae: trained, ...(known ? { codes: known } : {}) };
      const codes = takeCodeRows(known ?? (await encoded(trained)), others);
      const passing = await pass(member);
      expect(passing.ofOthers(momentsOf(x))).toBeUndefined();
      // In two parts, the second of which is one row.
      for (const part of [out.subarray(0, 2), out.subarray(2)])
        await passing.leaveOut(takeRows(x, part), part, {}, takeRows(x, part));
      const left = passing.ofOthers(momentsOf(takeRows(x, others)));
      expect(left?.firing).toEqual(firingCounts(codes));
      expectFit(left?.fit, measureFit(trained, takeRows(x, others), codes));
      // What is said of all rows is of all rows still.
      const whole = await passing.finish(momentsOf(x));
      const ofAll = known ?? (await encoded(trained));
      expect(whole.firing).toEqual(firingCounts(ofAll));
      expectFit(whole.fit, measureFit(trained, x, ofAll));
    }
  });

  test('there is no fit where it is not known what it should write', async () => {
    const passing = await pass({ sae: trained }, { target: undefined });
    await passing.leaveOut(takeRows(x, out), out, {}, undefined);
    const left = passing.ofOthers();
    expect(left).toEqual({ firing: firingCounts(await encoded(trained, takeRows(x, others))) });
  });
});

test('every nth row is counted from the first of all', () => {
  const rows = fromRows(Array.from({ length: 7 }, (_, n) => [n]));
  const chosen = (from: number, stride: number) => [...everyNthRow(rows, from, stride).data];
  expect(everyNthRow(rows, 5, 1)).toBe(rows);
  expect(chosen(0, 2)).toEqual([0, 2, 4, 6]);
  expect(chosen(3, 2)).toEqual([1, 3, 5]);
  expect(chosen(6, 4)).toEqual([2, 6]);
  expect(chosen(8, 4)).toEqual([0, 4]);
  expect(chosen(9, 16)).toEqual([]);
});
