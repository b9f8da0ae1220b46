// Reads rows of activations from one file after another, with one of them open.
import { ReseedError } from '../errors.js';
import { type FileSource, fileSource } from '../formats/file-source.js';
import { tensorFileOf } from '../formats/open-tensor-file.js';
import type { RowRange } from '../formats/stored-tensor.js';
import { float32Values } from '../formats/tensor.js';
import type { TensorFile } from '../formats/tensor-file.js';
import type { ActivationPart } from './activation-tensor.js';

/** A tensor of floats in a file, whose rows are rows `begin … begin + rows` of all. */
export interface Shard extends ActivationPart {
  readonly file: string;
  readonly begin: number;
}

/** Values that are read at once where they are to be rounded or picked from. */
const pieceValues = 2 ** 17;

/** One read at a time: the next may close the file of the one before. */
export class ShardReader {
  private open:
    | { readonly file: string; readonly source: FileSource; readonly tensors: TensorFile }
    | undefined;
  private piece = new Float64Array(0);

  /**
   * Fills `out` with rows of a shard, as float32.
   * @throws input.format, input.file
   */
  async read(shard: Shard, rows: RowRange, out: Float32Array): Promise<void> {
    const { shape } = shard.entry;
    if (shape.length === 3) return this.readSequences(shard, rows, out);
    const { dropped } = shard;
    return this.readRows(shard, { from: rows.from + dropped, to: rows.to + dropped }, out);
  }

  private async readRows(shard: Shard, rows: RowRange, out: Float32Array): Promise<void> {
    const { dtype, shape } = shard.entry;
    if (dtype !== 'F64') return this.fill(shard, rows, out);
    const [, cols] = shape;
    const step = Math.max(1, Math.floor(pieceValues / cols));
    if (this.piece.length < step * cols) this.piece = new Float64Array(step * cols);
    for (let from = rows.from; from < rows.to; from += step) {
      const to = Math.min(rows.to, from + step);
      const piece = this.piece.subarray(0, (to - from) * cols);
      await this.fill(shard, { from, to }, piece);
      out.set(piece, (from - rows.from) * cols);
    }
  }

  /** Whole sequences are read, and the positions that are wanted are taken from them. */
  private async readSequences(shard: Shard, rows: RowRange, out: Float32Array): Promise<void> {
    const { entry, sequence, dropped } = shard;
    const cols = entry.shape[2];
    const [kept, whole] = [sequence - dropped, sequence * cols];
    const step = Math.max(1, Math.floor(pieceValues / whole));
    const end = Math.ceil(rows.to / kept);
    for (let begin = Math.floor(rows.from / kept); begin < end; begin += step) {
      const to = Math.min(end, begin + step);
      const tensors = await this.tensorsOf(shard);
      // It allocates no more than the file may claim.
      const tensor = await tensors.read(entry.name, { from: begin, to });
      const values = float32Values(tensor, shard.file, `tensor ${entry.name}`);
      for (let n = begin; n < to; n++) {
        const first = Math.max(rows.from, n * kept);
        const last = Math.min(rows.to, (n + 1) * kept);
        const at = (n - begin) * whole + (dropped + first - n * kept) * cols;
        out.set(values.subarray(at, at + (last - first) * cols), (first - rows.from) * cols);
      }
    }
  }

  async close(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    await open?.source.close();
  }

  private async fill(shard: Shard, rows: RowRange, out: Float32Array | Float64Array): Promise<void> {
    const { name } = shard.entry;
    const tensors = await this.tensorsOf(shard);
    const { data } = await tensors.read(name, rows, out);
    // Other storage was needed only if its type or width is no longer the one that it was opened with.
    if (data === out) return;
    throw new ReseedError('input.format', 'it changed while it was read', {
      file: shard.file,
      field: `tensor ${name}`,
    });
  }

  private async tensorsOf(shard: Shard): Promise<TensorFile> {
    if (this.open?.file !== shard.file) {
      await this.close();
      const source = await fileSource(shard.file);
      try {
        this.open = { file: shard.file, source, tensors: await tensorFileOf(source) };
      } catch (error) {
        await source.close();
        throw error;
      }
    }
    return this.open.tensors;
  }
}
