// TopK encoding: pre-activations of a few rows at a time, and the k largest of each.
//
// p = x·Wᵀ + b for one strip of rows, then the k largest values; ties go to the lower index. All sums in
// float64, kept codes rounded to float32. Cost: 2·N·d·F flops; memory: one strip of pre-activations.
import type { EncodeOptions, TopKWeights } from '../top-k.js';
import { laneProducts, packedRows, packLanes } from './products.js';

const STRIP = 8;

/** What encoding reads of the weights. */
export type EncoderWeights = Omit<TopKWeights, 'decoder'>;

/** Codes of m rows with exactly `k` slots each, [m × k]: features ascending, values as selected. */
export interface Selection {
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

/**
 * The k largest of `values[at … at+n)`, written to `indices`/`kept` at `out`, by ascending index.
 * A min-heap of the k best so far; `heap` is scratch of k indices.
 */
export function selectTopK(
  values: Float64Array,
  at: number,
  n: number,
  k: number,
  heap: Int32Array,
  indices: Int32Array,
  kept: Float32Array,
  out: number,
): void {
  // The root is the worst kept entry: smallest value, and among equal values the highest index.
  const size = Math.min(k, n);
  for (let i = 0; i < size; i++) {
    heap[i] = i;
    siftUp(heap, i, values, at);
  }
  let floor = values[at + heap[0]];
  for (let i = size; i < n; i++) {
    if (values[at + i] > floor) {
      heap[0] = i;
      siftDown(heap, size, values, at);
      floor = values[at + heap[0]];
    }
  }
  const chosen = heap.subarray(0, size).sort();
  for (let s = 0; s < size; s++) {
    indices[out + s] = chosen[s];
    kept[out + s] = values[at + chosen[s]];
  }
}

function worse(values: Float64Array, at: number, i: number, j: number): boolean {
  const x = values[at + i];
  const y = values[at + j];
  return x < y || (x === y && i > j);
}

function siftUp(heap: Int32Array, at: number, values: Float64Array, base: number): void {
  let child = at;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!worse(values, base, heap[child], heap[parent])) return;
    const held = heap[parent];
    heap[parent] = heap[child];
    heap[child] = held;
    child = parent;
  }
}

function siftDown(heap: Int32Array, size: number, values: Float64Array, base: number): void {
  let parent = 0;
  for (;;) {
    let child = 2 * parent + 1;
    if (child >= size) return;
    if (child + 1 < size && worse(values, base, heap[child + 1], heap[child])) child++;
    if (!worse(values, base, heap[child], heap[parent])) return;
    const held = heap[parent];
    heap[parent] = heap[child];
    heap[child] = held;
    parent = child;
  }
}

/** Encoding with given shapes; its scratch space is reused over steps. */
export class Encoder {
  readonly #wide: number;
  readonly #weights: Float64Array;
  readonly #centred: Float32Array;
  readonly #input: Float64Array;
  readonly #strip: Float64Array;
  readonly #heap: Int32Array;

  constructor(
    readonly features: number,
    readonly width: number,
    readonly k: number,
  ) {
    this.#wide = packedRows(features);
    this.#weights = new Float64Array(this.#wide * width);
    this.#centred = new Float32Array(STRIP * width);
    this.#input = new Float64Array(STRIP * width);
    this.#strip = new Float64Array(STRIP * this.#wide);
    this.#heap = new Int32Array(k);
  }

  /**
   * Selects the k largest pre-activations of the rows `rows` of `x` into `out` [rows × k], before any ReLU.
   * @param scales [F] features are ranked by their pre-activation times this
   */
  select(
    weights: EncoderWeights,
    x: Float32Array,
    rows: Int32Array,
    subtractDecoderBias: boolean,
    out: Selection,
    scales?: Float64Array,
  ): void {
    const { features, k } = this;
    const ranks = scales && new Float64Array(features);
    this.eachRow(weights, x, rows, subtractDecoderBias, (n, strip, at) => {
      if (ranks === undefined || scales === undefined) {
        selectTopK(strip, at, features, k, this.#heap, out.indices, out.values, n * k);
        return;
      }
      for (let i = 0; i < features; i++) ranks[i] = strip[at + i] * scales[i];
      selectTopK(ranks, 0, features, k, this.#heap, out.indices, out.values, n * k);
      for (let e = n * k; e < (n + 1) * k; e++) out.values[e] = strip[at + out.indices[e]];
    });
  }

  /** Visits the rows in their order, with the pre-activations of row n at `strip[at … at + F)`. */
  eachRow(
    weights: EncoderWeights,
    x: Float32Array,
    rows: Int32Array,
    subtractDecoderBias: boolean,
    visit: (n: number, strip: Float64Array, at: number) => void,
  ): void {
    const { features, width } = this;
    const { encoderBias, decoderBias } = weights;
    const wide = this.#wide;
    const strip = this.#strip;
    packLanes(weights.encoder, 0, features, width, this.#weights);
    for (let n0 = 0; n0 < rows.length; n0 += STRIP) {
      const height = Math.min(STRIP, rows.length - n0);
      for (let r = 0; r < height; r++) {
        this.#centred.set(x.subarray(rows[n0 + r] * width, (rows[n0 + r] + 1) * width), r * width);
        if (subtractDecoderBias) {
          for (let j = 0; j < width; j++) this.#centred[r * width + j] -= decoderBias[j];
        }
      }
      packLanes(this.#centred, 0, height, width, this.#input);
      laneProducts(this.#input, packedRows(height), this.#weights, wide, width, strip);
      for (let r = 0; r < height; r++) {
        const at = r * wide;
        for (let i = 0; i < features; i++) strip[at + i] += encoderBias[i];
        visit(n0 + r, strip, at);
      }
    }
  }
}

export interface EncodeJob extends EncodeOptions {
  readonly weights: TopKWeights;
  readonly x: Float32Array;
  readonly d: number;
  readonly from: number;
  readonly to: number;
}

/** Codes of X's rows `from … to)`, with k slots a row. After ReLU a slot can hold 0. */
export function encodeRows({ weights, x, d, from, to, k, relu, subtractDecoderBias }: EncodeJob): Selection {
  const n = to - from;
  const features = weights.encoderBias.length;
  const slots = Math.min(k, features);
  const out = { indices: new Int32Array(n * slots), values: new Float32Array(n * slots) };
  const rows = Int32Array.from({ length: n }, (_, i) => from + i);
  new Encoder(features, d, slots).select(weights, x, rows, subtractDecoderBias, out);
  if (relu) for (let e = 0; e < out.values.length; e++) out.values[e] = Math.max(0, out.values[e]);
  return out;
}
