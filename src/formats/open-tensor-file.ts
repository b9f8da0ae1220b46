// Opens a file of tensors, whatever container it is.
import type { ByteSource } from './byte-source.js';
import { withSource } from './file-source.js';
import type { TensorFile } from './tensor-file.js';
import { tensorsIn } from './tensors-in.js';
import { readZip } from './zip.js';

/**
 * What `use` makes of a file of tensors, which is closed afterwards.
 * @throws input.file when it cannot be read; input.format when it is no sound file of a known kind; and what `use`
 * throws of its own
 */
export function openTensorFile<T>(file: string, use: (tensors: TensorFile) => Promise<T>): Promise<T> {
  return withSource(file, async (source) => use(await tensorFileOf(source)));
}

/** The tensors in `source`, which must stay open as long as they are read. @throws as `tensorsIn` */
export function tensorFileOf(source: ByteSource): Promise<TensorFile> {
  return tensorsIn(source, readZip);
}
