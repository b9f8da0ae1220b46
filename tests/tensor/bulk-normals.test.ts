// Normals by the million: moments and tails of the normal distribution, and the same for the same stream.
import { expect, test } from 'vitest';
import { fillNormals } from '../../src/tensor/bulk-normals.js';
import { Rng } from '../../src/tensor/rng.js';

const n = 2_000_000;
const values = new Float32Array(n);
fillNormals(values, new Rng(1, 'test'));

test('moments and tails are those of the normal distribution', () => {
  // E[x^2k] = (2k − 1)!!, and the variance of x^k is E[x^2k] − E[x^k]².
  const moments = [1, 0, 1, 0, 3, 0, 15, 0, 105];
  for (const k of [1, 2, 3, 4]) {
    const found = values.reduce((sum, x) => sum + x ** k, 0) / n;
    const error = Math.sqrt((moments[2 * k] - moments[k] ** 2) / n);
    expect(Math.abs(found - moments[k]), `moment ${k}`).toBeLessThan(4 * error);
  }
  // 2·(1 − Φ(t)); beyond 3.654 it is the tail of the base layer.
  for (const [t, p] of [
    [0.1, 0.920344],
    [0.5, 0.617075],
    [1, 0.3173105],
    [2, 0.0455003],
    [3, 0.0026998],
    [3.7, 0.00021561],
    [4, 6.33425e-5],
    [4.5, 6.7953e-6],
  ]) {
    const found = values.reduce((count, x) => count + (Math.abs(x) > t ? 1 : 0), 0) / n;
    expect(Math.abs(found - p), `beyond ${t}`).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / n));
  }
});

test('neighbours are uncorrelated, in value and in size', () => {
  for (const lag of [1, 2, 3, 4, 576, 768]) {
    let [product, sizes] = [0, 0];
    for (let i = lag; i < n; i++) {
      product += (values[i] * values[i - lag]) / n;
      sizes += ((values[i] ** 2 - 1) * (values[i - lag] ** 2 - 1)) / n;
    }
    expect(Math.abs(product)).toBeLessThan(4.5 / Math.sqrt(n));
    expect(Math.abs(sizes)).toBeLessThan((4.5 * 2) / Math.sqrt(n));
  }
});

test('a stream gives the same again, and another stream other values', () => {
  const [same, other] = [new Float32Array(1000), new Float32Array(1000)];
  fillNormals(same, new Rng(1, 'test'));
  fillNormals(other, new Rng(1, 'other'));
  expect(same).toEqual(values.slice(0, 1000));
  expect(other).not.toEqual(same);
});
