// The bytes of a .pt file that torch.load reads, with weights_only too: an ordered dict of contiguous tensors.
//
// A zip file of stored members below `archive/`: data.pkl, a pickle of protocol 2 that describes the tensors, byteorder,
// data/<n> with the values of each, little-endian, and version. Source: torch.serialization (_save), torch/_utils.py
// (_rebuild_tensor_v2), PKWARE's APPNOTE.TXT 6.3 for the zip file.
import { crc32 } from 'node:zlib';
import { ReseedError } from '../errors.js';
import { rowMajor } from './stored-tensor.js';
import { type Tensor, type TensorData, valueCount } from './tensor.js';

/** Of zip files without their extension for larger ones. */
const mostBytes = 2 ** 32 - 1;

/**
 * The same tensors always give the same bytes.
 * @throws input.shape where the number of values of a tensor does not fit its shape; input.format above 4 GiB, or for
 * values that are neither float32 nor int32
 */
export function encodeTorch(tensors: Readonly<Record<string, Tensor>>): Uint8Array {
  const named = Object.entries(tensors);
  for (const [name, { shape, data }] of named) {
    if (valueCount(shape) === data.length) continue;
    throw new ReseedError('input.shape', 'wrong number of values for its shape', {
      field: `tensor ${name}`,
      found: `${data.length} values`,
      expected: `${shape.join(' × ')} = ${valueCount(shape)}`,
    });
  }
  const text = (value: string) => new TextEncoder().encode(value);
  return zipOf([
    ['archive/data.pkl', pickleOf(named)],
    ['archive/byteorder', text('little')],
    ...named.map(([, { data }], i) => [`archive/data/${i}`, bytesOf(data)] as const),
    ['archive/version', text('3\n')],
  ]);
}

function bytesOf(data: TensorData): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function storageOf(name: string, data: TensorData): string {
  if (data instanceof Float32Array) return 'FloatStorage';
  if (data instanceof Int32Array) return 'IntStorage';
  throw new ReseedError('input.format', 'it is of a type that is not written', {
    field: `tensor ${name}`,
    found: data.constructor.name,
    expected: 'float32 or int32',
  });
}

/** OrderedDict([(name, _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())), …]) */
function pickleOf(named: readonly (readonly [string, Tensor])[]): Uint8Array {
  const out: number[] = [0x80, 2];
  const ascii = (text: string) => out.push(...Buffer.from(text, 'latin1'));
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    out.push(0x58, ...u32(bytes.length), ...bytes);
  };
  const whole = (value: number) => {
    if (value < 2 ** 31) out.push(0x4a, ...u32(value));
    else out.push(0x8a, 5, ...u32(value), Math.floor(value / 2 ** 32));
  };
  const tuple = (values: readonly number[]) => {
    ascii('(');
    values.forEach(whole);
    ascii('t');
  };
  ascii('ccollections\nOrderedDict\n)R(');
  named.forEach(([name, { shape, data }], i) => {
    text(name);
    ascii('ctorch._utils\n_rebuild_tensor_v2\n((');
    text('storage');
    ascii(`ctorch\n${storageOf(name, data)}\n`);
    text(`${i}`);
    text('cpu');
    whole(data.length);
    ascii('tQ');
    whole(0);
    tuple(shape);
    tuple(rowMajor(shape));
    out.push(0x89);
    ascii('ccollections\nOrderedDict\n)RtR');
  });
  ascii('u.');
  return Uint8Array.from(out);
}

/** January 1980, the first that a zip file can name, so that equal contents give equal bytes. */
const dosTime = [0, 0, 0x21, 0];

function zipOf(members: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of members) {
    const named = Buffer.from(name);
    const sum = u32(crc32(bytes));
    const size = u32(bytes.length);
    // Version 2.0, no flags, stored.
    const common = [20, 0, 0, 0, 0, 0, ...dosTime, ...sum, ...size, ...size, ...u16(named.length), 0, 0];
    const local = Uint8Array.from([0x50, 0x4b, 3, 4, ...common, ...named]);
    const rest = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...u32(at)];
    directory.push(Uint8Array.from([0x50, 0x4b, 1, 2, 20, 0, ...common, ...rest, ...named]));
    parts.push(local, bytes);
    at += local.length + bytes.length;
    if (at <= mostBytes) continue;
    throw new ReseedError('input.format', 'it is too large for a .pt file without zip64', {
      found: `${at} bytes and more`,
      expected: `at most ${mostBytes}`,
    });
  }
  const length = directory.reduce((sum, entry) => sum + entry.length, 0);
  const count = u16(members.length);
  const end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, ...count, ...count, ...u32(length), ...u32(at), 0, 0];
  return new Uint8Array(Buffer.concat([...parts, ...directory, Uint8Array.from(end)]));
}

function u16(value: number): number[] {
  return [value & 0xff, value >>> 8];
}

/** The low 32 bits. */
function u32(value: number): number[] {
  const low = value % 2 ** 32;
  return [low & 0xff, (low >>> 8) & 0xff, (low >>> 16) & 0xff, low >>> 24];
}
