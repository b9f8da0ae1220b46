// Matrix product and layer norm of the plain forward pass: by hand, against the plain sum, row by row.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyLinear, layerNorm, linear } from '../../src/activations/transformer/linear.js';

it('a linear map by hand', () => {
  // W = [[1, 2, 3], [4, 5, 6]], two inputs and three outputs.
  const map = linear(new Float32Array([1, 2, 3, 4, 5, 6]), 2, 3, new Float32Array([0.5, 0, -1]));
  expect([...applyLinear(map, new Float64Array([1, 10, -1, 2]), 2)]).toEqual([41.5, 52, 62, 7.5, 8, 8]);
});

it('a layer norm by hand', () => {
  // Mean 2 and variance 1; ε = 1e-5 shrinks by half of that.
  const y = layerNorm(new Float64Array([1, 3]), 1, new Float32Array([2, 1]), new Float32Array([0, 5]));
  const factor = 1 / Math.sqrt(1 + 1e-5);
  expect(y[0]).toBeCloseTo(-2 * factor, 14);
  expect(y[1]).toBeCloseTo(5 + factor, 14);
});

const double = fc.double({ min: -4, max: 4, noNaN: true });
const cases = fc
  .record({ n: fc.nat(7), inputs: fc.integer({ min: 1, max: 9 }), outputs: fc.integer({ min: 1, max: 11 }) })
  .chain(({ n, inputs, outputs }) =>
    fc.record({
      n: fc.constant(n),
      inputs: fc.constant(inputs),
      outputs: fc.constant(outputs),
      x: fc.array(double, { minLength: n * inputs, maxLength: n * inputs }),
      w: fc.array(double, { minLength: inputs * outputs, maxLength: inputs * outputs }),
      bias: fc.array(double, { minLength: outputs, maxLength: outputs }),
    }),
  );

it('every output is the plain sum, whatever the number of rows and outputs, and rows do not mix', () => {
  fc.assert(
    fc.property(cases, ({ n, inputs, outputs, x, w, bias }) => {
      const weight = new Float32Array(w);
      const offset = new Float32Array(bias);
      const map = linear(weight, inputs, outputs, offset);
      const rows = Float64Array.from(x);
      const y = applyLinear(map, rows, n);
      for (let i = 0; i < n; i++) {
        const row = rows.subarray(i * inputs, (i + 1) * inputs);
        const alone = applyLinear(map, row, 1);
        expect(y.subarray(i * outputs, (i + 1) * outputs)).toEqual(alone);
        for (let j = 0; j < outputs; j++) {
          let sum = offset[j];
          for (let k = 0; k < inputs; k++) sum += row[k] * weight[k * outputs + j];
          expect(alone[j]).toBe(sum);
        }
      }
    }),
  );
});

it('a normed row has mean 0 and variance 1, whatever its scale and offset', () => {
  const row = fc
    .array(double, { minLength: 3, maxLength: 20 })
    .filter((r) => Math.max(...r) - Math.min(...r) > 1);
  fc.assert(
    fc.property(row, double, (values, offset) => {
      const d = values.length;
      const ones = new Float32Array(d).fill(1);
      const y = layerNorm(
        Float64Array.from(values, (v) => 1e3 * (v + offset)),
        1,
        ones,
        new Float32Array(d),
      );
      const mean = y.reduce((s, v) => s + v, 0) / d;
      const variance = y.reduce((s, v) => s + (v - mean) ** 2, 0) / d;
      expect(mean).toBeCloseTo(0, 9);
      expect(variance).toBeCloseTo(1, 6);
    }),
  );
});
