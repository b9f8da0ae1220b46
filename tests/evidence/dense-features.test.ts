// Features that fire on most rows: which, what of the mean they write, and members without them, by hand.
import { expect, test } from 'vitest';
import { alwaysOn, denseFeatures, meanWritten, withoutFeatures } from '../../src/evidence/dense-features.js';
import type { Member } from '../../src/sae/member.js';
import { fromDense, fromRows } from '../../src/tensor/index.js';

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
