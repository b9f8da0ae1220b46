// Training of a TopK autoencoder: only the k active features of a row are decoded and updated.
//
// Per step over a batch of B rows (F features, width d):
//   z = topk(W_e·(x − s·b_d) + b_e)            s = 1 if the decoder bias is subtracted, else 0; ReLU if asked
//   x̂ = Σ_{i active} z_i·D_i + b_d,             loss = ‖x̂ − x‖² / (B·d)   (mean over all entries)
//   r = 2(x̂ − x)/(B·d);  ∂D_i = Σ z_i·r;  ∂z_i = D_i·r;  ∂W_i = Σ ∂z_i·(x − s·b_d);  ∂b_e,i = Σ ∂z_i
//   ∂b_d = Σ r − s·Σ_i ∂b_e,i·W_i
// then Adam (adam.ts).
//
// Cost: 2·B·d·F + 8·B·k·d flops, and Adam over the features that were ever active: the moments of all others
// are 0, so Adam would not move them. Rows of the batch that are equal to the bit are computed once and weigh as
// often as they occur, which is most of the work where the data have few distinct rows.
// Sums over the batch are taken feature by feature, rows ascending: the order never depends on threads.
import type { TopKHyper, TopKState, TopKWeights } from '../interface.js';
import { adamStep } from './adam.js';
import { addRows, productsWithRows, weighResidual } from './combine.js';
import { Encoder, type Selection } from './encode.js';

export interface TrainJob {
  readonly x: Float32Array;
  /** For each row of x, the first row that equals it. */
  readonly firstEqual: Int32Array;
  readonly state: TopKState;
  readonly batches: readonly Int32Array[];
  readonly hyper: TopKHyper;
}

/** Takes one step per batch, in place. Returns the loss before each step and the step count reached. */
export function trainSteps(job: TrainJob): { losses: Float64Array; step: number } {
  const trainer = new Trainer(job);
  const losses = Float64Array.from(job.batches, (batch) => trainer.step(batch));
  return { losses, step: job.state.step };
}

class Trainer {
  readonly #job: TrainJob;
  readonly #encoder: Encoder;
  readonly #k: number;
  /** Distinct rows of the batch, and how often each occurs. */
  readonly #rows: Int32Array;
  readonly #counts: Float64Array;
  /** Slot of each row of x in the batch, or −1. */
  readonly #slot: Int32Array;
  readonly #active: Selection;
  readonly #codes: Float64Array;
  readonly #codeGradients: Float64Array;
  /** r, times the count of the row [B × d]. float32, because weights and inputs are. */
  readonly #residual: Float32Array;
  readonly #sum: Float64Array;
  /** Gradient of one feature at a time, and of the decoder bias. */
  readonly #gradient: Record<keyof TopKWeights, Float64Array>;
  /** Features with non-zero moments: 1, else 0 [F]. */
  readonly #moving: Uint8Array;

