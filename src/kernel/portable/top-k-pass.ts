// One pass over a batch of a TopK autoencoder: which features take part, the losses, and what each code is pulled by.
//
// Per batch of B rows (F features, width d), with the levels of top-k.ts:
//   r_l = x̂_l − x;  R_g = 2/(B·d)·Σ_{l ≥ g} w_l·r_l (2/B where errors are sums);  ∂z_i = D_i·R_g, g the first level with i
// and what the auxiliary term adds (top-k-auxiliary.ts). The table of residuals holds R_0 of all rows, R_1 of all
// rows, …, and then those of the auxiliary term.
//
// Reconstructions and pulls are summed in float32 (combine32.ts).
//
// Cost: 2·B·d·F flops for the pre-activations, 4·d for each entry, 2·d·B for each level.
import { levelsOf, type TopKHyper, type TopKLevel, type TopKState } from '../top-k.js';
import type { BatchRows } from './batch-rows.js';
import { BatchSelection } from './batch-selection.js';
import { squareSum } from './combine.js';
import { addRows32, productsWithRows32 } from './combine32.js';
import { Encoder } from './encode.js';
import { Auxiliary } from './top-k-auxiliary.js';
import { byFeature, type EntriesByFeature, TopKEntries } from './top-k-entries.js';

export interface PassLosses {
  readonly reconstruction: number;
  readonly auxiliary: number;
  /** Features that were dead. */
  readonly dead: number;
}

/** Passes over batches of one matrix, for one state; each overwrites what the last has left. */
export class TopKPass {
  readonly entries = new TopKEntries();
  readonly auxiliary: Auxiliary | undefined;
  /** R of all rows of the batch, one table for each level, and r of the auxiliary term. */
  readonly residuals: Float32Array;
  /** c of each row of the batch, what is encoded: x − b_d, or x. */
  readonly inputs: Float32Array;
  readonly #x: Float32Array;
  readonly #state: TopKState;
  readonly #hyper: TopKHyper;
  readonly #levels: readonly TopKLevel[];
  /** The first level that has each feature [F]. */
  readonly #levelOf: Uint8Array;
  readonly #encoder: Encoder;
  /** ‖D_i‖, where features are ranked by it. */
  readonly #norms: Float64Array | undefined;
  /** r_l of one row, one level after the other. */
  readonly #sums: Float32Array;

