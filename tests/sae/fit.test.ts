// Fit of a reconstruction: by hand, and what must hold of any.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measureFit } from '../../src/sae/fit.js';
import type { Sae } from '../../src/sae/sae.js';
import { fromDense, fromRows } from '../../src/tensor/index.js';

const sae = (decoder: number[][], bias: number[]): Sae => ({
  architecture: 'relu',
  activation: { kind: 'relu' },
  subtractDecoderBias: false,
  encoder: fromRows(decoder),
  encoderBias: new Float32Array(decoder.length),
  decoder: fromRows(decoder),
  decoderBias: Float32Array.from(bias),
});

describe('measureFit', () => {
  test('by hand', () => {
    // x̂ = (1, 0) and (0, 3) of x = (1, 1) and (0, 3): one error of 1; about the mean row (½, 2): ½² ·2 + 1² ·2.
    const x = fromRows([
      [1, 1],
      [0, 3],
    ]);
    const codes = fromDense([
      [1, 0],
      [0, 3],
    ]);
    const weights = sae(
      [
        [1, 0],
        [0, 1],
      ],
      [0, 0],
    );
    expect(measureFit(weights, x, codes)).toEqual({ mse: 0.25, explainedVariance: 1 - 1 / 2.5, l0: 1 });
  });

  test('the mean row alone explains nothing', () => {
    const x = fromRows([[0], [2]]);
    expect(measureFit(sae([[1]], [1]), x, fromDense([[0], [0]]))).toEqual({
      mse: 1,
      explainedVariance: 0,
      l0: 0,
    });
  });

  test('constant activations give no NaN', () => {
    const x = fromRows([[2], [2]]);
    const codes = fromDense([[0], [0]]);
    expect(measureFit(sae([[1]], [2]), x, codes).explainedVariance).toBe(1);
    expect(measureFit(sae([[1]], [1]), x, codes).explainedVariance).toBe(0);
  });

  test('refuses codes of other rows', () => {
    expect(() => measureFit(sae([[1]], [0]), fromRows([[1]]), fromDense([[1], [1]]))).toThrow('same rows');
  });

  test('an exact reconstruction explains everything, and adding to it explains less', () => {
    const tables = fc.array(fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 3, maxLength: 3 }), {
      minLength: 2,
      maxLength: 6,
    });
    const identity = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    fc.assert(
      fc.property(tables, fc.integer({ min: 1, max: 4 }), (rows, off) => {
        const exact = measureFit(sae(identity, [0, 0, 0]), fromRows(rows), fromDense(rows));
        const worse = measureFit(sae(identity, [off, 0, 0]), fromRows(rows), fromDense(rows));
        expect(exact).toMatchObject({ mse: 0, explainedVariance: 1 });
        expect(worse.mse).toBeCloseTo(off ** 2 / 3, 12);
        expect(worse.explainedVariance).toBeLessThan(1);
      }),
    );
  });
});
