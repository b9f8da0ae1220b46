// Features that fire on most rows: which, what of the mean they write, and members without them, by hand.
import { expect, test } from 'vitest';
import {
  alwaysOn,
  alwaysOnShare,
  denseFeatures,
  isLargeMean,
  manyAlwaysOn,
  meanLeftToFeatures,
  meanMatters,
  meanWritten,
  withoutFeatures,
} from '../../src/evidence/dense-features.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows } from '../../src/tensor/index.js';
import { member as counted } from '../diagnosis/hand.js';

const firing = { counts: Int32Array.of(100, 95, 94, 50, 49, 0), rows: 100 };

test('always on from 95 of 100 rows, dense from half of them', () => {
  expect([...alwaysOn(firing)]).toEqual([1, 1, 0, 0, 0, 0]);
  expect([...denseFeatures(firing)]).toEqual([1, 1, 1, 1, 0, 0]);
});

/** Feature 0 fires on both rows and writes (3, 0), feature 1 on one of three and writes (0, 2). */
const member: Member = {
  id: 'a',
  sae: {
    architecture: 'relu',
    activation: { kind: 'relu' },
    subtractDecoderBias: false,
    encoder: fromRows([
      [1, 2],
      [3, 4],
      [5, 6],
    ]),
    encoderBias: Float32Array.of(7, 8, 9),
    decoder: fromRows([
      [3, 0],
      [0, 2],
      [1, 1],
    ]),
    decoderBias: new Float32Array(2),
  },
  codes: fromDense([
    [1, 0, 0],
    [2, 4, 0],
    [3, 0, 0],
  ]),
};

test('what dense features write of the mean: their mean code times their part along it', () => {
  // z̄₀ = 2 and d₀·m/‖m‖² = 3·4/20: 1.2 of the mean (4, 2); feature 1 fires too seldom to count.
  expect(meanWritten(member, Float64Array.of(4, 2))).toBeCloseTo(1.2, 12);
  expect(meanWritten(member, Float64Array.of(0, 0))).toBeUndefined();
  const { codes: _, ...without } = member;
  expect(meanWritten(without, Float64Array.of(4, 2))).toBeUndefined();
  const transcoder = { ...member, sae: { ...member.sae, transcoder: true } as const };
  expect(meanWritten(transcoder, Float64Array.of(4, 2))).toBeUndefined();
});

test('a member without a feature has the rows and codes of the others', () => {
  const {
    sae,
    codes,
    firing: left,
  } = withoutFeatures(
    { ...member, firing: { counts: Int32Array.of(3, 1, 0), rows: 3 } },
    Uint8Array.of(1, 0, 0),
  );
  expect([...sae.encoder.data]).toEqual([3, 4, 5, 6]);
  expect([...sae.encoderBias]).toEqual([8, 9]);
  expect([...sae.decoder.data]).toEqual([0, 2, 1, 1]);
  expect(codes).toEqual(
    fromDense([
      [0, 0],
      [4, 0],
      [0, 0],
    ]),
  );
  expect(left).toEqual({ counts: Int32Array.of(1, 0), rows: 3 });
});

test('on no rows nothing fires, and on one row a feature may', () => {
  expect([...alwaysOn({ counts: Int32Array.of(0), rows: 0 })]).toEqual([0]);
  expect([...denseFeatures({ counts: Int32Array.of(1, 0), rows: 1 })]).toEqual([1, 0]);
});

test('what is written of the mean is not asked where codes, or what is written, are of something else', () => {
  const centre = Float64Array.of(4, 2);
  const firing = { counts: Int32Array.of(3, 1, 0), rows: 3 };
  const { codes, ...without } = member;
  expect(meanWritten({ ...without, firing }, centre)).toBeUndefined();
  const noRows = { ...codes!, rows: 0, offsets: new Int32Array(1) };
  expect(meanWritten({ ...without, codes: noRows, firing }, centre)).toBeUndefined();
  expect(meanWritten({ ...member, activations: fromRows([[1]]) }, centre)).toBeUndefined();
  const normed = { ...member.sae, inputNorm: 'layer-norm' } as const;
  expect(meanWritten({ ...member, sae: normed }, centre)).toBeUndefined();
  // One row is enough: 2·(3, 0) of (4, 2).
  const one = fromDense([[2, 0, 0]]);
  expect(meanWritten({ ...member, codes: one }, centre)).toBeCloseTo((2 * 12) / 20, 12);
});

test('a start, and its codes, lose the same features', () => {
  const { encoder, encoderBias, decoder, decoderBias } = member.sae;
  const init = { encoder: decoder, encoderBias, decoder: encoder, decoderBias };
  const initCodes = fromDense([[1, 2, 3]]);
  const left = withoutFeatures({ ...member, init, initCodes }, Uint8Array.of(0, 1, 0));
  expect([...left.init!.decoder.data]).toEqual([1, 2, 5, 6]);
  expect(left.initCodes).toEqual(fromDense([[1, 3]]));
  expect(withoutFeatures(member, Uint8Array.of(0, 1, 0))).not.toHaveProperty('initCodes');
  expect(left).not.toHaveProperty('firing');
});

const using = (live: number, alwaysOn?: number) =>
  counted('a', {
    usage: { live, deadByFiring: 0, deadByNorm: 0, ...(alwaysOn === undefined ? {} : { alwaysOn }) },
  });

test('the share of live features that are always on, over SAEs that have some', () => {
  expect(alwaysOnShare({ members: [using(10, 2), using(4, 2), using(0, 0), using(9)] })).toBeCloseTo(
    0.35,
    14,
  );
  expect(alwaysOnShare({ members: [using(1, 1)] })).toBe(1);
  expect(
    alwaysOnShare({ members: [using(0, 0), counted('b', { usage: { deadByNorm: 0 } })] }),
  ).toBeUndefined();
  const many = (live: number, on: number) => manyAlwaysOn({ members: [using(live, on)] });
  expect([many(10, 1), many(100, 11), many(10, 9), many(0, 0)]).toEqual([false, true, true, false]);
});

test('a mean matters where it is most of the squared length and a third of it is left to features', () => {
  const of = (meanShare: number | undefined, ...written: (number | undefined)[]) => ({
    activations: {
      rows: 9,
      distinctRows: 9,
      effectiveRank: 3,
      ...(meanShare === undefined ? {} : { meanShare }),
    },
    members: written.map((meanWritten) => {
      const { meanWritten: _, ...known } = counted('a');
      return meanWritten === undefined ? known : { ...known, meanWritten };
    }),
  });
  expect(meanLeftToFeatures(of(0, 0.2, undefined, 0.6))).toBeCloseTo(0.4, 14);
  expect(meanLeftToFeatures(of(0, 0.2))).toBe(0.2);
  expect(meanLeftToFeatures(of(0, undefined))).toBeUndefined();
  expect([isLargeMean(of(0.5)), isLargeMean(of(0.51)), isLargeMean(of(undefined)), isLargeMean({})]).toEqual([
    false,
    true,
    false,
    false,
  ]);
  const matters = (share: number, ...written: (number | undefined)[]) => meanMatters(of(share, ...written));
  expect([matters(0.6, 0.34), matters(0.6, 1 / 3), matters(0.6, 2), matters(0.6, undefined)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([matters(0.5, 0.9), matters(0.4, 0.9)]).toEqual([false, false]);
});
