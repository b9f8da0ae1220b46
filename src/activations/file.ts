// Activations from a file: the only tensor of a .npy, .npz or .safetensors file, [rows × d].
import { ReseedError } from '../errors.js';
import { openTensorFile } from '../formats/open-tensor-file.js';
import { float32Values, type TensorEntry } from '../formats/tensor.js';
import type { TensorFile } from '../formats/tensor-file.js';
import type { Matrix } from '../tensor/matrix.js';

/**
 * Reads activations X [N×d] as float32 into shared memory, one row a token.
 * @throws input.file, input.format, input.shape naming file, tensor, what was found and what was expected
 */
export function loadActivations(file: string): Promise<Matrix> {
  return openTensorFile(file, async (tensors) => {
    const { name, shape } = onlyMatrix(tensors);
    const data = float32Values(await tensors.read(name), file, `tensor ${name}`);
    return { rows: shape[0], cols: shape[1], data };
  });
}

/** N and d, from the beginning of the file alone. @throws as `loadActivations` */
export function activationsShape(file: string): Promise<Pick<Matrix, 'rows' | 'cols'>> {
  return openTensorFile(file, async (tensors) => {
    const [rows, cols] = onlyMatrix(tensors).shape;
    return { rows, cols };
  });
}

function onlyMatrix({ file, tensors }: TensorFile): TensorEntry {
  const [entry, ...others] = tensors.values();
  if (entry === undefined || others.length > 0) {
    throw new ReseedError('input.format', 'which tensor holds the activations cannot be told', {
      file,
      found: [...tensors.keys()].slice(0, 8).join(', ') || 'no tensors',
      expected: 'one tensor',
    });
  }
  if (entry.shape.length === 2) return entry;
  throw new ReseedError('input.shape', 'activations have two dimensions', {
    file,
    field: `tensor ${entry.name}`,
    found: `[${entry.shape.join(' × ')}]`,
    expected: '[rows × d]',
  });
}