  constructor(job: TrainJob) {
    const { features, width } = job.state;
    const rows = job.batches.reduce((most, b) => Math.max(most, b.length), 0);
    this.#job = job;
    this.#k = Math.min(job.hyper.k, features);
    this.#encoder = new Encoder(features, width, this.#k);
    this.#rows = new Int32Array(rows);
    this.#counts = new Float64Array(rows);
    this.#slot = new Int32Array(job.firstEqual.length).fill(-1);
    this.#active = { indices: new Int32Array(rows * this.#k), values: new Float32Array(rows * this.#k) };
    this.#codes = new Float64Array(rows * this.#k);
    this.#codeGradients = new Float64Array(rows * this.#k);
    this.#residual = new Float32Array(rows * width);
    this.#sum = new Float64Array(width);
    this.#gradient = {
      encoder: new Float64Array(width),
      encoderBias: new Float64Array(1),
      decoder: new Float64Array(width),
      decoderBias: new Float64Array(width),
    };
    this.#moving = movingFeatures(job.state);
  }

  step(batch: Int32Array): number {
    const { x, state, hyper } = this.#job;
    const rows = this.#collapse(batch);
    this.#encoder.select(state.weights, x, rows, hyper.subtractDecoderBias, this.#active);
    const { values } = this.#active;
    for (let e = 0; e < rows.length * this.#k; e++) {
      this.#codes[e] = hyper.relu ? Math.max(0, values[e]) : values[e];
    }
    const loss = this.#backward(rows, batch.length);
    state.step++;
    this.#update(rows);
    return loss;
  }

  /** The distinct rows of the batch in order of first occurrence; counts go to `#counts`. */
  #collapse(batch: Int32Array): Int32Array {
    const { firstEqual } = this.#job;
    let distinct = 0;
    for (const n of batch) {
      const first = firstEqual[n];
      if (this.#slot[first] < 0) {
        this.#slot[first] = distinct;
        this.#rows[distinct] = first;
        this.#counts[distinct++] = 0;
      }
      this.#counts[this.#slot[first]]++;
    }
    const rows = this.#rows.subarray(0, distinct);
    for (const first of rows) this.#slot[first] = -1;
    return rows;
  }

  /** Reconstruction, loss, residuals and the gradient of every active code. */
  #backward(rows: Int32Array, batchRows: number): number {
    const { x, state, hyper } = this.#job;
    const { width } = state;
    const { decoder, decoderBias } = state.weights;
    const { indices } = this.#active;
    const k = this.#k;
    const scale = 2 / (batchRows * width);
    const r = this.#sum;
    let total = 0;
    for (let s = 0; s < rows.length; s++) {
      const from = rows[s] * width;
      const count = this.#counts[s];
      const [begin, end] = [s * k, (s + 1) * k];
      for (let j = 0; j < width; j++) r[j] = decoderBias[j] - x[from + j];
      addRows(r, 0, width, this.#codes, indices, begin, end, decoder);
      total += count * weighResidual(r, scale * count);
      this.#residual.set(r, s * width);
      productsWithRows(this.#codeGradients, r, 0, width, indices, begin, end, decoder);
      for (let e = begin; e < end; e++) {
        // ReLU passes no gradient where it cut a code to 0.
        const cut = hyper.relu && this.#codes[e] === 0;
        this.#codeGradients[e] = cut ? 0 : Math.fround(this.#codeGradients[e]);
      }
    }
    return total / (batchRows * width);
  }

  /** Gradients by feature, each applied by Adam as soon as it is complete. */
  #update(rows: Int32Array): void {
    const { x, state, hyper } = this.#job;
    const { features, width, weights, first, second } = state;
    const gradient = this.#gradient;
    const adam = adamStep(hyper, hyper.learningRate, state.step);

    gradient.decoderBias.fill(0);
    for (let s = 0; s < rows.length; s++) {
      for (let j = 0; j < width; j++) gradient.decoderBias[j] += this.#residual[s * width + j];
    }
    const byFeature = this.#bucket(rows);
    for (let i = 0; i < features; i++) {
      const from = byFeature.starts[i];
      const to = byFeature.starts[i + 1];
      if (from === to && this.#moving[i] === 0) continue;
      this.#moving[i] = 1;
      gradient.encoder.fill(0);
      gradient.decoder.fill(0);
      addRows(gradient.decoder, 0, width, byFeature.codes, byFeature.slots, from, to, this.#residual);
      addRows(gradient.encoder, 0, width, byFeature.codeGradients, byFeature.rows, from, to, x);
      let bias = 0;
      for (let s = from; s < to; s++) bias += byFeature.codeGradients[s];
      gradient.encoderBias[0] = bias;
      const at = i * width;
      if (hyper.subtractDecoderBias) {
        for (let j = 0; j < width; j++) {
          gradient.encoder[j] -= bias * weights.decoderBias[j];
          gradient.decoderBias[j] -= bias * weights.encoder[at + j];
        }
      }
      adam(weights.encoder, first.encoder, second.encoder, at, gradient.encoder, width);
      adam(weights.decoder, first.decoder, second.decoder, at, gradient.decoder, width);
      adam(weights.encoderBias, first.encoderBias, second.encoderBias, i, gradient.encoderBias, 1);
    }
    adam(weights.decoderBias, first.decoderBias, second.decoderBias, 0, gradient.decoderBias, width);
  }

  /** The active entries grouped by feature, rows in their order within each (counting sort). */
  #bucket(rows: Int32Array) {
    const { indices } = this.#active;
    const k = this.#k;
    const count = rows.length * k;
    const starts = new Int32Array(this.#job.state.features + 1);
    for (let e = 0; e < count; e++) starts[indices[e] + 1]++;
    for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
    const next = starts.slice();
    const slots = new Int32Array(count);
    const dataRows = new Int32Array(count);
    const codes = new Float64Array(count);
    const codeGradients = new Float64Array(count);
    for (let e = 0; e < count; e++) {
      const to = next[indices[e]]++;
      slots[to] = Math.floor(e / k);
      dataRows[to] = rows[slots[to]];
      codes[to] = this.#codes[e];
      codeGradients[to] = this.#codeGradients[e];
    }
    return { starts, slots, rows: dataRows, codes, codeGradients };
  }
}

/** Which features have moments that are not all 0: those that were active in some earlier step. */
function movingFeatures({ features, width, first, second }: TopKState): Uint8Array {
  const moving = new Uint8Array(features);
  for (let i = 0; i < features; i++) {
    const isMoving = (m: TopKWeights): boolean =>
      m.encoderBias[i] !== 0 ||
      anyNonZero(m.encoder, i * width, width) ||
      anyNonZero(m.decoder, i * width, width);
    if (isMoving(first) || isMoving(second)) moving[i] = 1;
  }
  return moving;
}

function anyNonZero(values: Float32Array, at: number, n: number): boolean {
  for (let j = 0; j < n; j++) if (values[at + j] !== 0) return true;
  return false;
}
