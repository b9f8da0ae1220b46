// TopK codes from listed pairs: rows of X against the features, k of each row by pre-activation.
import { type Matrix, type SparseCodes, zeros } from '../../tensor/index.js';
import { joinCodes } from '../join-codes.js';
import type { ListedProductsKernel } from '../listed-products.js';
import { selectTopK } from '../portable/encode.js';
import type { EncodeOptions, TopKWeights } from '../top-k.js';
import type { WorkOptions } from '../work-options.js';
import { type SettledStrip, settledStrips } from './batches.js';
import { isZeroRow, type Screen, TooFew } from './screen.js';

/** Codes of X [N×d] as `Kernel.encodeTopK` gives them: p = x·Wᵀ + b in float64, the k largest, rounded to float32. */
export async function screenedEncoding(
  screen: Screen,
  kernel: ListedProductsKernel,
  weights: TopKWeights,
  x: Matrix,
  { k, relu, subtractDecoderBias }: EncodeOptions,
  options?: WorkOptions,
): Promise<SparseCodes> {
  const features = weights.encoderBias.length;
  const encoder = { rows: features, cols: x.cols, data: weights.encoder };
  const price = Float64Array.from(weights.encoderBias, (b) => -b);
  const a = subtractDecoderBias ? centred(x, weights.decoderBias) : x;
  const query = { a, b: encoder, m: k, price, by: 'value', of: 'rows' } as const;
  const parts: SparseCodes[] = [];
  for await (const strip of settledStrips(screen, kernel, query, options)) {
    parts.push(selectCodes(strip, a, weights.encoderBias, k, relu));
  }
  return joinCodes(parts, features);
}

/** X less a bias, in float32 as all kernels subtract it. */
function centred(x: Matrix, bias: Float32Array): Matrix {
  const out = zeros(x.rows, x.cols);
  for (let at = 0; at < x.data.length; at += x.cols) {
    for (let t = 0; t < x.cols; t++) out.data[at + t] = x.data[at + t] - bias[t];
  }
  return out;
}

function selectCodes(
  { from, pairs: { offsets, partners }, products }: SettledStrip,
  x: Matrix,
  bias: Float32Array,
  k: number,
  relu: boolean,
): SparseCodes {
  const rows = offsets.length - 1;
  const own = { heap: new Int32Array(k), index: new Int32Array(k), value: new Float32Array(k) };
  const starts = new Int32Array(rows + 1);
  const indices = new Int32Array(rows * k);
  const values = new Float32Array(rows * k);
  // The pre-activations of a row of zeros.
  const all = Float64Array.from(bias);
  let at = 0;
  const keep = (index: number, value: number): void => {
    if (value === 0 || (relu && value < 0)) return;
    indices[at] = index;
    values[at++] = value;
  };
  for (let n = 0; n < rows; n++) {
    const start = offsets[n];
    const count = offsets[n + 1] - start;
    for (let e = start; e < start + count; e++) products[e] += bias[partners[e]];
    if (isZeroRow(x, from + n)) {
      selectTopK(all, 0, bias.length, k, own.heap, own.index, own.value, 0);
      for (let s = 0; s < k; s++) keep(own.index[s], own.value[s]);
    } else if (count < k) {
      throw new TooFew(from + n, count, k);
    } else if (count === k) {
      // All that are listed: what random rows leave.
      for (let e = start; e < start + k; e++) keep(partners[e], Math.fround(products[e]));
    } else {
      selectTopK(products, start, count, k, own.heap, own.index, own.value, 0);
      for (let s = 0; s < k; s++) keep(partners[start + own.index[s]], own.value[s]);
    }
    starts[n + 1] = at;
  }
  return {
    rows,
    features: bias.length,
    offsets: starts,
    indices: at < indices.length ? indices.slice(0, at) : indices,
    values: at < values.length ? values.slice(0, at) : values,
  };
}
