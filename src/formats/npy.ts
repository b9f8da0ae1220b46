// NumPy's .npy files: one array of numbers.
//
// Layout: magic, version (1: u16, 2 and 3: u32 length of the header), a Python literal that names type, order and
// shape, then the data. Source: numpy.lib.format.
import { ReseedError } from '../errors.js';
import type { ByteSource } from './byte-source.js';
import { latin1 } from './latin1.js';
import { mostDimensions, mostNpyHeader } from './limits.js';
import { type PythonDict, parsePythonDict } from './python-literal.js';
import { type Dtype, dtypeBytes, valueCount } from './tensor.js';
import { type LocatedTensor, type TensorFile, tensorFile } from './tensor-file.js';

/** The bytes with which every .npy file begins. */
export const npyMagic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;

/** The only tensor of a .npy file. */
const tensorName = 'array';

/** Field of the header that a refusal names where elements are of a type that is not read. */
export const unreadableType = 'descr';

/**
 * The array of a .npy file, as the tensor `array`; reads its header and nothing else.
 * @throws input.format naming what was found and what can be read; input.file
 */
export async function npyFile(source: ByteSource): Promise<TensorFile> {
  return tensorFile('npy', source, [await readNpyHeader(source, tensorName)]);
}

/**
 * How the array of a .npy file lies in it.
 * @param name what to call it
 * @throws input.format when it is not a sound file of numbers; input.file
 */
export async function readNpyHeader(source: ByteSource, name: string): Promise<LocatedTensor> {
  const { size, name: file } = source;
  const start = await source.read(new Uint8Array(Math.min(12, size)), 0);
  if (size < 12 || npyMagic.some((byte, i) => start[i] !== byte)) {
    throw new ReseedError('input.format', 'it is not a .npy file', {
      file,
      found: size === 0 ? 'an empty file' : `bytes ${[...start.subarray(0, 6)].join(' ')}`,
      expected: `bytes ${npyMagic.join(' ')} first`,
    });
  }
  const [version] = start.subarray(6);
  if (version < 1 || version > 3) {
    const expected = '1, 2 or 3';
    throw new ReseedError('input.format', 'its version of .npy cannot be read', {
      file,
      found: `${version}`,
      expected,
    });
  }
  const view = new DataView(start.buffer);
  const headerAt = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const begin = headerAt + headerBytes;
  if (headerBytes > mostNpyHeader) {
    const [found, expected] = [`${headerBytes} bytes`, `at most ${mostNpyHeader}`];
    throw new ReseedError('input.format', 'its header is too long', { file, found, expected });
  }
  if (begin > size) {
    throw new ReseedError('input.format', 'the file ends within its header', {
      file,
      found: `${size} bytes`,
      expected: `at least ${begin}`,
    });
  }
  const bytes = await source.read(new Uint8Array(headerBytes), headerAt);
  const text = decodeText(bytes, version, file);
  const { dtype, bigEndian, shape, fortran } = parseHeader(text, file);
  const expected = valueCount(shape) * dtypeBytes[dtype];
  if (size - begin !== expected) {
    throw new ReseedError('input.format', 'its number of bytes does not fit its shape', {
      file,
      found: `${size - begin} bytes of data`,
      expected: `${expected} for ${dtype} [${shape.join(' × ')}]`,
    });
  }
  const strides = fortran ? { strides: firstAxisFastest(shape) } : {};
  return { name, dtype, shape, source, begin, bigEndian, ...strides };
}

/** Versions 1 and 2 are Latin-1, version 3 is UTF-8. */
function decodeText(bytes: Uint8Array, version: number, file: string): string {
  if (version < 3) return latin1(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ReseedError('input.format', 'its header is not UTF-8', { file, cause });
  }
}

function firstAxisFastest(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let i = 1; i < shape.length; i++) strides[i] = strides[i - 1] * shape[i - 1];
  return strides;
}

/** NumPy's letter for a kind of element and its bytes, as they stand after the byte order. */
const dtypes: Readonly<Record<string, Dtype>> = {
  f8: 'F64',
  f4: 'F32',
  f2: 'F16',
  i8: 'I64',
  i4: 'I32',
  i2: 'I16',
  i1: 'I8',
  u8: 'U64',
  u4: 'U32',
  u2: 'U16',
  u1: 'U8',
  b1: 'BOOL',
};

interface NpyHeader {
  readonly dtype: Dtype;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** The header is a Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */
function parseHeader(text: string, file: string): NpyHeader {
  const header = parsePythonDict(text, file);
  const fail = (field: string, problem: string, expected: string) =>
    new ReseedError('input.format', problem, { file, field, found: foundIn(header, field), expected });
  const descr = header.get('descr');
  const [order, kind] = typeof descr === 'string' ? [descr.slice(0, 1), descr.slice(1)] : ['', ''];
  if (kind === 'O')
    throw fail(unreadableType, 'arrays of objects hold pickles, which are not read', 'an array of numbers');
  if (!Object.hasOwn(dtypes, kind) || !'<>|'.includes(order)) {
    throw fail(
      unreadableType,
      'its element type cannot be read',
      `<f8, <f4, <f2, or a boolean or whole number (<i8 … |u1)`,
    );
  }
  const fortran = header.get('fortran_order');
  if (typeof fortran !== 'boolean') throw fail('fortran_order', 'it is not a truth value', 'True or False');
  const shape = header.get('shape');
  if (!isShape(shape))
    throw fail(
      'shape',
      'it is not a shape',
      `a tuple of at most ${mostDimensions} whole numbers, none negative`,
    );
  return { dtype: dtypes[kind], bigEndian: order === '>', fortran, shape };
}

function isShape(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length > mostDimensions) return false;
  return value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function foundIn(header: PythonDict, field: string): string {
  const value = header.get(field);
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120);
}
