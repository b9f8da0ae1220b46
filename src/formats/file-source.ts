// A file of the system as bytes that are read by their position.
import { open } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { fileError } from './atomic-write.js';
import { type ByteSource, requireWithin } from './byte-source.js';

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
