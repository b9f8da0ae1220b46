// Writing a file so that it is either wholly there or not at all: a temporary file beside it, then a rename.
import { open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReseedError } from '../errors.js';

/** A whole file, or its pieces in order as they are made. */
export type FileContent = Uint8Array | string | AsyncIterable<Uint8Array>;

/**
 * Writes or replaces `path`. On failure what was there before is untouched and no temporary file stays.
 * @throws input.file; and whatever making the pieces throws
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    const handle = await open(temporary, 'w');
    try {
      await writeFile(handle, content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    // The first failure is the one worth telling; where the folder itself is wrong, so is this removal.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause instanceof ReseedError ? cause : fileError(path, 'write', cause);
  }
}

/** Removes what writers that were killed have left anywhere in `folder`. Nothing else may be writing there. */
export async function removeTemporaries(folder: string): Promise<void> {
  const left = (await readdir(folder, { recursive: true })).filter(isTemporary);
  await Promise.all(left.map((file) => rm(join(folder, file), { force: true })));
}

/** Whether a file is one that a writer was still writing. */
export function isTemporary(file: string): boolean {
  return /^\..+\.\d+\.tmp$/.test(basename(file));
}

/** What the system says of a file, in words for people. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  EEXIST: 'a file of that name exists',
  ENOTDIR: 'a part of its path is not a folder',
  EMFILE: 'too many files are open',
};

/** The error for a failed system call on `path`. */
export function fileError(path: string, action: 'read' | 'write', cause: unknown): ReseedError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? '';
  const missing = action === 'read' ? 'there is no such file' : 'its folder does not exist';
  const reason = code === 'ENOENT' ? missing : (reasons[code] ?? String(cause));
  return new ReseedError('input.file', `cannot ${action} it: ${reason}`, { file: path, cause });
}
