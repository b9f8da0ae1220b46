// Copies, shared starts, and best matches that are not the feature of the same index.
import { afterAll, describe, expect, test } from 'vitest';
import { indexAgreement, sameFeatures, sameInit } from '../../src/evidence/copies-and-starts.js';
import { activationOtherIndex, decoderOtherIndex } from '../../src/evidence/other-index.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import { decoderMax } from '../../src/metrics/decoder-max.js';
import type { Member } from '../../src/sae/member.js';
import type { Sae, SaeWeights } from '../../src/sae/sae.js';
import { fromDense, fromRows, type Matrix, Rng, row, takeRows, zeros } from '../../src/tensor/index.js';

const kernel = createPortableKernel({ threads: 1 });
afterAll(() => kernel.close());

function weights(decoder: Matrix): SaeWeights {
  const [encoderBias, decoderBias] = [new Float32Array(decoder.rows), new Float32Array(decoder.cols)];
  return { encoder: decoder, encoderBias, decoder, decoderBias };
}

function member(id: string, decoder: Matrix, more: Partial<Member> = {}): Member {
  const sae: Sae = {
    ...weights(decoder),
    architecture: 'topk',
    activation: { kind: 'topk', k: 1, relu: true },
    subtractDecoderBias: false,
  };
  return { id, sae, ...more };
}

function normal(rows: number, cols: number, name: string): Matrix {
  const out = zeros(rows, cols);
  new Rng(5, name).fillNormal(out.data);
  return out;
}

const base = normal(64, 32, 'base');

async function shareOfSame(a: Matrix, b: Matrix): Promise<number> {
  const scores = await decoderMax([member('a', a), member('b', b)], kernel);
  return sameFeatures(scores!.matches[0]);
}

describe('copies', () => {
  test('an SAE without features has none in common; of two shares the smaller counts', () => {
    const best = (...values: number[]) => ({ best: Float64Array.from(values) });
    const of = (aToB: object, bToA: object) =>
      sameFeatures({ aToB, bToA } as unknown as Parameters<typeof sameFeatures>[0]);
    expect(of(best(), best())).toBe(0);
    expect(of(best(1, 1, 1, 0.5), best(1, 0.5))).toBe(0.5);
    expect(of(best(1, 0.5), best(1, 1, 1, 0.5))).toBe(0.5);
    expect(of(best(0.9999, 0.99989), best(1))).toBe(0.5);
  });

  test('in another order, sign and length have all directions in common', async () => {
    const rng = new Rng(5, 'copy');
    const copy = takeRows(base, rng.permutation(64));
    for (let i = 0; i < 64; i++) {
      const scale = (i % 2 ? -1 : 1) * (0.1 + rng.uniform());
      row(copy, i).forEach((value, j, to) => {
        to[j] = scale * value;
      });
    }
    expect(await shareOfSame(base, copy)).toBe(1);
  });

  test('rounded to half precision still do; changed by a per cent they do not', async () => {
    const rounded = (step: number) => ({
      ...base,
      data: base.data.map((v, i) => v * (1 + step * Math.sin(7 * i))),
    });
    expect(await shareOfSame(base, rounded(2 ** -11))).toBe(1);
    expect(await shareOfSame(base, rounded(0.05))).toBeLessThan(0.01);
  });

  test('of a wider SAE count from the side that has more to lose', async () => {
    const half = takeRows(
      base,
      Array.from({ length: 32 }, (_, i) => i),
    );
    expect(await shareOfSame(base, half)).toBe(0.5);
  });
});

