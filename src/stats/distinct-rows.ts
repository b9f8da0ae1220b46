// How many rows of a matrix are really different, up to rounding noise.
//
// Two rows are the same when no coordinate differs by more than 1e-4 of the SD over all entries. That SD is known only when
// all rows have been seen, so sketches are kept of them (row-sketches.ts). Rows of equal bits are found by their sketches
// alone. Of the others, those whose sketches are near each other are few in most data; only they are looked at again.
import { ReseedError } from '../errors.js';
import { type Matrix, row } from '../tensor/matrix.js';
import { shiftOf } from './column-moments.js';
import { RowSketches } from './row-sketches.js';
import { SketchCells } from './sketch-cells.js';

/** Largest difference between coordinates of rows that count as the same, in SDs of all entries. */
export const tolerance = 1e-4;

export interface DistinctRows {
  readonly count: number;
  /** [N] the first row that row n is the same as; its own index if there is none before it */
  readonly representative: Int32Array;
}

/**
 * Distinct rows of X [N×d]. "The same" is not transitive: a row joins the first earlier representative that it
 * is the same as.
 * @throws input.non-finite
 */
export function distinctRows(x: Matrix): DistinctRows {
  const apart = tolerance * overallSd(x);
  const sketches = new RowSketches(x.rows, shiftOf(x));
  sketches.add(x);
  const kinds = new RowKinds(sketches, apart);
  kinds.screen(0, x.rows);
  for (const n of kinds.unsure()) kinds.settle(n, row(x, n), (values) => values);
  return kinds.found();
}

/** Finds the distinct rows from sketches: `screen` all rows in their order, `settle` the unsure ones in theirs. */
export class RowKinds {
  /** [N] the first row of the same bits */
  readonly #representative: Int32Array;
  readonly #unsure: Uint8Array;
  readonly #cells: SketchCells;
  readonly #twins: Int32Array;
  /** Unsure rows that are representatives, with their values where they could be kept. */
  readonly #values = new Map<number, Float32Array | undefined>();
  #settling = false;

  /** @param apart largest difference between coordinates of rows that are the same */
  constructor(
    private readonly sketches: RowSketches,
    private readonly apart: number,
  ) {
    const { rows } = sketches;
    this.#representative = new Int32Array(rows);
    this.#unsure = new Uint8Array(rows);
    this.#cells = new SketchCells(sketches, apart);
    this.#twins = new Int32Array(this.#cells.slots).fill(-1);
  }

  /**
   * Takes rows `from … to)`. Leaders are rows that are near none before them. A row within R of a leader is no leader; one
   * within 2R of it is unsure, as the leader is: so of every two rows within R of each other both are unsure.
   */
  screen(from: number, to: number): void {
    for (let n = from; n < to; n++) {
      const first = this.#twinOf(n);
      this.#representative[n] = first;
      if (first !== n) continue;
      let leads = true;
      this.#cells.near(n, 2, (leader, distance) => {
        this.#unsure[n] = 1;
        this.#unsure[leader] = 1;
        if (distance <= 1) leads = false;
      });
      if (leads) this.#cells.insert(n);
    }
  }

  /** Rows that may be the same as another one, ascending, once all have been screened. */
  unsure(): Int32Array {
    return indicesOf(this.#unsure);
  }

  /**
   * Decides on an unsure row, after those before it.
   * @param values [d] @param keep gives the values to keep of a row that represents others, or undefined where they do not fit
   * into memory: what its sketch cannot tell apart then counts as the same
   */
  settle(n: number, values: Float32Array, keep: (values: Float32Array) => Float32Array | undefined): void {
    if (!this.#settling) this.#cells.clear();
    this.#settling = true;
    let first = n;
    this.#cells.near(n, 1, (leader) => {
      if (leader < first && this.#same(this.#values.get(leader), values)) first = leader;
    });
    this.#representative[n] = first;
    if (first !== n) return;
    this.#cells.insert(n);
    this.#values.set(n, keep(values));
  }

  /** Once all unsure rows have been settled. */
  found(): DistinctRows {
    const representative = this.#representative;
    let count = 0;
    for (let n = 0; n < representative.length; n++) {
      if (representative[n] === n) count++;
      else representative[n] = representative[representative[n]];
    }
    return { count, representative };
  }

  #same(leader: Float32Array | undefined, values: Float32Array): boolean {
    if (leader === undefined) return true;
    for (let j = 0; j < values.length; j++) if (Math.abs(leader[j] - values[j]) > this.apart) return false;
    return true;
  }

  /** The first row with this row's sketch. */
  #twinOf(n: number): number {
    const { hashes } = this.sketches;
    const mask = this.#twins.length - 1;
    let slot = hashes[n] & mask;
    for (; this.#twins[slot] >= 0; slot = (slot + 1) & mask) {
      const other = this.#twins[slot];
      if (hashes[other] === hashes[n] && this.#cells.equal(other, n)) return other;
    }
    this.#twins[slot] = n;
    return n;
  }
}

/** Where a flag is set, ascending. */
function indicesOf(flags: Uint8Array): Int32Array {
  let count = 0;
  for (const flag of flags) count += flag;
  const out = new Int32Array(count);
  for (let n = 0, at = 0; n < flags.length; n++) if (flags[n] === 1) out[at++] = n;
  return out;
}

function overallSd({ data, cols }: Matrix): number {
  let sum = 0;
  // What is not finite makes the sum NaN or infinite; finite float32 values cannot.
  for (let i = 0; i < data.length; i++) sum += data[i];
  if (!Number.isFinite(sum)) refuseNonFinite(data, cols);
  const centre = sum / data.length;
  let squares = 0;
  for (let i = 0; i < data.length; i++) {
    const off = data[i] - centre;
    squares += off * off;
  }
  return data.length === 0 ? 0 : Math.sqrt(squares / data.length);
}

function refuseNonFinite(data: Float32Array, cols: number): never {
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new ReseedError('input.non-finite', 'rows cannot be told apart', {
    field: `row ${Math.floor(at / cols)}, column ${at % cols}`,
    found: String(data[at]),
    expected: 'a finite number',
  });
}
