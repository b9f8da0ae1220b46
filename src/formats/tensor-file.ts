// A file of tensors as everything above the containers sees it: what it holds is known on opening, and only what is
// asked for is read.
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { readTensor } from './read-tensor.js';
import type { RowRange, StoredTensor } from './stored-tensor.js';
import type { Tensor, TensorData, TensorEntry } from './tensor.js';

/** What stands beside the tensors. Maps are objects of own keys, whole numbers beyond 2⁵³ are bigints. */
export type PlainValue = null | boolean | number | bigint | string | readonly PlainValue[] | PlainMap;

export interface PlainMap {
  readonly [key: string]: PlainValue;
}

export interface TensorFile {
  readonly format: 'safetensors' | 'npy' | 'npz' | 'torch';
  /** For messages. */
  readonly file: string;
  /** Of the whole file, in bytes. */
  readonly size: number;
  /**
   * By name, in the order of the file. Where a file nests its tensors, names are joined by `/`, as
   * `model_state_dict/encoder.weight`. The only tensor of a .npy file is called `array`.
   */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Arrays that are not of numbers, and why each cannot be read; absent where there are none. */
  readonly skipped?: ReadonlyMap<string, ReseedError>;
  /** All that is not a tensor: the metadata of safetensors, the values of a PyTorch file; {} elsewhere. */
  readonly values: PlainValue;
  /**
   * One tensor, contiguous and row-major however the file stores it; reads only the bytes that this takes.
   * @param rows of the first axis; all of them where absent
   * @param storage taken for the values where it is of their type and number. Shared memory is given back late: who reads
   * many pieces one after another gives the same storage to all
   * @throws input.format when there is no such tensor or its bytes are not sound; input.shape when there are no such
   * rows; input.file
   */
  read(name: string, rows?: RowRange, storage?: TensorData): Promise<Tensor>;
}

/** A tensor, and the bytes in which it lies. */
export interface LocatedTensor extends StoredTensor {
  readonly source: ByteSource;
}

/** The file over `source` with these tensors, in their order. Their names differ. */
export function tensorFile(
  format: TensorFile['format'],
  source: ByteSource,
  tensors: readonly LocatedTensor[],
  values: PlainValue = {},
): TensorFile {
  const located = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return {
    format,
    file: source.name,
    size: source.size,
    tensors: new Map(tensors.map(({ name, dtype, shape }) => [name, { name, dtype, shape }])),
    values,
    async read(name, rows, storage) {
      const tensor = located.get(name);
      if (tensor) return readTensor(tensor.source, tensor, rows, storage);
      throw new ReseedError('input.format', 'it is not in the file', {
        file: source.name,
        field: `tensor ${name}`,
        found: listNames(located.keys()),
        expected: name,
      });
    },
  };
}

/** Names for a message: the first few of them. */
export function listNames(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return 'no tensors';
  return all.length > 8 ? `${all.slice(0, 8).join(', ')} and ${all.length - 8} more` : all.join(', ');
}

/** The same file, in which these tensors are not seen. */
export function withoutTensors(tensors: TensorFile, left: (name: string) => boolean): TensorFile {
  const kept = [...tensors.tensors].filter(([name]) => !left(name));
  return kept.length === tensors.tensors.size ? tensors : { ...tensors, tensors: new Map(kept) };
}
