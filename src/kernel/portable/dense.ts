// One pass over a batch of a ReLU, JumpReLU or Gated autoencoder: codes, loss and all gradients.
//
// Only the entries that take part are decoded and pulled (portable/dense-entries.ts): 2·B·d·F flops for π, and
// 2·d for each entry in each of decode, ∂z, ∂D and ∂W (gated: twice in the first two). With r = 2(x̂ − x)/B, once
// more divided by d where the loss is a mean over all entries, and q = ∂loss/∂π:
//   ∂D_i = Σ z_i·r (+ the pull of w_i);  ∂W_i = Σ q_i·c;  ∂b_d = Σ r − s·Σ_i (Σ q_i)·W_i, s = 1 if c = x − b_d
// Rows equal to the bit are computed once and count as often as they occur. Sums have a fixed order: over a row features
// ascending, over the batch rows ascending. π, which decides what is active, is summed in float64 in eight lanes
// (products.ts), and so are norms, losses and the gradients of biases; decode, ∂z, ∂D and ∂W in float32 (combine32.ts),
// as PyTorch has them: half the time, and each gradient is rounded to float32 for Adam in any case.
import { type Matrix, type SparseCodes, sharedFloat32, sharedInt32 } from '../../tensor/index.js';
import type { DenseArrays, DenseEncoding, DenseLoss, DenseLossParts } from '../dense.js';
import { squareSum, weighResidual } from './combine.js';
import { addRows32, productsWithRows32 } from './combine32.js';
import { byFeature, Entries } from './dense-entries.js';
import type { DenseRule, Pull } from './dense-rule.js';
import { ruleOf } from './dense-rules.js';
import { laneProducts, packedRows, packLanes } from './products.js';

const STRIP = 8;

type Weights = DenseArrays<Float32Array>;

/** Distinct rows of a batch, and how often each occurs. */
export interface CountedRows {
  readonly rows: Int32Array;
  readonly counts: Float64Array;
}

/** The distinct rows of a batch in order of first occurrence. @param firstEqual the first equal row of each row */
export function countRows(batch: Int32Array, firstEqual: Int32Array): CountedRows {
  const counts = new Map<number, number>();
  for (const n of batch) counts.set(firstEqual[n], (counts.get(firstEqual[n]) ?? 0) + 1);
  return { rows: Int32Array.from(counts.keys()), counts: Float64Array.from(counts.values()) };
}

/** Entries of these rows of X under a rule; `centred` [rows × d] receives c. */
function selectEntries(
  weights: Weights,
  x: Matrix,
  rows: Int32Array,
  { subtractDecoderBias }: DenseEncoding,
  rule: DenseRule,
  entries: Entries,
  centred: Float32Array,
): void {
  const d = x.cols;
  const features = weights.perFeature[0].length;
  const wide = packedRows(features);
  const packed = new Float64Array(wide * d);
  const input = new Float64Array(STRIP * d);
  const strip = new Float64Array(STRIP * wide);
  packLanes(weights.encoder, 0, features, d, packed);
  entries.clear(rows.length);
  for (let n0 = 0; n0 < rows.length; n0 += STRIP) {
    const height = Math.min(STRIP, rows.length - n0);
    for (let n = n0; n < n0 + height; n++) {
      centred.set(x.data.subarray(rows[n] * d, (rows[n] + 1) * d), n * d);
      if (subtractDecoderBias) for (let j = 0; j < d; j++) centred[n * d + j] -= weights.decoderBias[j];
    }
    packLanes(centred, n0, height, d, input);
    laneProducts(input, packedRows(height), packed, wide, d, strip);
    for (let r = 0; r < height; r++) {
      entries.reserve(features);
      rule.select(strip, r * wide, entries);
      entries.endRow();
    }
  }
}

