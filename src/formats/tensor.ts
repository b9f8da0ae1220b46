// Tensors of any rank as they come out of a file, and the element types that can be read.
import { ReseedError } from '../errors.js';
import { type Matrix, sharedFloat32 } from '../tensor/matrix.js';

/** Element types that can be read, named as in safetensors, with their width in bytes. */
export const dtypeBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof dtypeBytes;

export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A tensor of any rank, row-major; `data` has as many values as the product of `shape` (1 for rank 0). */
export interface Tensor {
  readonly shape: readonly number[];
  /** F16 and BF16 are widened to float32 on reading; BOOL is read as U8. */
  readonly data: TensorData;
  /** The element type in the file that it was read from. */
  readonly dtype?: Dtype;
}

/** What a file says of one tensor. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

/** A matrix as a tensor of its shape; nothing is copied. */
export function matrixTensor({ rows, cols, data }: Matrix): Tensor {
  return { shape: [rows, cols], data };
}

/** A vector as a tensor; nothing is copied. */
export function vectorTensor(data: Float32Array): Tensor {
  return { shape: [data.length], data };
}

/** How many values a tensor of this shape has. */
export function valueCount(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, n) => product * n, 1);
}

/** The element type that holds `data` without a change. */
export function dtypeOf(data: TensorData): Dtype {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof BigInt64Array) return 'I64';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Int16Array) return 'I16';
  if (data instanceof Int8Array) return 'I8';
  if (data instanceof BigUint64Array) return 'U64';
  if (data instanceof Uint32Array) return 'U32';
  return data instanceof Uint16Array ? 'U16' : 'U8';
}

/** The element types that `float32Values` takes. */
export const floatDtypes: readonly Dtype[] = ['F64', 'F32', 'F16', 'BF16'];

/**
 * The values of a tensor that must be there, as float32 (float64 is rounded), in shared memory.
 * @param shape what it must be
 * @throws input.format when it is absent or not of floats, input.shape when its shape is another
 */
export function float32Tensor(
  tensors: ReadonlyMap<string, Tensor>,
  name: string,
  shape: readonly number[],
  file: string,
): Float32Array {
  const tensor = tensors.get(name);
  const field = `tensor ${name}`;
  if (tensor === undefined) {
    const found = [...tensors.keys()].join(', ') || 'no tensors';
    throw new ReseedError('input.format', 'it is not in the file', { file, field, found, expected: name });
  }
  if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i])) {
    throw new ReseedError('input.shape', 'it has the wrong shape', {
      file,
      field,
      found: `[${tensor.shape.join(' × ')}]`,
      expected: `[${shape.join(' × ')}]`,
    });
  }
  return float32Values(tensor, file, field);
}

/**
 * The values of a tensor as float32, in shared memory: itself where it is float32, rounded where it is float64.
 * @param file @param field name it in messages
 * @throws input.format when it does not hold floats
 */
export function float32Values(
  { data, dtype = dtypeOf(data) }: Tensor,
  file: string,
  field: string,
): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) {
    const out = sharedFloat32(data.length);
    out.set(data);
    return out;
  }
  const expected = floatDtypes.join(', ');
  throw new ReseedError('input.format', 'it does not hold floats', { file, field, found: dtype, expected });
}
