// Several files of tensors that are one: the shards of a checkpoint, or files that belong together.
import { ReseedError } from '../errors.js';
import { openTensorFile } from './open-tensor-file.js';
import type { TensorFile } from './tensor-file.js';

/**
 * What `use` makes of all tensors of these files, which are closed afterwards.
 * @param name of the whole, for messages
 * @throws input.format where two files have a tensor of one name; and as `openTensorFile`
 */
export function openJoined<T>(
  name: string,
  files: readonly string[],
  use: (tensors: TensorFile) => Promise<T>,
): Promise<T> {
  const open = ([next, ...rest]: readonly string[], opened: readonly TensorFile[]): Promise<T> =>
    openTensorFile(next, async (tensors) => {
      const all = [...opened, tensors];
      return rest.length > 0 ? open(rest, all) : use(all.length === 1 ? tensors : joined(name, all));
    });
  return open(files, []);
}

function joined(name: string, files: readonly TensorFile[]): TensorFile {
  const holder = new Map<string, TensorFile>();
  for (const file of files) {
    for (const tensor of file.tensors.keys()) {
      const before = holder.get(tensor);
      if (before) {
        const [found, expected] = [`${before.file} and ${file.file}`, 'one of them'];
        throw new ReseedError('input.format', 'two files hold it', {
          file: name,
          field: `tensor ${tensor}`,
          found,
          expected,
        });
      }
      holder.set(tensor, file);
    }
  }
  return {
    format: files[0].format,
    file: name,
    size: files.reduce((sum, { size }) => sum + size, 0),
    tensors: new Map(files.flatMap(({ tensors }) => [...tensors])),
    values: Object.fromEntries(files.flatMap(({ values }) => Object.entries(values ?? {}))),
    // The first refuses what none of them has.
    read: (tensor, rows, storage) => (holder.get(tensor) ?? files[0]).read(tensor, rows, storage),
  };
}
