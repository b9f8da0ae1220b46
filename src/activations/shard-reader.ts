// Reads rows of activations from one file after another, with one of them open.
import { ReseedError } from '../errors.js';
import { type FileSource, fileSource } from '../formats/byte-source.js';
import { tensorFileOf } from '../formats/open-tensor-file.js';
import type { RowRange } from '../formats/stored-tensor.js';
import type { TensorEntry } from '../formats/tensor.js';
import type { TensorFile } from '../formats/tensor-file.js';

/** A tensor of floats [rows × d] in a file, whose rows are rows `begin … begin + rows` of all. */
export interface Shard {
  readonly file: string;
  readonly entry: TensorEntry;
  readonly begin: number;
  readonly rows: number;
}

/** Values of float64 that are read at once to be rounded. */
const pieceValues = 2 ** 17;

/** One read at a time: the next may close the file of the one before. */
export class ShardReader {
  private open:
    | { readonly shard: Shard; readonly source: FileSource; readonly tensors: TensorFile }
    | undefined;
  private piece = new Float64Array(0);

  /**
   * Fills `out` with rows of a shard, as float32.
   * @throws input.format, input.file
   */
  async read(shard: Shard, rows: RowRange, out: Float32Array): Promise<void> {
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
    if (this.open?.shard !== shard) {
      await this.close();
      const source = await fileSource(shard.file);
      try {
        this.open = { shard, source, tensors: await tensorFileOf(source) };
      } catch (error) {
        await source.close();
        throw error;
      }
    }
    return this.open.tensors;
  }
}
