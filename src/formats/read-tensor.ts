// Reads a tensor, or some of its rows, into row-major order, whatever its order, width and byte order in the source.
//
// The source is passed once and forwards. What does not lie there as it is wanted goes through a window of 1 MiB, from
// which its elements are put in their places; gaps of less than a page are read through, larger ones left out.
import { ReseedError } from '../errors.js';
import { widenBfloat16, widenFloat16 } from '../tensor/dtype.js';
import { sharedBytes } from '../tensor/shared-memory.js';
import type { ByteSource } from './byte-source.js';
import { mostTensorBytes } from './limits.js';
import {
  checkStored,
  type RowRange,
  rowMajor,
  type StoredTensor,
  selectRows,
  walkOf,
} from './stored-tensor.js';
import { type Dtype, dtypeBytes, type Tensor, type TensorData, valueCount } from './tensor.js';

/**
 * Reads a tensor into shared memory; F16 and BF16 are widened to float32, BOOL becomes U8.
 * @param rows of the first axis; all of them where absent
 * @param storage taken for the values where it is of their type and number
 * @throws input.format when the tensor does not fit its source, overlaps itself or would take too much memory;
 * input.shape when it has no such rows; input.file
 */
export async function readTensor(
  source: ByteSource,
  stored: StoredTensor,
  rows?: RowRange,
  storage?: TensorData,
): Promise<Tensor> {
  checkStored(source, stored);
  const wanted = rows === undefined ? stored : selectRows(source, stored, rows);
  const { shape, dtype } = wanted;
  const fits = storage instanceof arrays[dtype] && storage.length === valueCount(shape);
  const data = fits ? storage : allocate(source, wanted);
  if (data.length > 0) {
    if (liesAsWanted(wanted)) await readAsItLies(source, wanted.begin, data);
    else await gather(source, wanted, data);
  }
  return { shape, data, dtype };
}

/** No array of bytes is longer than 4 GiB, which a tensor may be. */
const mostAtOnce = 2 ** 30;

async function readAsItLies(
  source: ByteSource,
  begin: number,
  { buffer, byteOffset, byteLength }: TensorData,
) {
  for (let at = 0; at < byteLength; at += mostAtOnce) {
    const length = Math.min(mostAtOnce, byteLength - at);
    await source.read(new Uint8Array(buffer, byteOffset + at, length), begin + at);
  }
}

type TensorArray = (new (buffer: ArrayBufferLike) => TensorData) & { readonly BYTES_PER_ELEMENT: number };

