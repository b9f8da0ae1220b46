// One query on a device: B lies there whole, strips of A pass it, and the pairs that each of them leaves come back.
//
// Cost: 2·F·G·d flops at the device's rate, and the products written once and read three times, 16·F·G bytes. Memory on the device:
// B, one strip of A, one strip of products, and two lists of pairs.
/// <reference types="@webgpu/types" />
import { throwIfCancelled } from '../../errors.js';
import type { Matrix } from '../../tensor/matrix.js';
import { type Query, TooMany } from '../screened/screen.js';
import { measureRows, type ScaledRows, slackOf } from './bound.js';
import { type PipelineName, type ScreenDevice, usage } from './device.js';
import { MOST, NEVER, TILE } from './shaders.js';

/** Pairs that are read back at once with their number. */
const EAGER = 2 ** 15;

/** Bytes of the products of a strip, at most. */
const STRIP_BYTES = 2 ** 27;

/** Values that are copied to the device at a time. */
const COPY = 2 ** 22;

/** Columns of B that lie in one buffer, with what is known of them. */
interface Block {
  readonly from: number;
  readonly cols: number;
  readonly rows: GPUBuffer;
  readonly price: GPUBuffer;
  readonly limits: GPUBuffer;
  readonly slack: GPUBuffer;
}

/** The lists of a piece: two take turns, so that one is filled while the other is read. */
interface Slot {
  readonly shape: GPUBuffer;
  readonly count: GPUBuffer;
  readonly hits: GPUBuffer;
  readonly staging: GPUBuffer;
}

/** Rows `from … to)` against one block, as handed in. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly block: Block;
  readonly slot: Slot;
}

/** Pairs of a strip: (row, column), one after the other, rows counted from the strip's first. */
export interface StripHits {
  readonly from: number;
  readonly to: number;
  readonly parts: readonly Uint32Array[];
}

export class Strips {
  readonly #device: ScreenDevice;
  readonly #query: Query;
  readonly #rows: { readonly a: ScaledRows; readonly b: ScaledRows };
  readonly #price: number;
  readonly #height: number;
  readonly #blocks: readonly Block[];
  readonly #slots: readonly [Slot, Slot];
  readonly #buffers: GPUBuffer[] = [];
  readonly #a: GPUBuffer;
  readonly #c: GPUBuffer;
  readonly #rowLimits: GPUBuffer;
  readonly #rowSlack: GPUBuffer;
  /** Pairs that may still be listed. */
  #left: number;

