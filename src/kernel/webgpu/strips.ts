// One query on a device: B lies there whole, strips of A pass it, and the pairs that each of them leaves come back.
//
// Cost: 2·F·G·d flops at the device's rate, and the products written once and read two or three times, at most 16·F·G bytes. Memory on the
// device: B, one strip of A, one strip of products (at most 512 MiB), and three lists of pairs (8 MiB each, and what is read back of
// them); beside it four buffers of 8 MiB that rows are copied through.
/// <reference types="@webgpu/types" />
import { throwIfCancelled } from '../../errors.js';
import type { Matrix } from '../../tensor/matrix.js';
import { type Query, TooMany } from '../screened/screen.js';
import { LARGEST, type Slack, slackOf } from './bound.js';
import { type PipelineName, type ScreenDevice, usage } from './device.js';
import { ABREAST, COLUMNS, MOST, NARROW, NEVER, SHAPE_WORDS, TILE } from './shaders.js';
import { paddedWidth } from './uploads.js';

/** Bytes of the products of a strip, and of its rows, at most. */
const STRIP_BYTES = 2 ** 29;

/** Strips that a query has at least, as long as each of them keeps a device busy: so that one is copied while another is multiplied. */
const STRIPS = 8;
const BUSY = 1024;

/** Pieces that are under way at once. */
const SLOTS = 3;

/** Words before the pairs that are read back: their number, and `tops` of the shader of lengths. */
const HEAD = 5;

/** Where `tops` has the longest and the largest of A and of B. */
const SIDE = { a: 0, b: 2 } as const;

/** Columns of B that lie in one buffer, with what is known of them. */
interface Block {
  readonly from: number;
  readonly cols: number;
  readonly rows: GPUBuffer;
  readonly price: GPUBuffer;
  readonly limits: GPUBuffer;
  readonly norms: GPUBuffer;
}

