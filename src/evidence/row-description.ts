// What is said of the rows of activations: how many there are, how many are different, in how many directions they vary.
//
// Rows come block by block. Sketches of them, their moments and their Gram matrix are kept; at the end the few rows that sketches
// cannot tell apart are read again, a sample for near duplicates, rows of another size than the others, and, where the tokens of
// the rows are known, those that stand where rows are of another kind.

import type { ActivationRows } from '../activations/activation-rows.js';
import { eachBlockOfRows, eachChosenRow, takeActivationRows } from '../activations/chosen-rows.js';
import type { Tokens } from '../activations/tokens.js';
import { defined } from '../defined.js';
import { throwIfCancelled } from '../errors.js';
import type { Kernel, WorkOptions } from '../kernel/interface.js';
import { together } from '../side-by-side.js';
import { ColumnMoments } from '../stats/column-moments.js';
import { RowKinds, tolerance } from '../stats/distinct-rows.js';
import { effectiveRankOf } from '../stats/effective-rank.js';
import { Leaders } from '../stats/leaders.js';
import { massiveRows } from '../stats/massive-rows.js';
import { addPairDistances, clusterScale, sampled } from '../stats/near-duplicates.js';
import { rowKurtosis } from '../stats/row-kurtosis.js';
import { RowSketches } from '../stats/row-sketches.js';
import { type Matrix, rowRange } from '../tensor/matrix.js';
import { GramSum } from './gram-sum.js';
import { nextTurn } from './next-turn.js';
import { findPlaces, type PlacesFound, type RowsApart } from './rows-apart.js';

export interface RowDescription {
  readonly rows: number;
  readonly distinctRows: number;
  /** How often the commonest row occurs, where one does more than once. */
  readonly mostRepeated?: number;
  /** How many clusters the rows fall into up to noise, where they do. */
  readonly clusters?: number;
  readonly effectiveRank: number;
  /** Mean kurtosis of rows without their mean, of a sample without massive rows and those that are set apart; absent of constant rows. */
  readonly kurtosis?: number;
  /** Σ(x − x̄)(x − x̄)ᵀ over all rows [d×d], symmetric. */
  readonly scatter: Float64Array;
  /** Of the rows that `stride` divides, one of each kind, as n/stride, ascending. */
  readonly different: Int32Array;
  /** Columns of the rows without massive ones and those that are set apart. */
  readonly moments: ColumnMoments;
  /** A few rows of another size than the others, and what is said of the rows without them. */
  readonly massive?: {
    /** Ascending. */
    readonly rows: Int32Array;
    /** How many times as far from the middle as the median row, by their median. */
    readonly times: number;
    /** Share of Σ‖x − x̄‖² that goes with them. */
    readonly share: number;
    readonly effectiveRank: number;
    readonly scatter: Float64Array;
  };
  /** Where rows stand that are not as the others, where tokens are known. */
  readonly places?: Omit<PlacesFound, 'apart'> & {
    /** With what is said of the rows without them, and without massive ones. */
    readonly apart?: RowsApart & { readonly effectiveRank: number; readonly scatter: Float64Array };
  };
}

/** Values that are swept, rows that are screened and rows of a sample that are compared before others have their turn. */
const slice = { values: 2 ** 20, rows: 2 ** 16, sample: 128 };

/** Bytes of rows that are kept to be compared with others, at the most. */
const keptBytes = 2 ** 28;

/** What is left without massive rows, and what is said of it. */
interface WithoutMassive {
  readonly moments: ColumnMoments;
  readonly gram: GramSum;
  readonly told: NonNullable<RowDescription['massive']>;
}

export class RowDescriber {
  readonly moments: ColumnMoments;
  readonly #sketches: RowSketches;
  readonly #gram: GramSum;

  /** @param shift near the column means [d] @param tokens one a row */
  constructor(
    private readonly x: ActivationRows,
    shift: Float64Array,
    private readonly kernel: Kernel,
    private readonly tokens?: Tokens,
  ) {
    this.moments = new ColumnMoments(shift);
    this.#sketches = new RowSketches(x.rows, shift);
    this.#gram = new GramSum(shift, kernel);
  }