  /** @param most rows in the largest batch */
  constructor(x: Float32Array, state: TopKState, hyper: TopKHyper, most: number) {
    const { features, width } = state;
    this.#x = x;
    this.#state = state;
    this.#hyper = hyper;
    this.#levels = levelsOf(hyper, features);
    this.#levelOf = new Uint8Array(features);
    this.#levels.forEach((level, l) => {
      this.#levelOf.fill(l, l === 0 ? 0 : this.#levels[l - 1].features, level.features);
    });
    this.#encoder = new Encoder(features, width, Math.min(hyper.k, features));
    this.#norms = hyper.rankByDecoderNorm ? new Float64Array(features) : undefined;
    this.#sums = new Float32Array(this.#levels.length * width);
    this.inputs = new Float32Array(most * width);
    this.residuals = new Float32Array((this.#levels.length + (hyper.auxiliary ? 1 : 0)) * most * width);
    this.auxiliary = hyper.auxiliary && new Auxiliary(x, state, hyper, hyper.auxiliary, most);
  }

  /** The losses of these rows. Brings the counts since firing and the threshold in the state up to date. */
  run(batch: BatchRows): PassLosses {
    const { auxiliary } = this;
    auxiliary?.begin();
    this.#centre(batch);
    this.#decoderNorms();
    this.#select(batch);
    this.entries.activate(this.#hyper.relu);
    auxiliary?.count(this.entries, batch.size);
    const reconstruction = this.#reconstruct(batch);
    const table = this.residuals.subarray(this.#auxiliaryRow(batch.rows.length) * this.#state.width);
    const added = auxiliary?.run(batch, table, this.#norms);
    return { reconstruction, auxiliary: added ?? 0, dead: auxiliary?.dead.length ?? 0 };
  }

  /** All entries of the last pass by feature, each with its row in `residuals`. */
  byFeature({ rows }: BatchRows): EntriesByFeature {
    const n = rows.length;
    const lists = [
      { entries: this.entries, residualOf: (s: number, i: number) => this.#levelOf[i] * n + s },
      ...(this.auxiliary
        ? [{ entries: this.auxiliary.entries, residualOf: (s: number) => this.#auxiliaryRow(n) + s }]
        : []),
    ];
    return byFeature(lists, this.#state.features);
  }

  /** ∂b_d but for what reaches it through c = x − b_d. */
  decoderBiasGradient({ rows }: BatchRows, out: Float64Array): void {
    const d = out.length;
    out.fill(0);
    const add = (from: number): void => {
      for (let s = from; s < from + rows.length; s++) {
        for (let j = 0; j < d; j++) out[j] += this.residuals[s * d + j];
      }
    };
    add(0);
    if (this.auxiliary?.movesBias) add(this.#auxiliaryRow(rows.length));
  }

  /** The first row of the auxiliary term in `residuals`. */
  #auxiliaryRow(rows: number): number {
    return this.#levels.length * rows;
  }

  #centre({ rows }: BatchRows): void {
    const { weights, width } = this.#state;
    rows.forEach((row, s) => {
      this.inputs.set(this.#x.subarray(row * width, (row + 1) * width), s * width);
      if (!this.#hyper.subtractDecoderBias) return;
      for (let j = 0; j < width; j++) this.inputs[s * width + j] -= weights.decoderBias[j];
    });
  }

  #decoderNorms(): void {
    const { weights, width } = this.#state;
    this.#norms?.forEach((_, i, norms) => {
      norms[i] = Math.sqrt(squareSum(weights.decoder, i * width, width));
    });
  }

  #select({ rows, size }: BatchRows): void {
    const { weights, features } = this.#state;
    const { subtractDecoderBias, selection, threshold, k } = this.#hyper;
    const encoder = this.#encoder;
    if (selection === 'row') {
      this.entries.shape(rows.length, encoder.k);
      const out = { indices: this.entries.features, values: this.entries.values };
      encoder.select(weights, this.#x, rows, subtractDecoderBias, out, this.#norms);
      return;
    }
    const best = new BatchSelection(features, Math.min(k, features) * size);
    encoder.eachRow(weights, this.#x, rows, subtractDecoderBias, (n, strip, at) => {
      best.offer(n, strip, at, this.#norms);
    });
    const lowest = best.finish(rows.length, this.entries);
    if (threshold === undefined || this.#state.step < threshold.from || lowest === 0) return;
    const before = this.#state.threshold;
    this.#state.threshold = before < 0 ? lowest : threshold.keep * before + (1 - threshold.keep) * lowest;
  }

  /** Loss, residuals and the pull of every code. */
  #reconstruct({ rows, counts, size }: BatchRows): number {
    const { width, weights } = this.#state;
    const { offsets, features, codes, pulls } = this.entries;
    const levels = this.#levels;
    const per = this.#hyper.meanOverWidth ? size * width : size;
    const scale = 2 / per;
    const sums = this.#sums;
    const totals = new Float64Array(levels.length);
    const r = new Float32Array(width);
    const weighed = new Float64Array(width);
    for (let s = 0; s < rows.length; s++) {
      const from = rows[s] * width;
      for (let j = 0; j < width; j++) r[j] = weights.decoderBias[j] - this.#x[from + j];
      const ends = levels.map((level) => firstFrom(features, offsets[s], offsets[s + 1], level.features));
      levels.forEach((_, l) => {
        const begin = l === 0 ? offsets[s] : ends[l - 1];
        addRows32(r, 0, width, codes, features, begin, ends[l], weights.decoder);
        sums.set(r, l * width);
      });
      this.auxiliary?.errors.set(r, s * width);
      // From the last level to the first, R_g is that of the level after it and its own.
      for (let l = levels.length - 1; l >= 0; l--) {
        const weight = scale * counts[s] * levels[l].weight;
        const own = sums.subarray(l * width, (l + 1) * width);
        totals[l] += counts[s] * squareSum(own, 0, width);
        for (let j = 0; j < width; j++) {
          weighed[j] = l + 1 === levels.length ? weight * own[j] : weighed[j] + weight * own[j];
        }
        const at = (l * rows.length + s) * width;
        this.residuals.set(weighed, at);
        const residual = this.residuals.subarray(at, at + width);
        const begin = l === 0 ? offsets[s] : ends[l - 1];
        productsWithRows32(pulls, residual, features, begin, ends[l], weights.decoder);
      }
      for (let e = offsets[s]; e < offsets[s + 1]; e++) {
        // ReLU passes no gradient where it cut a code to 0.
        const cut = this.#hyper.relu && codes[e] === 0;
        pulls[e] = cut ? 0 : Math.fround(pulls[e]);
      }
    }
    return levels.reduce((loss, { weight }, l) => loss + weight * (totals[l] / per), 0);
  }
}

/** The first of the entries `from … to)` whose feature is not below `feature`. */
function firstFrom(features: Int32Array, from: number, to: number, feature: number): number {
  let e = from;
  while (e < to && features[e] < feature) e++;
  return e;
}