describe('a shared start', () => {
  test('is known by the initial weights', () => {
    const [init, other] = [weights(base), weights(normal(64, 32, 'other'))];
    const of = (start: SaeWeights) => member('x', normal(64, 32, 'trained'), { init: start });
    expect(sameInit(of(init), of({ ...init, decoder: { ...base, data: base.data.slice() } }))).toBe(true);
    expect(sameInit(of(init), of(other))).toBe(false);
    expect(sameInit(of(init), member('y', base))).toBeUndefined();
    expect(sameInit(of(init), of(weights(normal(32, 32, 'narrow'))))).toBe(false);
  });

  test('is one where every row is the same up to rounding, and none where a single one is another', () => {
    const init = normal(8, 3, 'start');
    const startedAt = (decoder: Matrix) =>
      sameInit(member('a', base, { init: weights(init) }), member('b', base, { init: weights(decoder) }));
    const turned = (angle: number) => {
      const out = takeRows(
        init,
        Int32Array.from({ length: 8 }, (_, i) => i),
      );
      const [x, y, z] = row(out, 5);
      row(out, 5).set([
        x * Math.cos(angle) - y * Math.sin(angle),
        x * Math.sin(angle) + y * Math.cos(angle),
        z,
      ]);
      return out;
    };
    expect(startedAt(turned(0))).toBe(true);
    expect(startedAt(turned(1e-4))).toBe(true);
    expect(startedAt(turned(0.1))).toBe(false);
    expect(startedAt(turned(3))).toBe(false);
  });

  test('four features are enough to shift, three are not; a row of length 0 counts as 0', () => {
    const eye = (n: number) =>
      weights(
        fromRows(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)))),
      );
    expect(indexAgreement(eye(3), eye(3))).toBeUndefined();
    expect(indexAgreement(eye(4), eye(4))).toEqual({ mean: 1, shifted: 0, shiftedSd: 0 });
    const without = eye(4);
    row(without.decoder, 2).fill(0);
    expect(indexAgreement(eye(4), without)).toEqual({ mean: 0.75, shifted: 0, shiftedSd: 0 });
  });

  test('by hand: cosines at the same index, and under shifts of it', () => {
    const rows = fromRows([
      [1, 0],
      [0, 2],
      [-1, 0],
      [0, -1],
    ]);
    // Rows i and i + 1 are at right angles, rows i and i + 2 opposite: shifts 1, 2, 3 have means 0, −1, 0.
    const found = indexAgreement(weights(rows), weights(rows));
    expect(found?.mean).toBeCloseTo(1, 12);
    expect(found?.shifted).toBeCloseTo(-1 / 3, 12);
    expect(found?.shiftedSd).toBeCloseTo(Math.sqrt(1 / 3), 12);
  });

  test('of rows that moved by 45° from it shows at the same index only', () => {
    const moved = (name: string) => {
      const step = normal(64, 32, name);
      return weights({ ...base, data: base.data.map((v, i) => v + step.data[i]) });
    };
    const { mean, shifted, shiftedSd } = indexAgreement(moved('one'), moved('two'))!;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(Math.abs(shifted)).toBeLessThan(0.02);
    expect((mean - shifted) / shiftedSd).toBeGreaterThan(10);
    const apart = indexAgreement(weights(normal(64, 32, 'p')), weights(normal(64, 32, 'q')))!;
    expect(Math.abs(apart.mean - apart.shifted) / apart.shiftedSd).toBeLessThan(4);
  });

  /** Rows that point along the first axis, or the second. */
  const along = (count: number, second: (i: number) => boolean) =>
    weights(fromRows(Array.from({ length: count }, (_, i) => (second(i) ? [0, 1] : [1, 0]))));

  test('is held against 32 shifts, evenly spaced', () => {
    const turns = along(49, (i) => i % 2 === 1);
    // A step of one and a half apart, rounded down: 1, 2, 4, 5, 7, 8 … 47.
    const shifts = Array.from({ length: 48 }, (_, s) => s).filter((s) => s % 3 !== 0);
    // Rows i and i + s are the same where s is even, and else where the index begins anew.
    const means = shifts.map((s) => (s % 2 === 0 ? 49 - s : s) / 49);
    const middle = means.reduce((sum, m) => sum + m / 32, 0);
    const squares = means.reduce((sum, m) => sum + (m - middle) ** 2, 0);
    const found = indexAgreement(turns, turns)!;
    expect(shifts).toHaveLength(32);
    expect(found.mean).toBe(1);
    expect(found.shifted).toBeCloseTo(middle, 12);
    expect(found.shiftedSd).toBeCloseTo(Math.sqrt(squares / 31), 12);
  });

  test('of five rows is told of each, of many of 1024 that are evenly spaced', () => {
    const [five, other] = [along(5, () => false), along(5, (i) => i > 2)];
    expect(indexAgreement(five, other)?.mean).toBeCloseTo(0.6, 12);
    // Of 1536 rows two in three: those at 0, 1, 3, 4, 6, 7 …
    const [many, third] = [along(1536, () => false), along(1536, (i) => i % 3 === 2)];
    expect(indexAgreement(many, third)?.mean).toBe(1);
    expect(
      indexAgreement(
        many,
        along(1536, (i) => i % 3 === 1),
      )?.mean,
    ).toBe(0.5);
  });

  test('is not asked of SAEs of other widths', () => {
    expect(indexAgreement(weights(base), weights(normal(32, 32, 'narrow')))).toBeUndefined();
  });
});

describe('without partners of the same index', () => {
  test('by hand: the second best counts where the best is barred', async () => {
    const a = fromRows([
      [1, 0],
      [0, 1],
    ]);
    const b = fromRows([
      [1, 0],
      [0.6, 0.8],
    ]);
    // a0 may not have b0: 0.6; a1 may not have b1: 0; b0 may not have a0: 0; b1 may not have a1: 0.6.
    const scores = await decoderOtherIndex([member('a', a), member('b', b)], kernel);
    expect(scores?.pairs[0].value).toBeCloseTo(0.3, 6);
    expect(scores).toMatchObject({ id: 'decoder.max', leftOut: 0 });
  });

  test('features keep their index where others have no direction', async () => {
    const a = fromRows([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
    const b = fromRows([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    // a1 and b1 are the same and barred; a2 finds b0, which has another index.
    const { matches } = (await decoderOtherIndex([member('a', a), member('b', b)], kernel))!;
    expect(Array.from(matches[0].aToB.best)).toEqual([0, 1]);
    expect(Array.from(matches[0].aToB.partner)).toEqual([0, 0]);
  });

  test('codes are treated the same; without them there is no score', async () => {
    const codes = fromDense([
      [1, 0],
      [0, 1],
    ]);
    const rows = fromRows([
      [1, 0],
      [0, 1],
    ]);
    const [a, b] = [member('a', rows, { codes }), member('b', rows, { codes })];
    const scores = await activationOtherIndex([a, b], kernel);
    expect(scores?.pairs[0].value).toBe(0);
    expect(scores).toMatchObject({ id: 'activation.max', leftOut: 0 });
    expect(await activationOtherIndex([a, member('b', rows)], kernel)).toBeUndefined();
  });
});
