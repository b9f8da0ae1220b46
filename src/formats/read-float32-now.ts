// Reads one float32 tensor of a safetensors file at once, without giving others their turn: for values that are asked for where
// nothing can be waited for.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ReseedError } from '../errors.js';
import { sharedFloat32 } from '../tensor/matrix.js';
import { fileError } from './atomic-write.js';
import { parseHeader } from './safetensors-header.js';

/** Bytes of one reading: Node takes 2 GiB at the most. */
const most = 2 ** 28;

/** The values, in shared memory. @throws input.file; input.format where the file has no such tensor of float32 */
export function readFloat32Now(file: string, name: string): Float32Array {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  try {
    const length = Number(new DataView(bytesOf(handle, 0, 8, file).buffer).getBigUint64(0, true));
    const { size } = fstatSync(handle);
    const { entries } = parseHeader(bytesOf(handle, 8, length, file), size - 8 - length, file);
    const entry = entries.find((one) => one.name === name);
    if (entry?.dtype !== 'F32') {
      throw new ReseedError('input.format', 'the file is not as it was when it was opened', {
        file,
        field: `tensor ${name}`,
        found: entry?.dtype ?? 'none',
        expected: 'F32',
      });
    }
    const values = sharedFloat32((entry.end - entry.begin) / 4);
    const into = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    fill(into, handle, 8 + length + entry.begin, file);
    return values;
  } finally {
    closeSync(handle);
  }
}

function bytesOf(handle: number, at: number, length: number, file: string): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(bytes, handle, at, file);
  return bytes;
}

function fill(into: Uint8Array, handle: number, at: number, file: string): void {
  for (let done = 0; done < into.length; ) {
    const read = readSync(handle, into, done, Math.min(most, into.length - done), at + done);
    if (read === 0) {
      throw new ReseedError('input.file', 'the file ends too early', {
        file,
        found: `${at + done} bytes`,
        expected: `${at + into.length} or more`,
      });
    }
    done += read;
  }
}
