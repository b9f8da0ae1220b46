// Reads a tensor, or some of its rows, out of its bytes into row-major order, whatever its order, width and byte order
// there.
//
// Element [i, j, …] lies at begin + width·(i·stride₀ + j·stride₁ + …). The axes are walked from the smallest stride to
// the largest, so that the bytes are passed once and forwards; what does not already lie as it is wanted goes
// through a window, whose elements are then put in their places. Gaps of less than a page are read through.
import { ReseedError } from '../errors.js';
import { bfloat16ToNumber, float16ToNumber } from '../tensor/dtype.js';
import type { ByteSource } from './byte-source.js';
import { mostDimensions, mostTensorBytes } from './limits.js';
import {
  type Dtype,
  dtypeBytes,
  type Tensor,
  type TensorData,
  type TensorEntry,
  valueCount,
} from './tensor.js';

/** How a tensor lies in a source of bytes. */
export interface StoredTensor extends TensorEntry {
  /** Where its first element begins, in bytes. */
  readonly begin: number;
  /** Elements from one index of an axis to the next, for each axis; row-major where absent. */
  readonly strides?: readonly number[];
  readonly bigEndian?: boolean;
}

/** Rows `from` up to but not including `to`. */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Reads a tensor into shared memory; F16 and BF16 are widened to float32, BOOL becomes U8.
 * @param rows of the first axis; all of them where absent
 * @throws input.format when the tensor does not fit its source, overlaps itself or would take too much memory;
 * input.shape when it has no such rows; input.file
 */
export async function readTensor(source: ByteSource, stored: StoredTensor, rows?: RowRange): Promise<Tensor> {
  checkStored(source, stored);
  const { dtype, bigEndian = false } = stored;
  const { shape, strides, begin } = selectRows(source, stored, rows);
  const data = allocate(source, stored, valueCount(shape));
  if (data.length > 0) {
    const axes = walkingOrder(shape, strides);
    const [{ from, to }] = axes;
    const asWanted = axes.length === 1 && from === 1 && to === 1 && !bigEndian;
    if (asWanted && data.BYTES_PER_ELEMENT === dtypeBytes[dtype]) {
      await source.read(new Uint8Array(data.buffer), begin);
    } else {
      await gather(source, { dtype, bigEndian, begin, axes }, data);
    }
  }
  return { shape, data, dtype };
}

/**
 * Checks that a tensor lies within its source, and no two of its elements on each other; a stride of 0, which repeats
 * one element along an axis, is allowed.
 * @throws input.format
 */
export function checkStored(source: ByteSource, stored: StoredTensor): void {
  const { dtype, shape, begin, strides = rowMajor(shape) } = stored;
  if (shape.length > mostDimensions) {
    throw unsound(
      source,
      stored,
      'it has too many dimensions',
      `${shape.length}`,
      `at most ${mostDimensions}`,
    );
  }
  if (strides.length !== shape.length || ![...shape, ...strides, begin].every(isCount)) {
    const found = `shape [${shape.join(', ')}], strides [${strides.join(', ')}], offset ${begin}`;
    throw unsound(
      source,
      stored,
      'its layout is wrong',
      found,
      'whole numbers, none negative; a stride an axis',
    );
  }
  if (shape.includes(0)) return;
  let span = 1;
  for (const { count, from } of walkingOrder(shape, strides)) {
    if (from > 0 && from < span && count > 1) {
      const found = `shape [${shape.join(', ')}], strides [${strides.join(', ')}]`;
      throw unsound(
        source,
        stored,
        'its elements lie on each other',
        found,
        `no stride below ${span} but 0 and 1`,
      );
    }
    span += (count - 1) * from;
  }
  const end = begin + span * dtypeBytes[dtype];
  if (end > source.size) {
    const expected = `${end} for ${dtype} [${shape.join(' × ')}] at offset ${begin}`;
    throw unsound(source, stored, 'the file ends before its data', `${source.size} bytes`, expected);
  }
}

/** Strides of a tensor whose last axis is contiguous. */
function rowMajor(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly begin: number;
}

function selectRows(source: ByteSource, stored: StoredTensor, rows: RowRange | undefined): Layout {
  const { dtype, shape, begin, strides = rowMajor(shape) } = stored;
  if (rows === undefined) return { shape, strides, begin };
  const { from, to } = rows;
  if (shape.length === 0 || !isCount(from) || !isCount(to) || from > to || to > shape[0]) {
    throw new ReseedError('input.shape', 'it has no such rows', {
      file: source.name,
      field: `tensor ${stored.name}`,
      found: `[${shape.join(' × ')}]`,
      expected: `rows ${from} to ${to}`,
    });
  }
  return {
    shape: [to - from, ...shape.slice(1)],
    strides,
    begin: begin + from * strides[0] * dtypeBytes[dtype],
  };
}

type TensorArray = new (buffer: ArrayBufferLike) => TensorData;

/** What holds the elements of each type once they are read. */
const arrays: Readonly<Record<Dtype, TensorArray & { readonly BYTES_PER_ELEMENT: number }>> = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Float32Array,
  BF16: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
};

