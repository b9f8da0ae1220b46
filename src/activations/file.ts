// Activations from a file: a .npy array, or a .safetensors file with one tensor, [rows × d].
import { extname } from 'node:path';
import { ReseedError } from '../errors.js';
import { readNpy } from '../formats/npy.js';
import { float32Tensor, readSafetensors } from '../formats/safetensors.js';
import { type Matrix, sharedFloat32 } from '../tensor/matrix.js';

/**
 * Reads activations X [N×d] as float32 into shared memory, one row a token.
 * @throws input.file, input.format, input.shape naming file, tensor, what was found and what was expected
 */
export async function loadActivations(file: string): Promise<Matrix> {
  switch (extname(file).toLowerCase()) {
    case '.npy':
      return fromNpy(file);
    case '.safetensors':
      return fromSafetensors(file);
    default:
      throw new ReseedError('input.format', 'not a file of activations that can be read', {
        file,
        found: extname(file) || 'no extension',
        expected: '.npy or .safetensors',
      });
  }
}

async function fromNpy(file: string): Promise<Matrix> {
  const { shape, data } = await readNpy(file);
  const [rows, cols] = requireTwo(shape, file);
  if (data instanceof Float32Array) return { rows, cols, data };
  const rounded = sharedFloat32(data.length);
  rounded.set(data);
  return { rows, cols, data: rounded };
}

async function fromSafetensors(file: string): Promise<Matrix> {
  const { tensors } = await readSafetensors(file);
  const names = [...tensors.keys()];
  if (names.length !== 1) {
    throw new ReseedError('input.format', 'which tensor holds the activations cannot be told', {
      file,
      found: names.length === 0 ? 'no tensors' : names.slice(0, 8).join(', '),
      expected: 'one tensor',
    });
  }
  const [name] = names;
  const [rows, cols] = requireTwo(tensors.get(name)?.shape ?? [], file, `tensor ${name}`);
  return { rows, cols, data: float32Tensor(tensors, name, [rows, cols], file) };
}

function requireTwo(shape: readonly number[], file: string, field?: string): readonly [number, number] {
  if (shape.length === 2) return [shape[0], shape[1]];
  throw new ReseedError('input.shape', 'activations have two dimensions', {
    file,
    ...(field === undefined ? {} : { field }),
    found: `[${shape.join(' × ')}]`,
    expected: '[rows × d]',
  });
}
