// NumPy's .npy files: one array of floats, row-major, little-endian.
//
// Layout: magic, version (1: u16, 2 and 3: u32 length of the header), a Python literal that names type, order and
// shape, then the data. Source: numpy.lib.format.
import type { FileHandle } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { float16ToNumber } from '../tensor/dtype.js';
import { sharedFloat32 } from '../tensor/matrix.js';
import { readBytes, withFile } from './read-bytes.js';

/** An array of any rank; float16 is widened to float32. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

const itemBytes = { '<f2': 2, '<f4': 4, '<f8': 8 } as const;
type Descr = keyof typeof itemBytes;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** A header of more bytes than this is no header of an array of floats. */
const longestHeader = 65536;

/**
 * Reads a whole file into shared memory.
 * @throws input.file when it cannot be read; input.format naming what was found and what can be read
 */
export function readNpy(file: string): Promise<NpyArray> {
  return withFile(file, (handle) => readFrom(handle, file));
}

async function readFrom(handle: FileHandle, file: string): Promise<NpyArray> {
  const { size } = await handle.stat();
  const start = await readBytes(handle, new Uint8Array(Math.min(12, size)), 0, file);
  if (size < 12 || magic.some((byte, i) => start[i] !== byte)) {
    throw new ReseedError('input.format', 'it is not a .npy file', {
      file,
      found: start.length === 0 ? 'an empty file' : `bytes ${[...start.subarray(0, 6)].join(' ')}`,
      expected: `bytes ${magic.join(' ')} first`,
    });
  }
  const view = new DataView(start.buffer);
  const lengthBytes = start[6] === 1 ? 2 : 4;
  const headerBytes = lengthBytes === 2 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = 8 + lengthBytes + headerBytes;
  if (headerBytes > longestHeader || dataStart > size) {
    throw new ReseedError('input.format', 'the file ends within its header', {
      file,
      found: `${size} bytes`,
      expected: `at least ${dataStart}`,
    });
  }
  const text = await readBytes(handle, new Uint8Array(headerBytes), 8 + lengthBytes, file);
  const { descr, shape } = parseHeader(new TextDecoder().decode(text), file);
  const expected = shape.reduce((product, n) => product * n, itemBytes[descr]);
  if (size - dataStart !== expected) {
    throw new ReseedError('input.format', 'its number of bytes does not fit its shape', {
      file,
      found: `${size - dataStart} bytes of data`,
      expected: `${expected} for ${descr} [${shape.join(' × ')}]`,
    });
  }
  const bytes = await readBytes(handle, new Uint8Array(new SharedArrayBuffer(expected)), dataStart, file);
  return { shape, data: floats(descr, bytes.buffer) };
}

/** The header is a Python literal: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } */
function parseHeader(header: string, file: string): { descr: Descr; shape: number[] } {
  const fail = (field: string, problem: string, found: string, expected: string) =>
    new ReseedError('input.format', problem, { file, field, found, expected });
  const descr = /'descr':\s*('[^']*'|\[[^\]]*\])/.exec(header)?.[1].replaceAll("'", '') ?? '';
  if (!Object.hasOwn(itemBytes, descr)) {
    const expected = `one of ${Object.keys(itemBytes).join(', ')} (float16, float32, float64)`;
    throw fail('descr', 'its element type cannot be read', descr || header.trim(), expected);
  }
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1] ?? 'nothing';
  if (order !== 'False') {
    throw fail('fortran_order', 'it is not row-major', order, 'False (numpy.ascontiguousarray makes it so)');
  }
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header)?.[1];
  if (shape === undefined) throw fail('shape', 'it has no shape', header.trim(), "'shape': (rows, columns)");
  return { descr: descr as Descr, shape: shape.split(',').flatMap((n) => (n.trim() ? [Number(n)] : [])) };
}

function floats(descr: Descr, buffer: SharedArrayBuffer): NpyArray['data'] {
  if (descr === '<f4') return new Float32Array(buffer);
  if (descr === '<f8') return new Float64Array(buffer);
  const halves = new Uint16Array(buffer);
  const out = sharedFloat32(halves.length);
  for (let i = 0; i < halves.length; i++) out[i] = float16ToNumber(halves[i]);
  return out;
}
