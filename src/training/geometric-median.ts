// The geometric median of rows: the point whose distances to them have the least sum.
//
// Weiszfeld's iteration from the mean: m ← Σ x_i/‖x_i − m‖ / Σ 1/‖x_i − m‖, until it moves by less than 1e-5 or 100 times.
// Source: dictionary_learning, trainers/top_k.py, geometric_median. A row that m has come upon weighs as one at 1e-6.
import type { Matrix } from '../tensor/matrix.js';

const mostRounds = 100;
const tolerance = 1e-5;
const nearest = 1e-6;

/** @param x [N×d], N > 0 @returns [d] */
export function geometricMedian({ rows, cols, data }: Matrix): Float64Array {
  let guess = weightedMean(new Float64Array(rows).fill(1 / rows), cols, data);
  for (let round = 0; round < mostRounds; round++) {
    const weights = new Float64Array(rows);
    let sum = 0;
    for (let i = 0; i < rows; i++) {
      weights[i] = 1 / Math.max(distance(data, i * cols, guess), nearest);
      sum += weights[i];
    }
    for (let i = 0; i < rows; i++) weights[i] /= sum;
    const next = weightedMean(weights, cols, data);
    const moved = distance(next, 0, guess);
    guess = next;
    if (moved < tolerance) break;
  }
  return guess;
}

function weightedMean(weights: Float64Array, cols: number, data: Float32Array): Float64Array {
  const mean = new Float64Array(cols);
  for (let i = 0; i < weights.length; i++) {
    for (let j = 0; j < cols; j++) mean[j] += weights[i] * data[i * cols + j];
  }
  return mean;
}

function distance(data: Float32Array | Float64Array, at: number, from: Float64Array): number {
  let squares = 0;
  for (let j = 0; j < from.length; j++) squares += (data[at + j] - from[j]) ** 2;
  return Math.sqrt(squares);
}
