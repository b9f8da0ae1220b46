// Activations from a file: the only tensor of a .npy, .npz or .safetensors file, [rows × d].
import { ReseedError } from '../errors.js';
import { openTensorFile } from '../formats/open-tensor-file.js';
import { float32Values } from '../formats/tensor.js';
import type { Matrix } from '../tensor/matrix.js';

/**
 * Reads activations X [N×d] as float32 into shared memory, one row a token.
 * @throws input.file, input.format, input.shape naming file, tensor, what was found and what was expected
 */
export function loadActivations(file: string): Promise<Matrix> {
  return openTensorFile(file, async (tensors) => {
    const [entry, ...others] = tensors.tensors.values();
    if (entry === undefined || others.length > 0) {
      const names = [...tensors.tensors.keys()];
      throw new ReseedError('input.format', 'which tensor holds the activations cannot be told', {
        file,
        found: names.slice(0, 8).join(', ') || 'no tensors',
        expected: 'one tensor',
      });
    }
    const field = `tensor ${entry.name}`;
    if (entry.shape.length !== 2) {
      throw new ReseedError('input.shape', 'activations have two dimensions', {
        file,
        field,
        found: `[${entry.shape.join(' × ')}]`,
        expected: '[rows × d]',
      });
    }
    const [rows, cols] = entry.shape;
    return { rows, cols, data: float32Values(await tensors.read(entry.name), file, field) };
  });
}