  /** @throws TooMany for a query that no float32 screen can narrow */
  constructor(device: ScreenDevice, query: Query) {
    const { a, b, m, of, price = new Float64Array(b.rows) } = query;
    this.#device = device;
    this.#query = query;
    this.#rows = { a: measureRows(a), b: measureRows(b) };
    this.#price = price.reduce((most, p) => Math.max(most, Math.abs(p)), 0) * this.#unit;
    if (!(slackOf(1, 1, a.cols, this.#price) < 1e20) || m > MOST || (of !== 'rows' && m !== 2))
      throw new TooMany();
    this.#left = 2 ** 20 + 16 * (m * a.rows + (of === 'rows' ? 0 : 2 * b.rows));
    const width = Math.min(
      b.rows,
      this.#device.options.list,
      Math.max(1, Math.floor(device.options.largest / (4 * Math.max(a.cols, TILE)))),
    );
    const height = Math.floor(Math.min(device.options.largest, STRIP_BYTES) / (4 * Math.max(width, a.cols)));
    this.#height = Math.max(1, Math.min(device.options.strip, a.rows, height));
    this.#blocks = Array.from({ length: Math.ceil(b.rows / width) }, (_, n) =>
      this.#block(n * width, Math.min(b.rows, (n + 1) * width)),
    );
    this.#slots = [this.#slot(), this.#slot()];
    const filled = usage.storage | usage.copyTarget;
    this.#a = this.#buffer(4 * this.#height * a.cols, filled);
    this.#c = this.#buffer(4 * this.#height * width, usage.storage);
    this.#rowLimits = this.#buffer(8 * this.#height, filled);
    this.#rowSlack = this.#buffer(4 * this.#height, filled);
  }

  /** The hits of all strips, in ascending order. @throws TooMany, and what the device throws */
  async *run(signal?: AbortSignal): AsyncGenerator<StripHits> {
    let parts: Uint32Array[] = [];
    for await (const { piece, hits } of this.#pieces(signal)) {
      parts.push(...hits);
      if (piece.block !== this.#blocks[this.#blocks.length - 1]) continue;
      yield { from: piece.from, to: piece.to, parts };
      parts = [];
    }
  }

  close(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  /** Hands in each piece before the one before it is read. */
  async *#pieces(signal?: AbortSignal): AsyncGenerator<{ piece: Piece; hits: Uint32Array[] }> {
    let before: Piece | undefined;
    let turn = 0;
    for (let from = 0; from < this.#query.a.rows; from += this.#height) {
      const to = Math.min(this.#query.a.rows, from + this.#height);
      this.#load(from, to);
      for (const block of this.#blocks) {
        throwIfCancelled(signal);
        const piece = this.#submit(from, to, block, this.#slots[turn++ % 2]);
        if (before) {
          const { hits, again } = await this.#hitsOf(before);
          // What lay on the device was taken for rows of an earlier strip.
          if (again) this.#load(from, to);
          yield { piece: before, hits };
        }
        before = piece;
      }
    }
    if (before) yield { piece: before, hits: (await this.#hitsOf(before)).hits };
  }

  get #eager(): number {
    return Math.min(EAGER, this.#device.options.list);
  }

  /** Products are scaled by this. */
  get #unit(): number {
    return this.#rows.a.scale * this.#rows.b.scale;
  }

  #buffer(bytes: number, flags: number): GPUBuffer {
    const buffer = this.#device.buffer(bytes, flags);
    this.#buffers.push(buffer);
    return buffer;
  }

  #filled(values: Float32Array<ArrayBuffer>): GPUBuffer {
    const buffer = this.#buffer(values.byteLength, usage.storage | usage.copyTarget);
    this.#device.write(buffer, 0, values);
    return buffer;
  }

  /** Columns from … to of B. */
  #block(from: number, to: number): Block {
    const { b, price } = this.#query;
    const cols = to - from;
    const { a, b: scaled } = this.#rows;
    const rows = this.#buffer(4 * cols * b.cols, usage.storage | usage.copyTarget);
    this.#copy(rows, b, from, to, scaled.scale);
    const slack = Float32Array.from({ length: cols }, (_, s) =>
      this.#slack(scaled.norms[from + s], a.longest),
    );
    return {
      from,
      cols,
      rows,
      price: this.#filled(
        Float32Array.from({ length: cols }, (_, s) => (price?.[from + s] ?? 0) * this.#unit),
      ),
      limits: this.#filled(new Float32Array(2 * cols).fill(-NEVER)),
      slack: this.#filled(slack),
    };
  }

  #slot(): Slot {
    const readable = usage.storage | usage.copySource | usage.copyTarget;
    return {
      shape: this.#buffer(32, usage.uniform | usage.copyTarget),
      count: this.#buffer(4, readable),
      hits: this.#buffer(8 * this.#device.options.list, readable),
      staging: this.#buffer(4 + 8 * this.#device.options.list, usage.mapRead | usage.copyTarget),
    };
  }

  /** Rounded up; nothing counts for a row of zeros. */
  #slack(norm: number, others: number): number {
    if (norm === 0) return -NEVER;
    return slackOf(norm, others, this.#query.a.cols, this.#price) * (1 + 2 ** -20);
  }

  /** Copies rows from … to, scaled. */
  #copy(target: GPUBuffer, { data, cols }: Matrix, from: number, to: number, scale: number): void {
    for (let at = from * cols; at < to * cols; at += COPY) {
      const values = Float32Array.from(data.subarray(at, Math.min(to * cols, at + COPY)));
      if (scale !== 1) for (let e = 0; e < values.length; e++) values[e] *= scale;
      this.#device.write(target, 4 * (at - from * cols), values);
    }
  }