  /** Adds the next rows, a multiple of 256 but for the last. @throws internal.cancelled */
  async add(block: Matrix, work: WorkOptions): Promise<void> {
    const gram = this.#gram.add(block, work);
    gram.catch(() => {});
    const sweep = (part: Matrix) => {
      this.moments.add(part);
      this.#sketches.add(part);
    };
    await addSlices(block, sweep, work);
    await gram;
  }

  /** Once all rows have been added. @param stride 1, 2, 4, … @throws internal.cancelled; input.file */
  async describe(stride: number, work: WorkOptions): Promise<RowDescription> {
    const representative = await this.#representatives(work);
    const distinct = firstOfEachKind(representative, 1);
    const mostRepeated = largestCount(representative);
    const scatter = this.#gram.centred(this.moments.rows, this.moments.offsets());
    const [effectiveRank, scale] = await together(
      this.#effectiveRank(scatter, work),
      this.#clusterScale(distinct, work),
    );
    const kinds = firstOfEachKind(representative, stride);
    const different = scale ? await this.#leaders(kinds, scale.squaredRadius, work) : kinds;
    const massive = await this.#massive(distinct, work);
    const placed = this.tokens && (await this.#places(this.tokens, representative, massive, work));
    const moments = placed?.moments ?? massive?.moments ?? this.moments;
    const out = [...(massive?.told.rows ?? []), ...(placed?.apart?.rows ?? [])];
    const kurtosis = await this.#kurtosis(distinct, new Set(out), moments, work);
    return {
      rows: this.x.rows,
      distinctRows: distinct.length,
      ...(mostRepeated > 1 ? { mostRepeated } : {}),
      ...(scale ? { clusters: scale.count } : {}),
      effectiveRank,
      ...defined({ kurtosis }),
      scatter,
      different: different.map((n) => n / stride),
      moments,
      ...(massive ? { massive: massive.told } : {}),
      ...(placed ? { places: placed.told } : {}),
    };
  }

  /** Massive rows are read again, and taken out of the sums. */
  async #massive(distinct: Int32Array, work: WorkOptions): Promise<WithoutMassive | undefined> {
    const found = massiveRows(this.#sketches.sizes, distinct);
    if (!found) return undefined;
    const { gram, sums } = await this.#sumsOf(found.rows, work);
    const left = { moments: this.moments.without(sums), gram: this.#gram.without(gram) };
    const scatter = left.gram.centred(left.moments.rows, left.moments.offsets());
    const share = 1 - left.moments.spread() / this.moments.spread();
    const effectiveRank = await this.#effectiveRank(scatter, work);
    return { ...left, told: { ...found, share, effectiveRank, scatter } };
  }

  /** Rows of places that are not as others are read again, and taken out of the sums without massive rows. */
  async #places(
    tokens: Tokens,
    representative: Int32Array,
    massive: WithoutMassive | undefined,
    work: WorkOptions,
  ) {
    const { moments, gram } = massive ?? { moments: this.moments, gram: this.#gram };
    const { apart, ...told } = await findPlaces({
      tokens,
      sizes: this.#sketches.sizes,
      representative,
      massive: massive?.told.rows,
      moments,
      momentsOf: (rows) => this.#momentsOf(rows, work),
    });
    if (!apart) return { told, apart };
    const own = await this.#sumsOf(apart.rows, work);
    const left = moments.without(own.sums);
    const scatter = gram.without(own.gram).centred(left.rows, left.offsets());
    const effectiveRank = await this.#effectiveRank(scatter, work);
    return { moments: left, apart, told: { ...told, apart: { ...apart, effectiveRank, scatter } } };
  }

  async #momentsOf(rows: Int32Array, work: WorkOptions): Promise<ColumnMoments> {
    const sums = new ColumnMoments(this.moments.shift);
    await eachBlockOfRows(rows, [this.x], work, async ([block]) => sums.add(block));
    return sums;
  }

  async #sumsOf(rows: Int32Array, work: WorkOptions): Promise<{ gram: GramSum; sums: ColumnMoments }> {
    const gram = new GramSum(this.moments.shift, this.kernel);
    const sums = new ColumnMoments(this.moments.shift);
    await eachBlockOfRows(rows, [this.x], work, async ([block]) => {
      await gram.add(block, work);
      sums.add(block);
    });
    return { gram, sums };
  }

