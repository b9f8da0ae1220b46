// Reads a whole safetensors file from the system.
import { withSource } from './file-source.js';
import { safetensorsFile } from './safetensors.js';
import type { Tensor } from './tensor.js';

export interface Safetensors {
  /** By name, in the order of the file. */
  readonly tensors: Map<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a whole file. Data lies in shared memory, so that worker threads read it without a copy.
 * @throws input.file when it cannot be read, input.format when it is not a sound safetensors file
 */
export function readSafetensors(file: string): Promise<Safetensors> {
  return withSource(file, async (source) => {
    const { tensors, values, read } = await safetensorsFile(source);
    const whole = new Map<string, Tensor>();
    for (const name of tensors.keys()) whole.set(name, await read(name));
    return { tensors: whole, metadata: values as Safetensors['metadata'] };
  });
}
