// Weight statistics: by hand, and with weights that are not numbers.
import { describe, expect, test } from 'vitest';
import { deadByNorm, numerics, weightStatistics } from '../../src/sae/weight-statistics.js';
import { fromRows } from '../../src/tensor/index.js';

const weights = (decoder: number[][], encoder = decoder) => ({
  encoder: fromRows(encoder),
  encoderBias: new Float32Array(encoder.length),
  decoder: fromRows(decoder),
  decoderBias: new Float32Array(decoder[0].length),
});

describe('weightStatistics', () => {
  test('by hand', () => {
    const found = weightStatistics(
      weights(
        [
          [3, 4],
          [0, 1],
        ],
        [
          [1, 1],
          [3, 3],
        ],
      ),
    );
    expect(found?.decoder).toMatchObject({ mean: 2, normMean: 3, normMin: 1, normMax: 5 });
    expect(found?.decoder.std).toBeCloseTo(Math.sqrt((1 + 4 + 4 + 1) / 3), 12);
    expect(found?.decoder.normStd).toBeCloseTo(Math.sqrt(8), 12);
    expect(found?.encoder?.mean).toBe(2);
    expect(found?.encoder?.std).toBeCloseTo(Math.sqrt(4 / 3), 12);
  });

  test('rows and entries that are not finite are left out', () => {
    const found = weightStatistics(
      weights([
        [3, 4],
        [Number.NaN, 1],
        [Number.POSITIVE_INFINITY, 0],
      ]),
    );
    expect(found?.decoder).toMatchObject({ mean: 2, normMean: 5, normStd: 0, normMin: 5, normMax: 5 });
  });

  test('nothing finite: nothing to say', () => {
    expect(weightStatistics(weights([[Number.NaN]]))).toBeUndefined();
  });
});

test('numerics counts every array', () => {
  const found = weights([
    [0, 0],
    [1, Number.NaN],
  ]);
  found.encoderBias[0] = Number.NEGATIVE_INFINITY;
  found.decoderBias[0] = Number.NaN;
  // The encoder has the same entries as the decoder.
  expect(numerics(found)).toEqual({ nan: 3, inf: 1, zeroFeatures: 1 });
});

test('dead by norm is below 0.01, zero included', () => {
  expect(
    deadByNorm(
      fromRows([
        [0, 0],
        [0.006, 0.007],
        [0.01, 0.001],
        [Number.NaN, 0],
      ]),
    ),
  ).toBe(2);
});

test('numerics counts NaN in what only the activation has; a threshold that is infinite is sound', () => {
  const threshold = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY);
  const found = numerics({ ...weights([[1], [2]]), activation: { kind: 'jumprelu', threshold } });
  expect(found).toMatchObject({ nan: 1, inf: 0 });
});
