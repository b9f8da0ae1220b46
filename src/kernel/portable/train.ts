// Training of TopK autoencoders: only the active features of a row are decoded and updated.
//
// A step is a pass over a batch (top-k-pass.ts: codes, losses, residuals, the pull of every code) and an update
// (top-k-update.ts: gradients by feature, Adam). Losses and rules: top-k.ts.
//
// Cost: 2·B·d·F + 8·B·k·d flops, and Adam over the features that were ever active: the moments of all others
// are 0, so Adam would not move them. Where k is chosen row by row, rows of the batch that are equal to the bit are computed
// once and weigh as often as they occur, which is most of the work where the data have few distinct rows; over a whole batch
// copies can be told apart, by a tie, so each is a row of its own.
// Sums over the batch are taken feature by feature, rows ascending: the order never depends on threads.
import type { TopKHyper, TopKLosses, TopKState, TopKWeights } from '../top-k.js';
import type { BatchRows } from './batch-rows.js';
import { type PassLosses, TopKPass } from './top-k-pass.js';
import { TopKUpdate } from './top-k-update.js';

export interface TrainJob {
  readonly x: Float32Array;
  /** For each row of x, the first row that equals it. */
  readonly firstEqual: Int32Array;
  readonly state: TopKState;
  readonly batches: readonly Int32Array[];
  readonly learningRates: Float64Array;
  readonly hyper: TopKHyper;
}

/** What a job changes of the state beside its arrays. */
export interface Trained {
  readonly losses: TopKLosses;
  readonly step: number;
  readonly threshold: number;
}

/** Takes one step per batch, in place. */
export function trainSteps({ x, firstEqual, state, batches, learningRates, hyper }: TrainJob): Trained {
  const most = batches.reduce((rows, b) => Math.max(rows, b.length), 0);
  const pass = new TopKPass(x, state, hyper, most);
  const update = new TopKUpdate(state, hyper);
  const collapse = hyper.selection === 'row' ? new Collapse(firstEqual, most) : undefined;
  const losses = {
    reconstruction: new Float64Array(batches.length),
    auxiliary: new Float64Array(batches.length),
    dead: new Int32Array(batches.length),
  };
  batches.forEach((rows, s) => {
    const batch = collapse ? collapse.of(rows) : everyRow(rows);
    const { reconstruction, auxiliary, dead } = pass.run(batch);
    losses.reconstruction[s] = reconstruction;
    losses.auxiliary[s] = auxiliary;
    losses.dead[s] = dead;
    update.step(pass, batch, learningRates[s]);
  });
  return { losses, step: state.step, threshold: state.threshold };
}

/** The losses on the rows `batch` of X, and their gradient by every parameter; the state is left as it is. */
export function topKGradients(
  state: TopKState,
  x: Float32Array,
  batch: Int32Array,
  hyper: TopKHyper,
): PassLosses & { readonly gradients: Record<keyof TopKWeights, Float64Array> } {
  const copy = { ...state, sinceFired: state.sinceFired.slice() };
  const pass = new TopKPass(x, copy, hyper, batch.length);
  const rows = everyRow(batch);
  const losses = pass.run(rows);
  return { ...losses, gradients: new TopKUpdate(copy, hyper).gradients(pass, rows) };
}

function everyRow(batch: Int32Array): BatchRows {
  return { rows: batch, counts: new Float64Array(batch.length).fill(1), size: batch.length };
}

/** The distinct rows of batches. */
class Collapse {
  readonly #rows: Int32Array;
  readonly #counts: Float64Array;
  /** Slot of each row of x in the batch, or −1. */
  readonly #slot: Int32Array;

  constructor(
    readonly firstEqual: Int32Array,
    most: number,
  ) {
    this.#rows = new Int32Array(most);
    this.#counts = new Float64Array(most);
    this.#slot = new Int32Array(firstEqual.length).fill(-1);
  }

  /** In order of first occurrence, with how often each occurs; until the next call. */
  of(batch: Int32Array): BatchRows {
    let distinct = 0;
    for (const n of batch) {
      const first = this.firstEqual[n];
      if (this.#slot[first] < 0) {
        this.#slot[first] = distinct;
        this.#rows[distinct] = first;
        this.#counts[distinct++] = 0;
      }
      this.#counts[this.#slot[first]]++;
    }
    const rows = this.#rows.subarray(0, distinct);
    for (const first of rows) this.#slot[first] = -1;
    return { rows, counts: this.#counts.subarray(0, distinct), size: batch.length };
  }
}
