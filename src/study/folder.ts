// The output folder of a study: one run at a time, and where everything in it lies.
import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { ReseedError } from '../errors.js';
import { type FileContent, removeTemporaries, writeFileAtomic } from '../formats/atomic-write.js';
import { lockFolder } from '../formats/folder-lock.js';
import { makeFolder } from '../formats/make-folder.js';

export class StudyFolder {
  /** Absolute, so that no file of the folder can be taken for one that is named relative to it. */
  readonly root: string;

  constructor(root: string) {
    this.root = resolve(root);
  }

  /** What is kept between runs. */
  get work(): string {
    return join(this.root, '.work');
  }

  saeFolder(id: string): string {
    return join(this.root, 'saes', id);
  }

  /** Where an SAE lies that the present study does not ask for. */
  saeAside(key: string): string {
    return join(this.root, '.work', 'saes', key);
  }

  /** The state of a training that is not done, to go on from. */
  trainingState(key: string): string {
    return join(this.root, '.work', 'snapshots', `${key}.safetensors`);
  }

  activations(key: string): string {
    return join(this.root, '.work', 'activations', `${key}.safetensors`);
  }

  /** The folder of hashes of files outside. */
  get hashes(): string {
    return join(this.root, '.work', 'hashes');
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

  /**
   * Takes the folder for this process, and clears away what killed ones were writing.
   * @param onLost called when another run has taken it, because this process was silent for too long
   * @throws input.locked while another run has it
   */
  async lock(onLost?: () => void): Promise<() => Promise<void>> {
    const file = join(this.root, '.work', 'lock');
    await makeFolder(dirname(file));
    const unlock = await lockFolder(file, { folder: this.root, flag: '--out', onLost });
    await removeTemporaries(this.root);
    return unlock;
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