function allocate(source: ByteSource, stored: StoredTensor, count: number): TensorData {
  const array = arrays[stored.dtype];
  const bytes = count * array.BYTES_PER_ELEMENT;
  const most = mostTensorBytes(source.size);
  if (bytes > most) {
    const found = `${bytes} bytes for ${stored.dtype} [${stored.shape.join(' × ')}]`;
    throw unsound(source, stored, 'it claims far more than its file holds', found, `at most ${most}`);
  }
  try {
    return new array(new SharedArrayBuffer(bytes));
  } catch (cause) {
    throw new ReseedError('input.file', 'it does not fit into memory', {
      file: source.name,
      field: `tensor ${stored.name}`,
      found: `${bytes} bytes`,
      cause,
    });
  }
}

/** One axis of a walk: how many elements, and how far apart they are in the source and in the result. */
interface Axis {
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** The axes from the smallest stride in the source to the largest; those that continue each other are one. */
function walkingOrder(shape: readonly number[], strides: readonly number[]): Axis[] {
  const result = rowMajor(shape);
  const axes = shape
    .map((count, i): Axis => ({ count, from: strides[i], to: result[i] }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => a.from - b.from || a.to - b.to);
  const walk: Axis[] = [];
  for (const axis of axes) {
    const last = walk.at(-1);
    if (last && axis.from === last.count * last.from && axis.to === last.count * last.to) {
      walk[walk.length - 1] = { ...last, count: last.count * axis.count };
    } else {
      walk.push(axis);
    }
  }
  return walk.length > 0 ? walk : [{ count: 1, from: 1, to: 1 }];
}

const windowBytes = 2 ** 20;

/** Gaps of fewer bytes are read through: that costs less than another read. */
const page = 4096;

interface Walk {
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  /** In bytes; all else is in elements. */
  readonly begin: number;
  readonly axes: readonly Axis[];
}

async function gather(
  source: ByteSource,
  { dtype, bigEndian, begin, axes }: Walk,
  out: TensorData,
): Promise<void> {
  const width = dtypeBytes[dtype];
  // The first `joined` axes are one stretch of `stretch` elements; between stretches there are gaps to leave out.
  let joined = 0;
  let stretch = 1;
  for (; joined < axes.length && (axes[joined].from - stretch) * width < page; joined++) {
    stretch += (axes[joined].count - 1) * axes[joined].from;
  }
  const [inner, ...outer] = axes;
  const index = outer.map(() => 0);
  let window: TensorData = new Uint8Array(0);
  let windowAt = 0;
  let stretchAt = 0;
  let from = 0;
  let to = 0;
  for (;;) {
    for (let i = 0; i < inner.count; ) {
      const first = from + i * inner.from;
      if (first >= windowAt + window.length) {
        const end = joined === 0 ? first + 1 : stretchAt + stretch;
        const bytes = new Uint8Array(Math.min(windowBytes, (end - first) * width));
        window = decode(await source.read(bytes, begin + first * width), dtype, bigEndian);
        windowAt = first;
      }
      const left = windowAt + window.length - first;
      const count = inner.from === 0 ? inner.count : Math.min(inner.count - i, Math.ceil(left / inner.from));
      place(window, first - windowAt, inner.from, out, to + i * inner.to, inner.to, count);
      i += count;
    }
    let axis = 0;
    for (; axis < outer.length; axis++) {
      const { count, from: fromStep, to: toStep } = outer[axis];
      from += fromStep;
      to += toStep;
      index[axis]++;
      if (index[axis] < count) break;
      from -= count * fromStep;
      to -= count * toStep;
      index[axis] = 0;
    }
    if (axis === outer.length) return;
    if (axis + 1 >= joined) stretchAt = from;
  }
}

/** Elements as they are in the result; `bytes` is taken over. */
function decode(bytes: Uint8Array, dtype: Dtype, bigEndian: boolean): TensorData {
  if (bigEndian) swapBytes(bytes, dtypeBytes[dtype]);
  const { buffer } = bytes;
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(buffer), float16ToNumber);
  if (dtype === 'BF16') return Float32Array.from(new Uint16Array(buffer), bfloat16ToNumber);
  return new arrays[dtype](buffer);
}

function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer);
  if (width === 2) buffer.swap16();
  if (width === 4) buffer.swap32();
  if (width === 8) buffer.swap64();
}

function place(
  window: TensorData,
  at: number,
  step: number,
  out: TensorData,
  to: number,
  toStep: number,
  count: number,
): void {
  // Both hold the same kind of element: `decode` and `allocate` take it from the same list.
  const source = window as Float64Array;
  const target = out as Float64Array;
  for (let i = 0; i < count; i++) target[to + i * toStep] = source[at + i * step];
}

function isCount(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0;
}

function unsound(
  source: ByteSource,
  { name }: StoredTensor,
  problem: string,
  found: string,
  expected: string,
) {
  return new ReseedError('input.format', problem, {
    file: source.name,
    field: `tensor ${name}`,
    found,
    expected,
  });
}
