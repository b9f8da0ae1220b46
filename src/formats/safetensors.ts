// Safetensors files: named tensors with a JSON header; read into shared memory, written byte-stable.
import type { FileHandle } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { bfloat16ToNumber, float16ToNumber } from '../tensor/dtype.js';
import { sharedFloat32 } from '../tensor/matrix.js';
import { readBytes, withFile } from './read-bytes.js';
import { type Dtype, parseHeader, type TensorEntry } from './safetensors-header.js';

export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** A tensor of any rank, row-major; `data` has as many values as the product of `shape` (1 for rank 0). */
export interface Tensor {
  readonly shape: readonly number[];
  /** F16 and BF16 are widened to float32 on reading; BOOL is read as U8. */
  readonly data: TensorData;
  /** The element type in the file that it was read from. */
  readonly dtype?: Dtype;
}

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
  return withFile(file, (handle) => readFrom(handle, file));
}

async function readFrom(handle: FileHandle, file: string): Promise<Safetensors> {
  const { size } = await handle.stat();
  const tooShort = (found: number, expected: string) =>
    new ReseedError('input.format', 'the file ends too early for a safetensors header', {
      file,
      found: `${found} bytes`,
      expected,
    });
  if (size < 8) throw tooShort(size, 'at least 8 bytes');
  const length = await readBytes(handle, new Uint8Array(8), 0, file);
  const headerBytes = new DataView(length.buffer).getBigUint64(0, true);
  if (headerBytes > BigInt(size - 8)) throw tooShort(size, `${headerBytes + 8n} bytes or more`);
  const dataStart = 8 + Number(headerBytes);
  const json = await readBytes(handle, new Uint8Array(Number(headerBytes)), 8, file);
  const { entries, metadata } = parseHeader(json, size - dataStart, file);
  const tensors = new Map<string, Tensor>();
  for (const entry of entries) {
    const bytes = new Uint8Array(new SharedArrayBuffer(entry.end - entry.begin));
    await readBytes(handle, bytes, dataStart + entry.begin, file);
    tensors.set(entry.name, { shape: entry.shape, data: view(entry, bytes), dtype: entry.dtype });
  }
  return { tensors, metadata };
}

function view({ dtype }: TensorEntry, bytes: Uint8Array): TensorData {
  const { buffer } = bytes;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'F16':
      return widen(new Uint16Array(buffer), float16ToNumber);
    case 'BF16':
      return widen(new Uint16Array(buffer), bfloat16ToNumber);
    default:
      return bytes;
  }
}

function widen(halves: Uint16Array, toNumber: (bits: number) => number): Float32Array {
  const out = sharedFloat32(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = toNumber(halves[i]);
  return out;
}

/**
 * The bytes of a safetensors file. Wider types come first and names ascend within a width, so that every
 * tensor is aligned and equal tensors always give equal bytes.
 * @throws input.shape when the number of values of a tensor does not fit its shape
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const named = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) {
    const pairs = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    header.push(['__metadata__', Object.fromEntries(pairs)]);
  }
  let at = 0;
  for (const [name, { shape, data }] of named) {
    const values = shape.reduce((product, n) => product * n, 1);
    if (values !== data.length) {
      throw new ReseedError('input.shape', 'wrong number of values for its shape', {
        field: `tensor ${name}`,
        found: `${data.length} values`,
        expected: `${shape.join(' × ')} = ${values}`,
      });
    }
    header.push([name, { dtype: dtypeOf(data), shape, data_offsets: [at, at + data.byteLength] }]);
    at += data.byteLength;
  }
  // Written entry by entry: an object would move names that look like numbers to the front.
  const json = `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const out = new Uint8Array(8 + headerBytes + at);
  new DataView(out.buffer).setBigUint64(0, BigInt(headerBytes), true);
  out.fill(0x20, 8, 8 + headerBytes);
  out.set(text, 8);
  let position = 8 + headerBytes;
  for (const [, { data }] of named) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return out;
}

function dtypeOf(data: TensorData): Dtype {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int32Array) return 'I32';
  return data instanceof BigInt64Array ? 'I64' : 'U8';
}

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
  const { data } = tensor;
  if (tensor.shape.length !== shape.length || tensor.shape.some((n, i) => n !== shape[i])) {
    throw new ReseedError('input.shape', 'it has the wrong shape', {
      file,
      field,
      found: `[${tensor.shape.join(' × ')}]`,
      expected: `[${shape.join(' × ')}]`,
    });
  }
  if (data instanceof Float32Array) return data;
  if (data instanceof Float64Array) {
    const out = sharedFloat32(data.length);
    out.set(data);
    return out;
  }
  throw new ReseedError('input.format', 'it does not hold floats', {
    file,
    field,
    found: tensor.dtype ?? dtypeOf(data),
    expected: 'F32, F64, F16 or BF16',
  });
}
