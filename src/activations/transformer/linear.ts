// The two building blocks of the plain forward pass: a matrix product and a layer norm, row by row.
import { normEpsilon } from './config.js';

/** A linear map, its matrix stored output-major so that each output reads one contiguous run. */
export interface Linear {
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs × inputs] */
  readonly rows: Float64Array;
  /** [outputs] */
  readonly bias: Float64Array;
}

/** Packs a weight [inputs × outputs]; without `bias` the map has none. */
export function linear(weight: Float32Array, inputs: number, outputs: number, bias?: Float32Array): Linear {
  const rows = new Float64Array(inputs * outputs);
  for (let k = 0; k < inputs; k++) {
    for (let j = 0; j < outputs; j++) rows[j * inputs + k] = weight[k * outputs + j];
  }
  return { inputs, outputs, rows, bias: bias ? Float64Array.from(bias) : new Float64Array(outputs) };
}

/**
 * X [n × inputs] → X·W + bias [n × outputs], sums in float64. Every output is its own sum in ascending order
 * of the input, whatever the tile it falls in: a row's result depends on that row alone, to the last bit.
 */
export function applyLinear(map: Linear, x: Float64Array, n: number): Float64Array {
  const { inputs, outputs, rows: w, bias } = map;
  const y = new Float64Array(n * outputs);
  const fullRows = n - (n % 2);
  const fullOutputs = outputs - (outputs % 4);
  for (let i = 0; i < fullRows; i += 2) {
    const x0 = i * inputs;
    const x1 = x0 + inputs;
    for (let j = 0; j < fullOutputs; j += 4) {
      const w0 = j * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let s00 = bias[j];
      let s01 = bias[j + 1];
      let s02 = bias[j + 2];
      let s03 = bias[j + 3];
      let s10 = s00;
      let s11 = s01;
      let s12 = s02;
      let s13 = s03;
      for (let k = 0; k < inputs; k++) {
        const a = x[x0 + k];
        const b = x[x1 + k];
        const u0 = w[w0 + k];
        const u1 = w[w1 + k];
        const u2 = w[w2 + k];
        const u3 = w[w3 + k];
        s00 += a * u0;
        s01 += a * u1;
        s02 += a * u2;
        s03 += a * u3;
        s10 += b * u0;
        s11 += b * u1;
        s12 += b * u2;
        s13 += b * u3;
      }
      const at = i * outputs + j;
      y[at] = s00;
      y[at + 1] = s01;
      y[at + 2] = s02;
      y[at + 3] = s03;
      y[at + outputs] = s10;
      y[at + outputs + 1] = s11;
      y[at + outputs + 2] = s12;
      y[at + outputs + 3] = s13;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = i < fullRows ? fullOutputs : 0; j < outputs; j++) {
      let sum = bias[j];
      for (let k = 0; k < inputs; k++) sum += x[i * inputs + k] * w[j * inputs + k];
      y[i * outputs + j] = sum;
    }
  }
  return y;
}

/** (x − mean) / √(variance + ε) · scale + bias for each of n rows of X [n × d]; the variance divides by d. */
export function layerNorm(x: Float64Array, n: number, scale: Float32Array, bias: Float32Array): Float64Array {
  const d = scale.length;
  const y = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    const at = i * d;
    let sum = 0;
    for (let j = 0; j < d; j++) sum += x[at + j];
    const mean = sum / d;
    let squares = 0;
    for (let j = 0; j < d; j++) squares += (x[at + j] - mean) ** 2;
    const factor = 1 / Math.sqrt(squares / d + normEpsilon);
    for (let j = 0; j < d; j++) y[at + j] = (x[at + j] - mean) * factor * scale[j] + bias[j];
  }
  return y;
}