/** Codes of X [N×d]. */
export function encodeDense(weights: Weights, x: Matrix, encoding: DenseEncoding): SparseCodes {
  const entries = new Entries();
  const rows = Int32Array.from({ length: x.rows }, (_, n) => n);
  const centred = new Float32Array(x.rows * x.cols);
  selectEntries(weights, x, rows, encoding, ruleOf(weights, encoding), entries, centred);
  let nnz = 0;
  for (let e = 0; e < entries.count; e++) if (entries.code[e] > 0) nnz++;
  const codes = {
    rows: x.rows,
    features: weights.perFeature[0].length,
    offsets: sharedInt32(x.rows + 1),
    indices: sharedInt32(nnz),
    values: sharedFloat32(nnz),
  };
  let at = 0;
  for (let n = 0; n < x.rows; n++) {
    for (let e = entries.offsets[n]; e < entries.offsets[n + 1]; e++) {
      if (entries.code[e] === 0) continue;
      codes.indices[at] = entries.features[e];
      codes.values[at++] = entries.code[e];
    }
    codes.offsets[n + 1] = at;
  }
  return codes;
}

/** Scratch space for passes over batches of one matrix, with the gradients of the last. */
export class DensePass {
  readonly #entries = new Entries();
  readonly #norms: Float64Array;

  constructor(
    readonly x: Matrix,
    readonly gradients: DenseArrays<Float64Array>,
  ) {
    this.#norms = new Float64Array(gradients.perFeature[0].length);
  }

  /** The loss on these rows; its gradients go to `gradients`. */
  run(weights: Weights, { rows, counts }: CountedRows, loss: DenseLoss): DenseLossParts {
    const { x } = this;
    const d = x.cols;
    const entries = this.#entries;
    const rule = ruleOf(weights, loss);
    const batchRows = counts.reduce((sum, count) => sum + count, 0);
    const centred = new Float32Array(rows.length * d);
    selectEntries(weights, x, rows, loss, rule, entries, centred);
    this.#decoderNorms(weights.decoder, loss.weighByDecoderNorm);
    const { l0, penalty } = this.#activity(rows.length, counts, batchRows, loss.architecture === 'gated');
    const target = loss.targetL0;
    const isJump = loss.architecture === 'jumprelu';
    const excess = target === undefined ? l0 : l0 / target - 1;
    const pull: Pull = {
      share: loss.sparsity / batchRows,
      perActive: (target === undefined ? loss.sparsity : (2 * loss.sparsity * excess) / target) / batchRows,
      weights: this.#norms,
      batchRows,
      counts,
    };
    const sparsity = loss.sparsity * (isJump ? (target === undefined ? l0 : excess * excess) : penalty);
    const residual = new Float32Array(rows.length * d);
    const scale = loss.meanOverWidth ? 1 / (batchRows * d) : 1 / batchRows;
    const squares = this.#pullEntries(weights, rows, pull, rule, scale, loss, residual);
    this.#sumGradients(weights, rows.length, pull, rule, loss, residual, centred);
    const reconstruction = squares.main * scale;
    const auxiliary = squares.auxiliary * scale;
    return { reconstruction, sparsity, auxiliary, total: reconstruction + sparsity + auxiliary, l0 };
  }

