// Activations block by block, the next one read while the last is being worked on.

import { defined } from '../defined.js';
import { ReseedError } from '../errors.js';
import { firstNonFinite } from '../kernel/arguments.js';
import { type Matrix, sharedFloat32 } from '../tensor/matrix.js';
import type { ActivationRows } from './activation-rows.js';

export interface BlockOptions {
  /** Of a block; the last one has fewer. */
  readonly rows: number;
  /** What holds the values, for messages. */
  readonly file?: string | undefined;
  readonly field?: string;
}

/** Two blocks are in memory; what `next` gives holds until it is called again. */
export class BlockReader {
  readonly #storage: (Float32Array | undefined)[] = [undefined, undefined];
  #from = 0;
  #block = 0;
  #ahead: Promise<Matrix> | undefined;

  constructor(
    private readonly x: ActivationRows,
    private readonly options: BlockOptions,
  ) {}

  /** The next block. @throws input.non-finite naming row and column; input.format; input.file */
  async next(): Promise<Matrix> {
    const from = this.#from;
    const block = await (this.#ahead ?? this.#read());
    this.#ahead = undefined;
    this.#requireFinite(block, from);
    this.#from += block.rows;
    this.#block++;
    if (this.#from < this.x.rows) {
      this.#ahead = this.#read();
      // It is waited for later, maybe never.
      this.#ahead.catch(() => {});
    }
    return block;
  }

  /** Waits until no read is under way. */
  async settle(): Promise<void> {
    await this.#ahead?.catch(() => {});
  }

  #read(): Promise<Matrix> {
    const to = Math.min(this.x.rows, this.#from + this.options.rows);
    const length = (to - this.#from) * this.x.cols;
    const at = this.#block % 2;
    let storage = this.#storage[at];
    if (!storage || storage.length < length) storage = sharedFloat32(length);
    this.#storage[at] = storage;
    return this.x.read(this.#from, to, storage.subarray(0, length));
  }

  #requireFinite({ data, cols }: Matrix, from: number): void {
    const at = firstNonFinite(data);
    if (at < 0) return;
    const { file, field = 'activations' } = this.options;
    throw new ReseedError('input.non-finite', 'activations must be finite numbers', {
      ...defined({ file }),
      field: `${field}, row ${from + Math.floor(at / cols)}, column ${at % cols}`,
      found: String(data[at]),
    });
  }
}
