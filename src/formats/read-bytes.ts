// Reading a file by its handle: opened and closed in one place, and a known number of bytes, however large.
import { type FileHandle, open } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { fileError } from './atomic-write.js';

/**
 * What `read` makes of the file, which is closed afterwards.
 * @throws input.file when it cannot be opened or read; and what `read` throws of its own
 */
export async function withFile<T>(file: string, read: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (cause) {
    throw fileError(file, 'read', cause);
  }
  try {
    return await read(handle);
  } catch (cause) {
    throw cause instanceof ReseedError ? cause : fileError(file, 'read', cause);
  } finally {
    await handle.close();
  }
}

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