/** What holds the elements of each type once they are read. */
const arrays: Readonly<Record<Dtype, TensorArray>> = {
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

function allocate(source: ByteSource, { name, dtype, shape }: StoredTensor): TensorData {
  const array = arrays[dtype];
  const bytes = valueCount(shape) * array.BYTES_PER_ELEMENT;
  const most = mostTensorBytes(source.size);
  const where = { file: source.name, field: `tensor ${name}` };
  const found = `${bytes} bytes for ${dtype} [${shape.join(' × ')}]`;
  if (bytes > most) {
    const expected = `at most ${most} from ${source.size}`;
    throw new ReseedError('input.format', 'it claims far more than its file holds', {
      ...where,
      found,
      expected,
    });
  }
  try {
    return new array(sharedBytes(bytes));
  } catch (cause) {
    throw new ReseedError('input.file', 'it does not fit into memory', { ...where, found, cause });
  }
}

function liesAsWanted({ dtype, shape, strides = rowMajor(shape), bigEndian = false }: StoredTensor): boolean {
  const [{ from, to }, ...others] = walkOf(shape, strides);
  const inOrder = others.length === 0 && from === 1 && to === 1;
  return inOrder && !bigEndian && arrays[dtype].BYTES_PER_ELEMENT === dtypeBytes[dtype];
}

const windowBytes = 2 ** 20;

/** A gap of fewer bytes is read through: another read costs more. */
const page = 4096;

/** Puts all elements of a tensor, which has some, in their places. Positions are counted in elements. */
async function gather(source: ByteSource, stored: StoredTensor, out: TensorData): Promise<void> {
  const { dtype, shape, begin, strides = rowMajor(shape), bigEndian = false } = stored;
  const width = dtypeBytes[dtype];
  const [inner, ...outer] = walkOf(shape, strides);
  // Elements lie in stretches without large gaps, each made of the first `joined` axes.
  let joined = 0;
  let stretch = 1;
  for (const { count, from } of [inner, ...outer]) {
    if ((from - stretch) * width >= page) break;
    stretch += (count - 1) * from;
    joined++;
  }
  const target = bitsOf(out);
  let window: Bits = target.subarray(0, 0);
  let windowAt = 0;
  let windowEnd = 0;
  let stretchAt = 0;
  const index = outer.map(() => 0);
  let from = 0;
  let to = 0;
  for (;;) {
    for (let i = 0; i < inner.count; ) {
      const first = from + i * inner.from;
      if (first >= windowEnd) {
        const end = joined === 0 ? first + 1 : stretchAt + stretch;
        const bytes = new Uint8Array(Math.min(windowBytes, (end - first) * width));
        const decoded = decode(await source.read(bytes, begin + first * width), dtype, bigEndian);
        window = bitsOf(decoded);
        windowAt = first;
        windowEnd = first + decoded.length;
      }
      const ahead = windowEnd - first;
      const count = inner.from === 0 ? inner.count : Math.min(inner.count - i, Math.ceil(ahead / inner.from));
      const at = first - windowAt;
      if (out.BYTES_PER_ELEMENT < 8) {
        place(window, at, inner.from, target, to + i * inner.to, inner.to, count);
      } else {
        place(window, 2 * at, 2 * inner.from, target, 2 * (to + i * inner.to), 2 * inner.to, count);
        place(window, 2 * at + 1, 2 * inner.from, target, 2 * (to + i * inner.to) + 1, 2 * inner.to, count);
      }
      i += count;
    }
    let axis = 0;
    for (; axis < outer.length; axis++) {
      from += outer[axis].from;
      to += outer[axis].to;
      index[axis]++;
      if (index[axis] < outer[axis].count) break;
      from -= index[axis] * outer[axis].from;
      to -= index[axis] * outer[axis].to;
      index[axis] = 0;
    }
    if (axis === outer.length) return;
    if (axis + 1 >= joined) stretchAt = from;
  }
}

/** Elements as they are in the result. Takes `bytes` over. */
function decode(bytes: Uint8Array, dtype: Dtype, bigEndian: boolean): TensorData {
  if (bigEndian) swapBytes(bytes, dtypeBytes[dtype]);
  if (dtype !== 'F16' && dtype !== 'BF16') return new arrays[dtype](bytes.buffer);
  const halves = new Uint16Array(bytes.buffer);
  const wide = new Float32Array(halves.length);
  if (dtype === 'F16') widenFloat16(halves, wide);
  else widenBfloat16(halves, wide);
  return wide;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) {
    for (let i = at, j = at + width - 1; i < j; i++, j--) {
      const byte = bytes[i];
      bytes[i] = bytes[j];
      bytes[j] = byte;
    }
  }
}

/** The bits of elements: of three kinds for all types, since a loop that meets many kinds of array is ten times slower. */
type Bits = Uint8Array | Uint16Array | Uint32Array;

/** Views elements as whole numbers of their width; one of 8 bytes is two of 4. */
function bitsOf({ buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: width }: TensorData): Bits {
  if (width === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2);
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}

/** target[to + i·toStep] = window[at + i·step] for i < count. */
function place(
  window: Bits,
  at: number,
  step: number,
  target: Bits,
  to: number,
  toStep: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) target[to + i * toStep] = window[at + i * step];
}
