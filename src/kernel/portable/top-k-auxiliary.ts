// AuxK: dead features rebuild what the others leave of a batch (Gao et al. 2406.04093, appendix A.2).
//
// e = x − x̂ is held fixed and ê = Σ z_i·D_i over the k dead features that rank highest in a row;
//   loss = α·s·Σ‖ê − e‖²/V,  V = Σ‖e − mean(e)‖² over the batch, or B, or B·d;  s = min(dead/k, 1) or 1
//   r = 2α·s/V·(ê − e);  ∂z_i = D_i·r
// Dead features are gathered first, so that their selection costs 2·B·d for each of them and none is made while all live.
import type { TopKAuxiliary, TopKHyper, TopKState } from '../top-k.js';
import type { BatchRows } from './batch-rows.js';
import { squareSum, weighResidual } from './combine.js';
import { addRows32, productsWithRows32 } from './combine32.js';
import { Encoder } from './encode.js';
import { TopKEntries } from './top-k-entries.js';

/** Counts since firing stop here. */
const MOST = 2 ** 30;

export class Auxiliary {
  readonly entries = new TopKEntries();
  /** x̂ − x of each row, by the last level [rows × d]. */
  readonly errors: Float32Array;
  /** Dead features in this pass, ascending. */
  dead = new Int32Array(0);
  /** Whether this pass has an auxiliary term. */
  #isThere = false;

  constructor(
    readonly x: Float32Array,
    readonly state: TopKState,
    readonly hyper: TopKHyper,
    readonly options: TopKAuxiliary,
    most: number,
  ) {
    this.errors = new Float32Array(most * state.width);
  }

  /** Before the selection. */
  begin(): void {
    if (this.options.dead.judged === 'before') this.#judge();
  }

  /** After the selection: brings the counts up to date. @param batch rows in the batch */
  count(selected: TopKEntries, batch: number): void {
    const { unit, judged, firedAbove } = this.options.dead;
    const { sinceFired } = this.state;
    const more = unit === 'steps' ? 1 : batch;
    for (let i = 0; i < sinceFired.length; i++) sinceFired[i] = Math.min(sinceFired[i] + more, MOST);
    for (let e = 0; e < selected.count; e++) {
      if (selected.codes[e] > firedAbove) sinceFired[selected.features[e]] = 0;
    }
    if (judged === 'after') this.#judge();
  }

  /**
   * The loss of the pass, once `errors` is there.
   * @param residuals r [rows × d], result
   * @param norms features are ranked by these times p
   */
  run(batch: BatchRows, residuals: Float32Array, norms: Float64Array | undefined): number {
    const { width, weights } = this.state;
    const { k, coefficient, normalise, scaleByDead, bias, relu } = this.options;
    const { rows, counts, size } = batch;
    const per = normalise ? this.#variance(batch) : this.hyper.meanOverWidth ? size * width : size;
    this.#isThere = (this.dead.length > 0 || bias === 'both') && per > 0;
    if (!this.#isThere) {
      this.entries.shape(rows.length, 0);
      return 0;
    }
    this.#select(rows, norms);
    this.entries.activate(relu);
    const share = scaleByDead ? coefficient * Math.min(this.dead.length / k, 1) : coefficient;
    const scale = (2 * share) / per;
    const { offsets, features, codes, pulls } = this.entries;
    const r = new Float32Array(width);
    let total = 0;
    for (let s = 0; s < rows.length; s++) {
      const [from, to] = [offsets[s], offsets[s + 1]];
      r.set(this.errors.subarray(s * width, (s + 1) * width));
      if (bias === 'reconstruction') for (let j = 0; j < width; j++) r[j] += weights.decoderBias[j];
      addRows32(r, 0, width, codes, features, from, to, weights.decoder);
      total += counts[s] * weighResidual(r, scale * counts[s]);
      residuals.set(r, s * width);
      productsWithRows32(pulls, r, features, from, to, weights.decoder);
      for (let e = from; e < to; e++) pulls[e] = relu && codes[e] === 0 ? 0 : Math.fround(pulls[e]);
    }
    return (share * total) / per;
  }

  /** Whether r has a part in ∂b_d. */
  get movesBias(): boolean {
    return this.#isThere && this.options.bias !== 'none';
  }

  #judge(): void {
    const { window } = this.options.dead;
    const { sinceFired } = this.state;
    this.dead = Int32Array.from(sinceFired.keys()).filter((i) => sinceFired[i] >= window);
  }

  /** Σ‖e − mean(e)‖² over the batch. */
  #variance({ rows, counts, size }: BatchRows): number {
    const d = this.state.width;
    const mean = new Float64Array(d);
    for (let s = 0; s < rows.length; s++) {
      for (let j = 0; j < d; j++) mean[j] += counts[s] * this.errors[s * d + j];
    }
    for (let j = 0; j < d; j++) mean[j] /= size;
    const apart = new Float64Array(d);
    let total = 0;
    for (let s = 0; s < rows.length; s++) {
      for (let j = 0; j < d; j++) apart[j] = this.errors[s * d + j] - mean[j];
      total += counts[s] * squareSum(apart, 0, d);
    }
    return total;
  }

  #select(rows: Int32Array, norms: Float64Array | undefined): void {
    const { weights, width } = this.state;
    const { dead, entries } = this;
    const encoder = new Encoder(dead.length, width, Math.min(this.options.k, dead.length));
    const gathered = new Float32Array(dead.length * width);
    dead.forEach((i, at) => {
      gathered.set(weights.encoder.subarray(i * width, (i + 1) * width), at * width);
    });
    entries.shape(rows.length, encoder.k);
    encoder.select(
      {
        encoder: gathered,
        encoderBias: Float32Array.from(dead, (i) => weights.encoderBias[i]),
        decoderBias: weights.decoderBias,
      },
      this.x,
      rows,
      this.hyper.subtractDecoderBias,
      { indices: entries.features, values: entries.values },
      norms && Float64Array.from(dead, (i) => norms[i]),
    );
    for (let e = 0; e < entries.count; e++) entries.features[e] = dead[entries.features[e]];
  }
}