  /** Makes rows from … to of A the strip. */
  #load(from: number, to: number): void {
    const { a, b } = this.#rows;
    this.#copy(this.#a, this.#query.a, from, to, a.scale);
    this.#device.write(this.#rowLimits, 0, new Float32Array(2 * (to - from)).fill(-NEVER));
    const slack = Float32Array.from({ length: to - from }, (_, s) =>
      this.#slack(a.norms[from + s], b.longest),
    );
    this.#device.write(this.#rowSlack, 0, slack);
  }

  /** Hands in the work of the strip that is loaded against a block. */
  #submit(from: number, to: number, block: Block, slot: Slot): Piece {
    const { a, m, by, of } = this.#query;
    const rows = to - from;
    const { cols, limits, slack } = block;
    const both = by === 'both' ? 1 : 0;
    const shape = Uint32Array.of(
      rows,
      cols,
      a.cols,
      m,
      by === 'size' ? 1 : 0,
      both,
      this.#device.options.list,
      of === 'rows' ? 0 : 1,
    );
    this.#device.write(slot.shape, 0, shape);
    this.#device.write(slot.count, 0, Uint32Array.of(0));
    const commands = this.#device.commands();
    const run = (name: PipelineName, buffers: readonly GPUBuffer[], x: number, y = 1): void =>
      commands.dispatch(name, [slot.shape, ...buffers], [x, y]);
    const perTile = (n: number): number => Math.ceil(n / TILE);
    run('products', [this.#a, block.rows, block.price, this.#c], perTile(cols), perTile(rows));
    run('rowLimits', [this.#c, this.#rowLimits], rows);
    if (of !== 'rows') run('columnLimits', [this.#c, limits], perTile(cols));
    run(
      'listing',
      [this.#c, this.#rowLimits, this.#rowSlack, limits, slack, slot.count, slot.hits],
      perTile(cols),
      rows,
    );
    commands.copy(slot.count, slot.staging, 0, 4);
    commands.copy(slot.hits, slot.staging, 4, 8 * this.#eager);
    commands.submit();
    return { from, to, block, slot };
  }

  /** The hits of a piece; `again` where its rows had to be loaded again, in parts, since they are more than a list takes. */
  async #hitsOf({ from, to, block, slot }: Piece): Promise<{ hits: Uint32Array[]; again: boolean }> {
    const read = await this.#device.read(slot.staging, 4 + 8 * this.#eager);
    const count = read[0];
    if (count > this.#left) throw new TooMany();
    if (count > this.#device.options.list) {
      return { hits: await this.#inHalves(from, to, block, slot), again: true };
    }
    this.#left -= count;
    if (count <= this.#eager) {
      return { hits: [this.#placed(read.subarray(1, 1 + 2 * count), block)], again: false };
    }
    const commands = this.#device.commands();
    commands.copy(slot.hits, slot.staging, 4, 8 * count);
    commands.submit();
    const all = await this.#device.read(slot.staging, 4 + 8 * count);
    return { hits: [this.#placed(all.subarray(1), block)], again: false };
  }

  async #inHalves(from: number, to: number, block: Block, slot: Slot): Promise<Uint32Array[]> {
    // One row never overflows: a list takes all columns of a block.
    const half = from + ((to - from) >> 1);
    const parts: Uint32Array[] = [];
    for (const [start, end] of [
      [from, half],
      [half, to],
    ]) {
      this.#load(start, end);
      const { hits } = await this.#hitsOf(this.#submit(start, end, block, slot));
      for (const list of hits) {
        // Rows count from the strip's first.
        for (let e = 0; e < list.length; e += 2) list[e] += start - from;
        parts.push(list);
      }
    }
    return parts;
  }

  /** Columns count from the first of B. */
  #placed(hits: Uint32Array, { from }: Block): Uint32Array {
    if (from > 0) for (let e = 1; e < hits.length; e += 2) hits[e] += from;
    return hits;
  }
}
