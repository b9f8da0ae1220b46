// Bytes that are read by their position: of a file, of memory, or a part of either; nothing is held until it is read.
import { open } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { fileError } from './atomic-write.js';

export interface ByteSource {
  /** For messages: a path, or a path and what is meant within it. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Fills `out` from byte `position` on.
   * @throws input.format when that goes beyond the end; input.file when the system cannot read
   */
  read<T extends Uint8Array>(out: T, position: number): Promise<T>;
}

/** A file that stays open until `close`. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/** The system reads at most 2 GiB at once. */
const mostAtOnce = 2 ** 30;

/** @throws input.file when it cannot be opened */
export async function fileSource(file: string): Promise<FileSource> {
  const failed = (cause: unknown): never => {
    throw fileError(file, 'read', cause);
  };
  const handle = await open(file, 'r').catch(failed);
  const stats = await handle.stat();
  if (stats.isDirectory()) {
    await handle.close();
    return failed({ code: 'EISDIR' });
  }
  const { size } = stats;
  const source: FileSource = {
    name: file,
    size,
    close: () => handle.close(),
    async read(out, position) {
      requireWithin(source, out.length, position);
      for (let done = 0; done < out.length; ) {
        const want = Math.min(out.length - done, mostAtOnce);
        const { bytesRead } = await handle.read(out, done, want, position + done).catch(failed);
        if (bytesRead === 0) {
          throw new ReseedError('input.format', 'the file became shorter while it was read', { file });
        }
        done += bytesRead;
      }
      return out;
    },
  };
  return source;
}

/**
 * What `use` makes of a file, which is closed afterwards.
 * @throws input.file when it cannot be opened or read; and what `use` throws of its own
 */
export async function withSource<T>(file: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
  const source = await fileSource(file);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** Bytes that are in memory already. */
export function memorySource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    size: bytes.length,
    async read(out, position) {
      requireWithin(this, out.length, position);
      out.set(bytes.subarray(position, position + out.length));
      return out;
    },
  };
}

/**
 * Bytes `begin … end` of a source as one of their own.
 * @throws input.format when they are not within it
 */
export function part(source: ByteSource, begin: number, end: number, name = source.name): ByteSource {
  requireWithin({ name, size: source.size }, end - begin, begin);
  const size = end - begin;
  return {
    name,
    size,
    async read(out, position) {
      requireWithin(this, out.length, position);
      return source.read(out, begin + position);
    },
  };
}

/** @throws input.format when a source has no such bytes */
export function requireWithin(
  { name, size }: Pick<ByteSource, 'name' | 'size'>,
  length: number,
  position: number,
): void {
  if (position >= 0 && length >= 0 && position + length <= size) return;
  throw new ReseedError('input.format', 'it ends too early', {
    file: name,
    found: `${size} bytes`,
    expected: `${length} bytes at offset ${position}`,
  });
}
