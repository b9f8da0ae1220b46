// The output folder of a study: one run at a time, and where everything in it lies.
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ReseedError } from '../errors.js';
import { type FileContent, fileError, removeTemporaries, writeFileAtomic } from '../formats/atomic-write.js';

export class StudyFolder {
  /** Absolute, so that no file of the folder can be taken for one that is named relative to it. */
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  saeFolder(id: string): string {
    return join(this.root, 'saes', id);
  }

  /** Where an SAE lies that the present study does not ask for. */
  saeAside(key: string): string {
    return join(this.root, '.work', 'saes', key);
  }

  snapshot(key: string): string {
    return join(this.root, '.work', 'snapshots', `${key}.safetensors`);
  }

  activations(key: string): string {
    return join(this.root, '.work', 'activations', `${key}.safetensors`);
  }

  /** The folder of what has been measured. */
  get parts(): string {
    return join(this.root, '.work', 'parts');
  }

  features(key: string): string {
    return join(this.parts, `${key}.safetensors`);
  }

  /** Writes a file whole or not at all, making its folder first. @param path absolute or relative to the root */
  async write(path: string, content: FileContent): Promise<void> {
    const file = isAbsolute(path) ? path : join(this.root, path);
    await makeFolder(dirname(file));
    await writeFileAtomic(file, content);
  }

  /** Whether a file of the folder is there; files are written whole, so then it is whole. */
  async has(file: string): Promise<boolean> {
    return (await stat(file).catch(() => undefined)) !== undefined;
  }

  /** Takes the folder for this process, and clears away what a killed one was writing. @throws input.locked while another process has it */
  async lock(): Promise<() => Promise<void>> {
    const file = join(this.root, '.work', 'lock');
    await makeFolder(dirname(file));
    for (;;) {
      try {
        await takeLock(file);
        await removeTemporaries(this.root);
        return () => rm(file, { force: true });
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(file, 'write', cause);
      }
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (isRunning(holder)) {
        throw new ReseedError('input.locked', 'another run is using this folder', {
          file: this.root,
          found: `process ${holder}`,
          expected: 'a folder of its own for each run (--out)',
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

/** Opens the folder of a study, making it where it is missing. @throws input.file when it is a file */
export async function openStudyFolder(root: string): Promise<StudyFolder> {
  const found = await stat(root).catch(() => undefined);
  if (found && !found.isDirectory()) {
    throw new ReseedError('input.file', 'the output folder is not a folder', {
      file: root,
      found: 'a file',
      expected: 'a folder, or nothing yet',
    });
  }
  await makeFolder(root);
  return new StudyFolder(root);
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw fileError(path, 'write', cause);
  }
}
