// Checkpoints that are written by hand, in memory, and what the SAE in one makes of an input.
import { memorySource } from '../../src/formats/byte-source.js';
import { encodeSafetensors, safetensorsFile } from '../../src/formats/safetensors.js';
import type { Tensor } from '../../src/formats/tensor.js';
import type { TensorFile } from '../../src/formats/tensor-file.js';
import { createPortableKernel } from '../../src/kernel/portable/index.js';
import type { Checkpoint, JsonObject } from '../../src/sae/checkpoint.js';
import { decode, encode } from '../../src/sae/encode.js';
import type { Sae } from '../../src/sae/sae.js';
import { fromRows } from '../../src/tensor/index.js';

/** A number, a vector or a matrix of float32. */
export type Values = number | readonly number[] | readonly (readonly number[])[];

export interface Written {
  /** Where it would lie. */
  readonly file: string;
  readonly tensors: Readonly<Record<string, Values>>;
  readonly configs?: Readonly<Record<string, JsonObject>>;
  readonly format?: TensorFile['format'];
  /** What stands in the file beside its tensors. */
  readonly values?: TensorFile['values'];
}

export async function checkpointOf({
  file,
  tensors,
  configs = {},
  format = 'safetensors',
  values = {},
}: Written): Promise<Checkpoint> {
  const named = Object.entries(tensors).map(([name, value]) => [name, tensorOf(value)]);
  const bytes = encodeSafetensors(Object.fromEntries(named));
  const read = await safetensorsFile(memorySource(bytes, file));
  return { path: file, tensors: { ...read, format, values }, configs: new Map(Object.entries(configs)) };
}

function tensorOf(values: Values): Tensor {
  if (typeof values === 'number') return { shape: [], data: Float32Array.of(values) };
  const data = Float32Array.from(values.flat());
  const [first] = values;
  return { shape: typeof first === 'number' ? [values.length] : [values.length, first.length], data };
}

/** Codes and reconstruction of one row, as numbers. */
export async function outputOf(
  sae: Sae,
  x: readonly number[],
): Promise<{ codes: number[]; reconstruction: number[] }> {
  const kernel = createPortableKernel({ threads: 1 });
  try {
    const input = fromRows([x]);
    const codes = await encode(sae, input, kernel);
    const dense = new Array<number>(codes.features).fill(0);
    codes.indices.forEach((feature, e) => {
      dense[feature] = codes.values[e];
    });
    return { codes: dense, reconstruction: Array.from(decode(sae, codes, input).data) };
  } finally {
    await kernel.close();
  }
}
