// Activations from a file or a folder of files, all of them at once. `openActivations` has what can be read.
import type { Matrix } from '../tensor/matrix.js';
import { type ActivationOptions, openActivations } from './activation-rows.js';

/**
 * Reads activations X [N×d] as float32 into shared memory, one row a token.
 * @param path a .npy, .npz, .safetensors or .pt file or a folder of them; with #NAME behind it for one of several tensors
 * @throws input.file, input.format, input.shape naming file, tensor, what was found and what was expected
 */
export async function loadActivations(path: string, options: ActivationOptions = {}): Promise<Matrix> {
  const activations = await openActivations(path, options);
  try {
    return await activations.read(0, activations.rows);
  } finally {
    await activations.close();
  }
}