  async #representatives({ signal }: WorkOptions): Promise<Int32Array> {
    const kinds = new RowKinds(this.#sketches, tolerance * this.moments.overallSd());
    for (let from = 0; from < this.x.rows; from += slice.rows) {
      throwIfCancelled(signal);
      kinds.screen(from, Math.min(this.x.rows, from + slice.rows));
      await nextTurn();
    }
    let left = keptBytes;
    const keep = (values: Float32Array) => {
      left -= values.byteLength;
      return left >= 0 ? values.slice() : undefined;
    };
    await eachChosenRow(this.x, kinds.unsure(), (n, values) => kinds.settle(n, values, keep), signal);
    return kinds.found().representative;
  }

  async #clusterScale(distinct: Int32Array, { signal }: WorkOptions) {
    const sample = await takeActivationRows(this.x, sampled(distinct).sort(), signal);
    const distances = new Float64Array((sample.rows * (sample.rows - 1)) / 2);
    for (let from = 0; from < sample.rows; from += slice.sample) {
      addPairDistances(sample, from, Math.min(sample.rows, from + slice.sample), distances);
      await nextTurn();
    }
    return clusterScale(distances, distinct.length);
  }

  async #kurtosis(
    rows: Int32Array,
    out: ReadonlySet<number>,
    moments: ColumnMoments,
    { signal }: WorkOptions,
  ): Promise<number | undefined> {
    const ordinary = sampled(rows.filter((n) => !out.has(n))).sort();
    return rowKurtosis(await takeActivationRows(this.x, ordinary, signal), moments.means());
  }

  /** Those of these rows that are within the radius of none before; no more than fit into memory. */
  async #leaders(rows: Int32Array, squaredRadius: number, { signal }: WorkOptions): Promise<Int32Array> {
    const leaders = new Leaders(squaredRadius, this.x.cols);
    const most = keptBytes / (4 * this.x.cols);
    const kept: number[] = [];
    const offer = (n: number, values: Float32Array) => {
      if (leaders.count < most && leaders.offer(values)) kept.push(n);
    };
    await eachChosenRow(this.x, rows, offer, signal);
    return Int32Array.from(kept);
  }

  async #effectiveRank(scatter: Float64Array, work: WorkOptions): Promise<number> {
    const d = this.x.cols;
    return effectiveRankOf(await this.kernel.symmetricEigenvalues(scatter, d, work), d);
  }
}

/** Gives the rows of a block slice by slice to `add`, and way to others in between. */
export async function addSlices(
  block: Matrix,
  add: (part: Matrix) => void,
  { signal }: WorkOptions,
): Promise<void> {
  const rows = Math.max(1, Math.floor(slice.values / block.cols));
  for (let from = 0; from < block.rows && !signal?.aborted; from += rows) {
    add(rowRange(block, from, Math.min(block.rows, from + rows)));
    await nextTurn();
  }
}

function largestCount(representative: Int32Array): number {
  const counts = new Int32Array(representative.length);
  let largest = 0;
  for (const row of representative) largest = Math.max(largest, ++counts[row]);
  return largest;
}

/** Of the rows that `stride` divides the first of each kind. */
function firstOfEachKind(representative: Int32Array, stride: number): Int32Array {
  const seen = new Uint8Array(representative.length);
  const rows = new Int32Array(Math.ceil(representative.length / stride));
  let count = 0;
  for (let n = 0; n < representative.length; n += stride) {
    if (seen[representative[n]] === 0) rows[count++] = n;
    seen[representative[n]] = 1;
  }
  return rows.slice(0, count);
}
