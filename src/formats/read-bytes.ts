// Reading a known number of bytes from an open file, however large.
import type { FileHandle } from 'node:fs/promises';
import { ReseedError } from '../errors.js';

/** Fills `out` from byte `position` on, in as many reads as it takes: one read returns at most 2 GiB. */
export async function readBytes<T extends Uint8Array>(
  handle: FileHandle,
  out: T,
  position: number,
  file: string,
): Promise<T> {
  for (let done = 0; done < out.length; ) {
    const want = Math.min(out.length - done, 2 ** 30);
    const { bytesRead } = await handle.read(out, done, want, position + done);
    if (bytesRead === 0)
      throw new ReseedError('input.format', 'the file became shorter while it was read', { file });
    done += bytesRead;
  }
  return out;
}