  #decoderNorms(decoder: Float32Array, asked: boolean): void {
    const d = this.x.cols;
    this.#norms.fill(1);
    for (let i = 0; asked && i < this.#norms.length; i++) {
      this.#norms[i] = Math.sqrt(squareSum(decoder, i * d, d));
    }
  }

  /** Mean number of active features and mean Σ w·z (gated: Σ w·y) per row. */
  #activity(
    rows: number,
    counts: Float64Array,
    batchRows: number,
    gated: boolean,
  ): { l0: number; penalty: number } {
    const { offsets, features, code, gateCode } = this.#entries;
    const penalised = gated ? gateCode : code;
    let active = 0;
    let total = 0;
    for (let n = 0; n < rows; n++) {
      let sum = 0;
      let fired = 0;
      for (let e = offsets[n]; e < offsets[n + 1]; e++) {
        if (code[e] > 0) fired++;
        sum += this.#norms[features[e]] * penalised[e];
      }
      active += counts[n] * fired;
      total += counts[n] * sum;
    }
    return { l0: active / batchRows, penalty: total / batchRows };
  }

  /** Fills `residual` with count·r, and every entry's pulls. Returns Σ count·‖x̂ − x‖². */
  #pullEntries(
    weights: Weights,
    rows: Int32Array,
    pull: Pull,
    rule: DenseRule,
    scale: number,
    { architecture }: DenseLoss,
    residual: Float32Array,
  ): { main: number; auxiliary: number } {
    const d = this.x.cols;
    const entries = this.#entries;
    const most = weights.perFeature[0].length;
    const [toCode, toGate] = [0, 1].map(() => new Float64Array(most));
    const r = new Float32Array(d);
    const squares = { main: 0, auxiliary: 0 };
    const project = (n: number, column: Float32Array, out: Float64Array): number => {
      const [from, to] = [entries.offsets[n], entries.offsets[n + 1]];
      const features = entries.features.subarray(from, to);
      for (let j = 0; j < d; j++) r[j] = weights.decoderBias[j] - this.x.data[rows[n] * d + j];
      addRows32(r, 0, d, column.subarray(from, to), features, 0, to - from, weights.decoder);
      const sum = weighResidual(r, 2 * scale * pull.counts[n]);
      productsWithRows32(out, r, features, 0, to - from, weights.decoder);
      return pull.counts[n] * sum;
    };
    for (let n = 0; n < rows.length; n++) {
      if (architecture === 'gated') squares.auxiliary += project(n, entries.gateCode, toGate);
      squares.main += project(n, entries.code, toCode);
      residual.set(r, n * d);
      const from = entries.offsets[n];
      for (let e = from; e < entries.offsets[n + 1]; e++) {
        rule.pull(entries, e, toCode[e - from], toGate[e - from], pull.counts[n], pull);
      }
    }
    return squares;
  }

  #sumGradients(
    weights: Weights,
    rows: number,
    pull: Pull,
    rule: DenseRule,
    { architecture, weighByDecoderNorm, subtractDecoderBias }: DenseLoss,
    residual: Float32Array,
    centred: Float32Array,
  ): void {
    const d = this.x.cols;
    const entries = this.#entries;
    const { encoder, decoder, decoderBias, perFeature } = this.gradients;
    const features = perFeature[0].length;
    const { starts, order, rowOf } = byFeature(entries, rows, features);
    const scales = new Float32Array(rows);
    const sums = new Float32Array(d);
    const sumRows = (out: Float64Array, i: number, column: Float32Array, table: Float32Array): void => {
      const [from, to] = [starts[i], starts[i + 1]];
      for (let s = from; s < to; s++) scales[s - from] = column[order[s]];
      sums.fill(0);
      addRows32(sums, 0, d, scales, rowOf.subarray(from, to), 0, to - from, table);
      out.set(sums, i * d);
    };
    decoderBias.fill(0);
    for (let n = 0; n < rows; n++) for (let j = 0; j < d; j++) decoderBias[j] += residual[n * d + j];
    for (let i = 0; i < features; i++) {
      const [from, to] = [starts[i], starts[i + 1]];
      const at = i * d;
      sumRows(decoder, i, entries.code, residual);
      sumRows(encoder, i, entries.pull, centred);
      const sum = rule.sum(entries, { order, rowOf, from, to }, i, pull, perFeature);
      if (subtractDecoderBias) for (let j = 0; j < d; j++) decoderBias[j] -= sum * weights.encoder[at + j];
      if (weighByDecoderNorm && architecture !== 'jumprelu' && this.#norms[i] > 0) {
        const column = architecture === 'gated' ? entries.gateCode : entries.code;
        let penalised = 0;
        for (let s = from; s < to; s++) penalised += pull.counts[rowOf[s]] * column[order[s]];
        const along = (pull.share * penalised) / this.#norms[i];
        for (let j = 0; j < d; j++) decoder[at + j] += along * weights.decoder[at + j];
      }
    }
  }
}
