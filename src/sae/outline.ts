// A file of tensors without its matrices: what an SAE is can be told from shapes, names and small vectors alone.
import type { TensorFile } from '../formats/tensor-file.js';

/** The same file, of which only tensors of less than two axes are read; of others `data` is empty. */
export function withoutMatrices(tensors: TensorFile): TensorFile {
  return {
    ...tensors,
    async read(name, rows) {
      const entry = tensors.tensors.get(name);
      if (!entry || entry.shape.length < 2) return tensors.read(name, rows);
      return { shape: entry.shape, data: new Float32Array(0), dtype: entry.dtype };
    },
  };
}
