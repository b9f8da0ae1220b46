// Makes a folder with all that it lies in, and says why where that cannot be.
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileError } from './atomic-write.js';

/** @throws input.file */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw fileError(path, 'write', await reasonOf(path, cause));
  }
}

/** On a file system that is read-only, Node says that the folder does not exist: making the first that is missing tells why. */
async function reasonOf(path: string, cause: unknown): Promise<unknown> {
  if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') return cause;
  let missing = path;
  while (missing !== dirname(missing) && !(await stat(dirname(missing)).catch(() => undefined))) {
    missing = dirname(missing);
  }
  return mkdir(missing).then(
    () => cause,
    (reason: unknown) => reason,
  );
}
