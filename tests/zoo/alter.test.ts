// What the zoo's changes to an SAE promise: order, scale and sign leave what it computes as it is.
import { expect, test } from 'vitest';
import { decode } from '../../src/sae/encode.js';
import { float16ToNumber } from '../../src/tensor/dtype.js';
import { fromDense, fromRows, type Matrix } from '../../src/tensor/index.js';
import { float16, normalised, reordered, rescaled, withLongRow } from './alter.js';
import { asSae, type Trained } from './train.js';

const decoder = fromRows([
  [3, 4],
  [0, -2],
  [1, 0],
]);
const weights = {
  encoder: decoder,
  decoder,
  encoderBias: new Float32Array(3),
  decoderBias: new Float32Array([1, 2]),
};
const codes = fromDense([
  [2, 0, 1],
  [0, -1, 0.5],
]);
const run: Trained = { sae: asSae(weights, 2), init: weights, codes, steps: 1, losses: [1] };

const rebuilt = ({ sae, codes: own }: Trained) =>
  Array.from(decode(sae, own).data, (v) => Number(v.toFixed(5)));
const lengths = ({ data, cols, rows }: Matrix) =>
  Array.from({ length: rows }, (_, i) => Math.hypot(...data.subarray(i * cols, (i + 1) * cols)));

test('the same function in another order, scale or sign', () => {
  expect(rebuilt(run)).toEqual([8, 10, 1.5, 4]);
  for (const changed of [
    reordered(run, Int32Array.of(2, 0, 1)),
    rescaled(run, [0.5, -1, 8]),
    normalised(run),
    withLongRow(run, 300),
  ]) {
    expect(rebuilt(changed)).toEqual(rebuilt(run));
  }
  expect([...reordered(run, Int32Array.of(2, 0, 1)).sae.decoder.data]).toEqual([1, 0, 3, 4, 0, -2]);
  expect(lengths(normalised(run).sae.decoder).map((v) => v.toFixed(6))).toEqual([
    '1.000000',
    '1.000000',
    '1.000000',
  ]);
  expect(lengths(withLongRow(run, 300).sae.decoder)[0]).toBeCloseTo((300 * (5 + 2 + 1)) / 3, 2);
});

test('float16: every number of that format stays, others go to the nearest', () => {
  const bits = [0x0000, 0x0001, 0x03ff, 0x0400, 0x3555, 0x3c00, 0xc248, 0x7bff];
  const exact = bits.map(float16ToNumber);
  const between = bits
    .slice(1, 7)
    .map((b) => float16ToNumber(b) + 0.4 * (float16ToNumber(b + 1) - float16ToNumber(b)));
  const rounded = (values: number[]) => {
    const m = fromRows([values]);
    return [...float16({ ...run, sae: { ...run.sae, decoder: m } }).sae.decoder.data];
  };
  expect(rounded(exact)).toEqual(exact);
  expect(rounded(between)).toEqual(exact.slice(1, 7));
});
