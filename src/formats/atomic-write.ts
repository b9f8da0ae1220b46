// Writing a file so that it is either wholly there or not at all: a temporary file beside it, then a rename.
//
// A temporary name tells who writes it: .NAME.<place>.<pid>.<random>.tmp. So two writers of one file never share one, on one
// machine or on several, and what a killed writer has left can be told from what another is still writing.
import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { isAlive, thisProcess, whereaboutsOf } from './process-mark.js';

/** A whole file, or its pieces in order as they are made. */
export type FileContent = Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What this process is writing now. */
const writing = new Set<string>();

/** A name beside `path` that no other writer has, here or on another machine. */
export function temporaryName(path: string): string {
  const { place, pid } = thisProcess();
  return join(dirname(path), `.${basename(path)}.${place}.${pid}.${randomBytes(4).toString('hex')}.tmp`);
}

/**
 * Writes or replaces `path`. On failure what was there before is untouched and no temporary file stays.
 * @throws input.file; and whatever making the pieces throws
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const temporary = temporaryName(path);
  writing.add(basename(temporary));
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
  } finally {
    writing.delete(basename(temporary));
  }
}

/** Nobody writes a file for so long without touching it: where its writer cannot be asked, it is gone by then. */
const abandonedAfter = 7 * 24 * 3600 * 1000;

/** Removes what writers that were killed have left anywhere in `folder`; what others are writing stays. */
export async function removeTemporaries(folder: string): Promise<void> {
  const left = (await readdir(folder, { recursive: true })).filter(isTemporary);
  await Promise.all(
    left.map(async (file) => {
      const path = join(folder, file);
      if (await isAbandoned(path)) await rm(path, { force: true });
    }),
  );
}

/** Names of an earlier release have the process id alone. */
const pattern = /^\..+?(?:\.([0-9a-f]{8}))?\.(\d+)(?:\.[0-9a-f]{8})?\.tmp$/;

/** Whether a file is one that a writer was still writing. */
export function isTemporary(file: string): boolean {
  return pattern.test(basename(file));
}

async function isAbandoned(path: string): Promise<boolean> {
  const [, place, digits] = pattern.exec(basename(path)) ?? [];
  const pid = Number(digits);
  if (place === undefined) return pid === process.pid || !isAlive(pid);
  switch (whereaboutsOf({ place, pid })) {
    case 'gone':
      return true;
    case 'alive':
      // An earlier process may have had our id.
      return pid === process.pid && !writing.has(basename(path));
    case 'elsewhere': {
      const found = await stat(path).catch(() => undefined);
      return found !== undefined && Date.now() - found.mtimeMs > abandonedAfter;
    }
  }
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
