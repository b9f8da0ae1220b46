// What keeps the rows of a decoder at length 1, and gradients short.
//
// ∂D_i − D̂_i·(∂D_i·D̂_i) takes the part along D_i from its gradient; sums in eight lanes, as in products.ts.

import { squareSum } from './combine.js';
import { LANES } from './products.js';

/** A row whose squared length is this near to 1 has length 1 within the rounding of float32. */
const NEAR = 2 ** -22;

/** Takes from a gradient its part along the row of D at `at`; a row of length 0 has none. */
export function projectRow(
  gradient: Float64Array | Float32Array,
  from: number,
  decoder: Float32Array,
  at: number,
  d: number,
): void {
  const square = squareSum(decoder, at, d);
  if (square === 0) return;
  let along = 0;
  for (let lane = 0; lane < LANES; lane++) {
    let sum = 0;
    for (let j = lane; j < d; j += LANES) sum += gradient[from + j] * decoder[at + j];
    along += sum;
  }
  const share = along / square;
  for (let j = 0; j < d; j++) gradient[from + j] -= share * decoder[at + j];
}

/** D_i/‖D_i‖ for the row at `at`. A row that is normalised stays as it is. */
export function normaliseRow(decoder: Float32Array, at: number, d: number): void {
  const square = squareSum(decoder, at, d);
  if (square === 0 || Math.abs(square - 1) <= NEAR) return;
  const scale = 1 / Math.sqrt(square);
  for (let j = at; j < at + d; j++) decoder[j] *= scale;
}

/** What gradients are multiplied by so that their norm is at most `most`, as in torch's clip_grad_norm_. */
export function clipScale(squares: number, most: number): number {
  return Math.min(1, most / (Math.sqrt(squares) + 1e-6));
}
