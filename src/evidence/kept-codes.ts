// Codes that come block by block: all of them while they fit a budget, then those of every second, fourth, … row.
//
// Row n is kept when stride divides n. The stride is a power of two, and the smallest one with which the codes of all rows
// fit; so neither the size of the blocks nor the machine changes which rows are kept.
import { sharedFloat32, sharedInt32 } from '../tensor/matrix.js';
import { codeRowRange, type SparseCodes, takeCodeRows } from '../tensor/sparse-codes.js';
import { nextTurn } from './next-turn.js';

/** Bytes that the codes of all SAEs together may take. */
export const codeBudget = 2 ** 30;

/** One list of codes, of which those of rows n with n mod stride = 0 are kept. */
export class KeptCodes {
  #parts: SparseCodes[] = [];
  /** Rows and entries that are kept. */
  #rows = 0;
  #entries = 0;

  constructor(private readonly features: number) {}

  get bytes(): number {
    return 8 * this.#entries + 4 * this.#rows;
  }

  /** Adds the codes of the next rows of all that are kept. */
  add(codes: SparseCodes): void {
    if (codes.rows === 0) return;
    this.#parts.push(codes);
    this.#rows += codes.rows;
    this.#entries += codes.indices.length;
  }

  /** Keeps every second of the rows that were kept. */
  async halve(): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    let begin = 0;
    this.#rows = 0;
    this.#entries = 0;
    // Given back at once, part by part.
    for (let part = parts.shift(); part; part = parts.shift()) {
      this.add(everyNth(part, begin, 2));
      begin += part.rows;
      await nextTurn();
    }
  }

  /** All that was kept, in one piece; this holds nothing afterwards. */
  async take(): Promise<SparseCodes> {
    const offsets = sharedInt32(this.#rows + 1);
    const indices = sharedInt32(this.#entries);
    const values = sharedFloat32(this.#entries);
    let row = 0;
    let at = 0;
    for (let part = this.#parts.shift(); part; part = this.#parts.shift()) {
      indices.set(part.indices, at);
      values.set(part.values, at);
      for (let n = 1; n <= part.rows; n++) offsets[row + n] = at + part.offsets[n];
      row += part.rows;
      at += part.indices.length;
      await nextTurn();
    }
    return { rows: this.#rows, features: this.features, offsets, indices, values };
  }
}

/** Of codes that begin with row `begin` of all, those of the rows that `stride` divides, copied. */
export function everyNth(codes: SparseCodes, begin: number, stride: number): SparseCodes {
  if (stride === 1) return codes;
  const rows: number[] = [];
  for (let n = (stride - (begin % stride)) % stride; n < codes.rows; n += stride) rows.push(n);
  return takeCodeRows(codes, rows);
}

/** Codes that are known already: they are counted like the others, and nothing is copied before `take`. */
export class KnownCodes {
  #rows = 0;
  #stride = 1;
  #bytes = 0;

  constructor(private readonly codes: SparseCodes) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** The codes of rows `from … to)`. */
  block(from: number, to: number): SparseCodes {
    return codeRowRange(this.codes, from, to);
  }

  /** Counts the rows up to this one. */
  reach(rows: number): void {
    for (let n = this.#rows; n < rows; n++) if (n % this.#stride === 0) this.#bytes += this.#bytesOf(n);
    this.#rows = rows;
  }

  async halve(): Promise<void> {
    this.#stride *= 2;
    this.#bytes = 0;
    for (let n = 0; n < this.#rows; n += this.#stride) this.#bytes += this.#bytesOf(n);
  }

  async take(): Promise<SparseCodes> {
    return everyNth(this.codes, 0, this.#stride);
  }

  #bytesOf(n: number): number {
    return 8 * (this.codes.offsets[n + 1] - this.codes.offsets[n]) + 4;
  }
}
