// Activations on disk as rows that are read when they are wanted: from a file of tensors, or from a folder of such
// files, whose rows follow one another. So there may be more of them than memory holds.
import { ReseedError } from '../errors.js';
import { inTurn } from '../formats/in-turn.js';
import { openTensorFile } from '../formats/open-tensor-file.js';
import { type Matrix, rowRange, sharedFloat32 } from '../tensor/matrix.js';
import { findActivations } from './activation-path.js';
import { activationParts } from './activation-tensor.js';
import { type Shard, ShardReader } from './shard-reader.js';

/** Activations X [rows × cols], one row a token. */
export interface ActivationRows {
  readonly rows: number;
  readonly cols: number;
  /** What was made of the files that they do not say themselves, for people: that sequences were flattened. */
  readonly notes?: readonly string[];
  /**
   * Rows `from` up to but not including `to`, as float32 in shared memory: narrower floats are widened, float64 is
   * rounded. Best asked for in their order, since in a deflated file going back means to begin again.
   * @param storage taken for the values where it is of their number; who goes through many rows gives the same to each
   * read, since shared memory is given back late
   * @throws input.shape when there are no such rows; input.format; input.file
   */
  read(from: number, to: number, storage?: Float32Array): Promise<Matrix>;
  /** Closes the file that is open, once no read is under way. */
  close(): Promise<void>;
}

export interface ActivationOptions {
  /** Positions at the beginning of each sequence that are left out: of [batch × sequence × d], or of a list of tensors. */
  readonly dropFirst?: number;
}

/**
 * Reads what there is, and no values yet.
 * @param path a .npy, .npz, .safetensors or .pt file, by its content, or a folder of them; with #NAME behind it for one of
 * several tensors
 * @throws input.file, input.format, input.shape naming file, tensor, what was found and what was expected; usage.argument
 * where there are no sequences of which to leave out first positions
 */
export async function openActivations(
  path: string,
  { dropFirst = 0 }: ActivationOptions = {},
): Promise<ActivationRows> {
  const { files, tensor: wanted } = await findActivations(path);
  const shards: Shard[] = [];
  const notes: string[] = [];
  let rows = 0;
  let width: number | undefined;
  for (const file of files) {
    const found = await openTensorFile(file, async (tensors) => activationParts(tensors, wanted, dropFirst));
    width ??= found.cols;
    if (found.cols !== width) {
      throw new ReseedError('input.shape', 'it has rows of another width', {
        file,
        field: `tensor ${found.parts[0].entry.name}`,
        found: `${found.cols}`,
        expected: `${width}, as in ${files[0]}`,
      });
    }
    for (const part of found.parts) {
      shards.push({ ...part, file, begin: rows });
      rows += part.rows;
    }
    if (shards.length === found.parts.length) notes.push(...found.notes);
  }
  const cols = width ?? 0;
  const reader = new ShardReader();
  const turn = inTurn();
  return {
    rows,
    cols,
    ...(notes.length > 0 ? { notes: ofAll(notes, files.length) } : {}),
    read: (from, to, storage) =>
      turn(async () => {
        checkRange(path, rows, from, to);
        const length = (to - from) * cols;
        const data = storage?.length === length ? storage : allocate(path, to - from, cols);
        for (const { shard, first, last } of within(shards, from, to)) {
          const range = { from: first - shard.begin, to: last - shard.begin };
          await reader.read(shard, range, data.subarray((first - from) * cols, (last - from) * cols));
        }
        return { rows: to - from, cols, data };
      }),
    close: () => turn(() => reader.close()),
  };
}

/** The notes on the first of several files stand for all of them. */
function ofAll(notes: readonly string[], files: number): string[] {
  return files === 1 ? [...notes] : notes.map((note) => `${note} (the first of ${files} files)`);
}

/** Activations in memory, as rows: nothing is copied. */
export function rowsOf(x: Matrix): ActivationRows {
  return {
    rows: x.rows,
    cols: x.cols,
    async read(from, to) {
      checkRange('activations', x.rows, from, to);
      return rowRange(x, from, to);
    },
    async close() {},
  };
}

/** The shards with any of the rows `from … to`, and which of all rows those are. */
function within(shards: readonly Shard[], from: number, to: number) {
  const parts = shards.map((shard) => ({
    shard,
    first: Math.max(from, shard.begin),
    last: Math.min(to, shard.begin + shard.rows),
  }));
  return parts.filter(({ first, last }) => first < last);
}

function checkRange(path: string, rows: number, from: number, to: number): void {
  if (Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= rows) return;
  const [found, expected] = [`${rows} rows`, `rows ${from} to ${to}`];
  throw new ReseedError('input.shape', 'it has no such rows', { file: path, found, expected });
}

function allocate(file: string, rows: number, cols: number): Float32Array {
  try {
    return sharedFloat32(rows * cols);
  } catch (cause) {
    const found = `${rows} × ${cols} values`;
    throw new ReseedError('input.file', 'they do not fit into memory', { file, found, cause });
  }
}
