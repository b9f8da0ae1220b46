// What some SAEs do to each input row before they encode it, and undo on what they decode.
// Source: SAELens 6, saes/sae.py (constant_norm_rescale, layer_norm); OpenAI sparse_autoencoder, model.py (LN).
import { type Matrix, row, zeros } from '../tensor/matrix.js';
import type { InputNorm, RowNorm } from './sae.js';

/** Added to σ before it divides, against rows of equal entries; both tools undo the norm without it. */
const epsilon = 1e-5;

/** x ↦ (x − centre)/divisor for one row, and back y ↦ y·factor + centre. */
interface RowScale {
  readonly centre: number;
  readonly divisor: number;
  readonly factor: number;
}

/** X [N×d] as the encoder sees it; X itself where nothing is done to it. */
export function normalised(x: Matrix, norm: InputNorm | undefined): Matrix {
  if (norm === undefined) return x;
  const out = zeros(x.rows, x.cols);
  if (typeof norm === 'object') {
    const { mean, sd } = norm;
    const { cols } = x;
    x.data.forEach((value, e) => {
      out.data[e] = (value - mean[e % cols]) / sd[e % cols];
    });
    return out;
  }
  for (let n = 0; n < x.rows; n++) {
    const { centre, divisor } = scaleOf(row(x, n), norm);
    row(x, n).forEach((value, j) => {
      out.data[n * x.cols + j] = (value - centre) / divisor;
    });
  }
  return out;
}

/** Undoes it in place, on what was decoded [N×d] from X [N×d]. */
export function denormalise(decoded: Matrix, x: Matrix, norm: InputNorm | undefined): void {
  if (norm === undefined) return;
  if (typeof norm === 'object') {
    const { mean, sd } = norm;
    const { cols, data } = decoded;
    for (let e = 0; e < data.length; e++) data[e] = data[e] * sd[e % cols] + mean[e % cols];
    return;
  }
  for (let n = 0; n < x.rows; n++) {
    const { centre, factor } = scaleOf(row(x, n), norm);
    row(decoded, n).forEach((value, j, to) => {
      to[j] = value * factor + centre;
    });
  }
}

function scaleOf(values: Float32Array, norm: RowNorm): RowScale {
  const d = values.length;
  if (norm === 'constant-norm') {
    let squares = 0;
    for (const value of values) squares += value * value;
    // A row of zeros has no norm to scale; it stays as it is.
    const scale = squares === 0 ? 1 : Math.sqrt(squares / d);
    return { centre: 0, divisor: scale, factor: scale };
  }
  let sum = 0;
  for (const value of values) sum += value;
  const centre = sum / d;
  let squares = 0;
  for (const value of values) squares += (value - centre) ** 2;
  const sd = Math.sqrt(squares / (d - 1));
  return { centre, divisor: sd + epsilon, factor: sd };
}
