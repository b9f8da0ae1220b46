// A folder is written by one process at a time: a file in it says by which.
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { ReseedError } from '../errors.js';
import { fileError } from './atomic-write.js';

/**
 * Takes a folder for this process, until what it gives is called; a lock whose process was killed is taken over.
 * @param file the lock; the folder that it lies in is there
 * @param folder what is locked, and by which flag another could be named, for people
 * @throws input.locked while another process has it; input.file
 */
export async function lockFolder(
  file: string,
  { folder, flag }: { readonly folder: string; readonly flag: string },
): Promise<() => Promise<void>> {
  for (;;) {
    try {
      await takeLock(file);
      return () => rm(file, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(file, 'write', cause);
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''));
    if (isRunning(holder)) {
      throw new ReseedError('input.locked', 'another run is using this folder', {
        file: folder,
        found: `process ${holder}`,
        expected: `a folder of its own for each run (${flag})`,
      });
    }
    // The run that held it was killed. Whoever renames the lock away has it; another's that came between goes back.
    const stale = `${file}.${process.pid}`;
    await rename(file, stale).catch(() => undefined);
    const taken = Number(await readFile(stale, 'utf8').catch(() => ''));
    if (taken !== holder && isRunning(taken)) await link(stale, file).catch(() => undefined);
    await rm(stale, { force: true });
  }
}

/** Makes the lock with this process in it, in one step: nobody ever sees it empty. @throws EEXIST while it is there */
async function takeLock(file: string): Promise<void> {
  const own = `${file}.${process.pid}.new`;
  try {
    await writeFile(own, String(process.pid));
    await link(own, file);
  } finally {
    await rm(own, { force: true });
  }
}

/** Whether a process of this id is alive and is not this one. */
function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