/** The lists of a piece: they take turns, so that some are filled while another is read. */
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
  readonly #slack: Slack;
  readonly #height: number;
  readonly #width: number;
  readonly #eager: number;
  readonly #buffers: GPUBuffer[] = [];
  readonly #a: GPUBuffer;
  readonly #c: GPUBuffer;
  readonly #rowLimits: GPUBuffer;
  readonly #rowNorms: GPUBuffer;
  readonly #rowShape: GPUBuffer;
  readonly #tops: GPUBuffer;
  readonly #slots: readonly Slot[];
  readonly #blocks: Block[] = [];
  /** Pairs that may still be listed. */
  #left: number;

  /** @throws TooMany for a query that no float32 screen can narrow */
  constructor(device: ScreenDevice, query: Query) {
    const { a, b, m, of, by, price = new Float64Array(0) } = query;
    this.#device = device;
    this.#query = query;
    const most = price.reduce((top, p) => Math.max(top, Math.abs(p)), 0);
    const slack = slackOf(a.cols, most);
    if (!slack || m > MOST || (of !== 'rows' && m !== 2)) throw new TooMany();
    this.#slack = slack;
    const { largest, list, strip } = device.options;
    this.#left = 2 ** 20 + 16 * (m * a.rows + (of === 'rows' ? 0 : 2 * b.rows));
    const wide = paddedWidth(a.cols);
    this.#width = Math.min(b.rows, list, Math.max(1, Math.floor(largest / (4 * Math.max(wide, TILE)))));
    const stride = paddedWidth(this.#width);
    const height = Math.min(
      strip,
      Math.floor(Math.min(largest, STRIP_BYTES) / (4 * Math.max(stride, wide))),
      Math.floor(list / (2 * m)),
      Math.max(BUSY, TILE * Math.ceil(a.rows / STRIPS / TILE)),
    );
    this.#height = Math.max(1, Math.min(a.rows, height));
    // What random rows leave, and a quarter more.
    const perRow = m * (by === 'both' ? 2 : 1);
    const expected = this.#height * perRow + (of === 'rows' ? 0 : 4 * this.#width);
    this.#eager = Math.min(list, device.options.eager, 1024 + Math.ceil(1.25 * expected));
    const filled = usage.storage | usage.copyTarget;
    this.#slots = Array.from({ length: SLOTS }, () => this.#slot());
    this.#a = this.#buffer(4 * this.#height * wide, filled);
    this.#c = this.#buffer(4 * this.#height * stride, usage.storage);
    this.#rowLimits = this.#buffer(8 * this.#height, filled);
    this.#rowNorms = this.#buffer(4 * this.#height, usage.storage);
    this.#rowShape = this.#buffer(4 * SHAPE_WORDS, usage.uniform | usage.copyTarget);
    this.#tops = this.#filled(new Uint32Array(4), usage.copySource);
  }

  /** The hits of all strips, in ascending order. @throws TooMany, and what the device throws */
  async *run(signal?: AbortSignal): AsyncGenerator<StripHits> {
    const { b } = this.#query;
    for (let from = 0; from < b.rows; from += this.#width) {
      throwIfCancelled(signal);
      this.#blocks.push(await this.#block(from, Math.min(b.rows, from + this.#width)));
    }
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

  /** Hands in pieces while those before them are not read yet. */
  async *#pieces(signal?: AbortSignal): AsyncGenerator<{ piece: Piece; hits: Uint32Array[] }> {
    const waiting: Piece[] = [];
    let turn = 0;
    for (let from = 0; from < this.#query.a.rows; from += this.#height) {
      const to = Math.min(this.#query.a.rows, from + this.#height);
      await this.#load(from, to);
      for (const block of this.#blocks) {
        throwIfCancelled(signal);
        if (waiting.length === SLOTS) {
          const piece = waiting.shift() as Piece;
          const { hits, again } = await this.#hitsOf(piece);
          // What lay on the device was taken for rows of an earlier strip.
          if (again) await this.#load(from, to);
          yield { piece, hits };
        }
        waiting.push(this.#submit(from, to, block, this.#slots[turn++ % SLOTS]));
      }
    }
    for (const piece of waiting) yield { piece, hits: (await this.#hitsOf(piece)).hits };
  }

  #buffer(bytes: number, flags: number): GPUBuffer {
    const buffer = this.#device.buffer(bytes, flags);
    this.#buffers.push(buffer);
    return buffer;
  }

  #filled(values: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>, flags = 0): GPUBuffer {
    const buffer = this.#buffer(values.byteLength, usage.storage | usage.copyTarget | flags);
    this.#device.write(buffer, 0, values);
    return buffer;
  }

  /** Columns from … to of B. */
  async #block(from: number, to: number): Promise<Block> {
    const { b, price } = this.#query;
    const cols = to - from;
    const rows = this.#buffer(4 * cols * paddedWidth(b.cols), usage.storage | usage.copyTarget);
    const norms = this.#buffer(4 * cols, usage.storage);
    const shape = this.#buffer(4 * SHAPE_WORDS, usage.uniform | usage.copyTarget);
    await this.#measured(rows, b, from, to, norms, shape, SIDE.b);
    const prices = new Float32Array(paddedWidth(cols));
    if (price) prices.set(price.subarray(from, to));
    return {
      from,
      cols,
      rows,
      norms,
      price: this.#filled(prices),
      limits: this.#filled(new Float32Array(2 * cols).fill(-NEVER)),
    };
  }

  #slot(): Slot {
    const readable = usage.storage | usage.copySource | usage.copyTarget;
    return {
      shape: this.#buffer(4 * SHAPE_WORDS, usage.uniform | usage.copyTarget),
      count: this.#buffer(4, readable),
      hits: this.#buffer(8 * this.#device.options.list, readable),
      staging: this.#buffer(4 * HEAD + 8 * this.#eager, usage.mapRead | usage.copyTarget),
    };
  }

  /** Copies rows from … to and has their lengths taken. */
  async #measured(
    target: GPUBuffer,
    rows: Matrix,
    from: number,
    to: number,
    norms: GPUBuffer,
    shape: GPUBuffer,
    side: number,
  ): Promise<void> {
    await this.#device.uploads.rows(target, rows, from, to);
    this.#shape(shape, to - from, 0, side);
    const commands = this.#device.commands();
    commands.dispatch('lengths', [shape, target, norms, this.#tops], abreast(to - from));
    commands.submit();
  }

  /** Makes rows from … to of A the strip. */
  async #load(from: number, to: number): Promise<void> {
    await this.#measured(this.#a, this.#query.a, from, to, this.#rowNorms, this.#rowShape, SIDE.a);
    this.#device.write(this.#rowLimits, 0, new Float32Array(2 * (to - from)).fill(-NEVER));
  }

  /** What the shaders are told, in the order of `Shape`. */
  #shape(buffer: GPUBuffer, rows: number, cols: number, side: number): void {
    const { a, m, by, of } = this.#query;
    const words = Uint32Array.of(
      ...[rows, cols, paddedWidth(a.cols) / 4, paddedWidth(cols)],
      ...[m, by === 'size' ? 1 : 0, by === 'both' ? 1 : 0, of === 'rows' ? 0 : 1],
      ...[this.#device.options.list, side, 0, 0],
    );
    new Float32Array(words.buffer).set([this.#slack.relative, this.#slack.absolute], SHAPE_WORDS - 2);
    this.#device.write(buffer, 0, words);
  }

  /** Hands in the work of the strip that is loaded against a block. */
  #submit(from: number, to: number, block: Block, slot: Slot): Piece {
    const rows = to - from;
    const { cols, limits, norms } = block;
    this.#shape(slot.shape, rows, cols, SIDE.a);
    this.#device.write(slot.count, 0, Uint32Array.of(0));
    const commands = this.#device.commands();
    const run = (
      name: PipelineName,
      buffers: readonly GPUBuffer[],
      groups: readonly [number, number],
    ): void => commands.dispatch(name, [slot.shape, ...buffers], groups);
    const tiles = [Math.ceil(cols / TILE), Math.ceil(rows / TILE)] as const;
    const across = Math.ceil(cols / COLUMNS);
    run('products', [this.#a, block.rows, block.price, this.#c], tiles);
    run('rowLimits', [this.#c, this.#rowLimits], abreast(rows));
    if (this.#query.of !== 'rows') run('columnLimits', [this.#c, limits], [Math.ceil(cols / NARROW), 1]);
    run(
      'listing',
      [this.#c, this.#rowLimits, this.#rowNorms, limits, norms, this.#tops, slot.count, slot.hits],
      [across, rows],
    );
    const { staging } = slot;
    commands.copy({ buffer: slot.count }, { buffer: staging }, 4);
    commands.copy({ buffer: this.#tops }, { buffer: staging, at: 4 }, 16);
    commands.copy({ buffer: slot.hits }, { buffer: staging, at: 4 * HEAD }, 8 * this.#eager);
    commands.submit();
    return { from, to, block, slot };
  }

  /** The hits of a piece; `again` where its rows had to be loaded again, in parts, since they are more than a list takes. */
  async #hitsOf({ from, to, block, slot }: Piece): Promise<{ hits: Uint32Array[]; again: boolean }> {
    const { list } = this.#device.options;
    const bytes = 4 * HEAD + 8 * this.#eager;
    const { count, first } = await this.#device.read(slot.staging, bytes, (values) => {
      // Sizes are in the order of their bits.
      if (Math.max(values[1 + SIDE.a + 1], values[1 + SIDE.b + 1]) > bitsOf(LARGEST)) throw new TooMany();
      const held = Math.min(values[0], this.#eager);
      return { count: values[0], first: values.slice(HEAD, HEAD + (values[0] > list ? 0 : 2 * held)) };
    });
    if (count > this.#left) throw new TooMany();
    if (count > list) return { hits: await this.#inHalves(from, to, block, slot), again: true };
    this.#left -= count;
    const hits = [this.#placed(first, block)];
    for (let at = this.#eager; at < count; at += this.#eager) {
      const length = Math.min(this.#eager, count - at);
      const commands = this.#device.commands();
      commands.copy({ buffer: slot.hits, at: 8 * at }, { buffer: slot.staging }, 8 * length);
      commands.submit();
      const more = await this.#device.read(slot.staging, 8 * length, (values) => values.slice());
      hits.push(this.#placed(more, block));
    }
    return { hits, again: false };
  }

  async #inHalves(from: number, to: number, block: Block, slot: Slot): Promise<Uint32Array[]> {
    // One row never overflows: a list takes all columns of a block.
    const half = from + ((to - from) >> 1);
    const parts: Uint32Array[] = [];
    for (const [start, end] of [
      [from, half],
      [half, to],
    ]) {
      await this.#load(start, end);
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

/** Workgroups for this many rows, one each. */
function abreast(rows: number): readonly [number, number] {
  return [Math.min(rows, ABREAST), Math.ceil(rows / ABREAST)];
}

function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0];
}
