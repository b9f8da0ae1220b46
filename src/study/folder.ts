// The output folder of a study: one run at a time, and where everything in it lies.
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { type FileContent, fileError, removeTemporaries, writeFileAtomic } from '../formats/atomic-write.js';

export class StudyFolder {
  constructor(readonly root: string) {}

  saeFolder(id: string): string {
    return join(this.root, 'saes', id);
  }

  snapshot(id: string): string {
    return join(this.root, '.work', 'snapshots', `${id}.safetensors`);
  }

  activations(key: string): string {
    return join(this.root, '.work', 'activations', `${key}.safetensors`);
  }

  part(key: string): string {
    return join(this.root, '.work', 'parts', `${key}.json`);
  }

  features(key: string): string {
    return join(this.root, '.work', 'parts', `${key}.safetensors`);
  }

  /** Writes a file whole or not at all, making its folder first. @param path absolute or relative to the root */
  async write(path: string, content: FileContent): Promise<void> {
    const file = path.startsWith(this.root) ? path : join(this.root, path);
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
        const handle = await open(file, 'wx');
        await handle.writeFile(String(process.pid));
        await handle.close();
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
      // The run that held it was killed.
      await rm(file, { force: true });
    }
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
