// Safetensors files: named tensors with a JSON header; read by ranges, written byte-stable.
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { mostSafetensorsHeader } from './limits.js';
import { parseHeader, type SafetensorsHeader } from './safetensors-header.js';
import { dtypeOf, type Tensor, valueCount } from './tensor.js';
import { type TensorFile, tensorFile } from './tensor-file.js';

/**
 * The tensors of a safetensors file; reads its header and nothing else. `values` are its metadata.
 * @throws input.format when the header is not sound; input.file
 */
export async function safetensorsFile(source: ByteSource): Promise<TensorFile> {
  const { header, dataAt } = await readHeader(source);
  return located(source, header, dataAt);
}

function located(source: ByteSource, { entries, metadata }: SafetensorsHeader, dataAt: number): TensorFile {
  const tensors = entries.map(({ name, dtype, shape, begin }) => ({
    name,
    dtype,
    shape,
    source,
    begin: dataAt + begin,
  }));
  return tensorFile('safetensors', source, tensors, metadata);
}

async function readHeader(source: ByteSource): Promise<{ header: SafetensorsHeader; dataAt: number }> {
  const { size, name: file } = source;
  const tooShort = (found: number, expected: string) =>
    new ReseedError('input.format', 'the file ends too early for a safetensors header', {
      file,
      found: `${found} bytes`,
      expected,
    });
  if (size < 8) throw tooShort(size, 'at least 8 bytes');
  const length = await source.read(new Uint8Array(8), 0);
  const headerBytes = new DataView(length.buffer).getBigUint64(0, true);
  if (headerBytes > BigInt(size - 8)) throw tooShort(size, `${headerBytes + 8n} bytes or more`);
  if (headerBytes > mostSafetensorsHeader) {
    const found = `${headerBytes} bytes`;
    const expected = `at most ${mostSafetensorsHeader}`;
    throw new ReseedError('input.format', 'its header is too long', { file, found, expected });
  }
  const dataAt = 8 + Number(headerBytes);
  const json = await source.read(new Uint8Array(Number(headerBytes)), 8);
  return { header: parseHeader(json, size - dataAt, file), dataAt };
}

/** Whether a tensor is given as the bits of float16 or bfloat16. */
function isHalf({ dtype, data }: Tensor): boolean {
  return (dtype === 'F16' || dtype === 'BF16') && data instanceof Uint16Array;
}

/** What is written at a time: a file may be larger than any array that can be had. */
const pieceBytes = 2 ** 26;

/** A safetensors file as it is written, piece by piece. */
export interface SafetensorsPieces extends Iterable<Uint8Array> {
  /** Of all pieces together. */
  readonly bytes: number;
}

/**
 * The pieces of a safetensors file, for files of any size; the tensors must not change before they are written. Wider types come
 * first and names ascend within a width, so that every tensor is aligned and equal tensors always give equal bytes. Uint16 of dtype
 * F16 or BF16 are bits of such floats.
 * @throws input.shape when the number of values of a tensor does not fit its shape
 */
export function safetensorsPieces(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsPieces {
  const { head, named, dataBytes } = laidOut(tensors, metadata);
  return {
    bytes: head.length + dataBytes,
    *[Symbol.iterator]() {
      yield head;
      for (const { data } of named) {
        for (let at = 0; at < data.byteLength; at += pieceBytes) {
          yield new Uint8Array(data.buffer, data.byteOffset + at, Math.min(pieceBytes, data.byteLength - at));
        }
      }
    },
  };
}

/** The same as one array, for files below 4 GiB. @throws input.shape as `safetensorsPieces` */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { head, named, dataBytes } = laidOut(tensors, metadata);
  const out = new Uint8Array(head.length + dataBytes);
  out.set(head);
  let position = head.length;
  for (const { data } of named) {
    out.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return out;
}

/** The header with its length in front, and the tensors in the order of the file. */
function laidOut(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): { head: Uint8Array; named: Tensor[]; dataBytes: number } {
  const named = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) {
    const pairs = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
    header.push(['__metadata__', Object.fromEntries(pairs)]);
  }
  let at = 0;
  for (const [name, tensor] of named) {
    const { shape, data } = tensor;
    const values = valueCount(shape);
    if (values !== data.length) {
      throw new ReseedError('input.shape', 'wrong number of values for its shape', {
        field: `tensor ${name}`,
        found: `${data.length} values`,
        expected: `${shape.join(' × ')} = ${values}`,
      });
    }
    const dtype = isHalf(tensor) ? tensor.dtype : dtypeOf(data);
    header.push([name, { dtype, shape, data_offsets: [at, at + data.byteLength] }]);
    at += data.byteLength;
  }
  // Written entry by entry: an object would move names that look like numbers to the front.
  const json = `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const head = new Uint8Array(8 + headerBytes).fill(0x20, 8);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerBytes), true);
  head.set(text, 8);
  return { head, named: named.map(([, tensor]) => tensor), dataBytes: at };
}
