// What lies at a path: a file of tensors, or several that are one, and the small files of settings that tools write beside it.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { openJoined } from '../formats/joined-files.js';
import type { TensorFile } from '../formats/tensor-file.js';
import { configNames, weightExtensions, weightNames } from './checkpoint-names.js';
import { alone, partNamed, partsOf } from './parts.js';
import { readSettings } from './read-settings.js';
import type { JsonObject } from './settings-of-text.js';
import type { StatedSettings } from './stated-settings.js';
import { filesOf, shardIndex } from './weight-files.js';

export type { JsonObject } from './settings-of-text.js';

export interface Checkpoint {
  /** As the user gave it. */
  readonly path: string;
  readonly tensors: TensorFile;
  /** By file name: those of `configNames` that stand beside the tensors, or one folder above. */
  readonly configs: ReadonlyMap<string, JsonObject>;
  /** What the user says where the files leave it open. */
  readonly stated?: StatedSettings;
}

/**
 * Opens the weights at a path: a file of them, a configuration beside them, or a folder of both; with #NAME behind it one
 * of several SAEs in a file.
 * @throws input.file, input.format
 */
export async function openCheckpoint<T>(
  path: string,
  use: (checkpoint: Checkpoint) => Promise<T>,
): Promise<T> {
  const { file, part } = await weightsAt(path);
  const configs = await configsBeside(file);
  return openJoined(file, await filesOf(file), async (tensors) =>
    use({ path, tensors: part === undefined ? alone(tensors) : partNamed(tensors, part).tensors, configs }),
  );
}

/**
 * Paths of the SAEs at a path: itself, or `FILE#NAME` of each where a file holds several.
 * @throws input.file, input.format
 */
export function saesAt(path: string): Promise<string[]> {
  return openCheckpoint(path, async ({ tensors }) => {
    const parts = partsOf(tensors);
    return parts.length > 1 ? parts.map(({ name }) => `${path}#${name}`) : [path];
  });
}

/** What there is decides: the whole is a path where there is one of that name, else what stands before the first # that makes it one. */
async function weightsAt(path: string): Promise<{ file: string; part?: string }> {
  const whole = await weightsOf(path);
  if (whole !== undefined) return { file: whole };
  for (let at = path.indexOf('#', 1); at >= 0; at = path.indexOf('#', at + 1)) {
    const file = await weightsOf(path.slice(0, at));
    if (file !== undefined) return { file, part: path.slice(at + 1) };
  }
  throw fileError(path, 'read', { code: 'ENOENT' });
}

/** Undefined where there is nothing at the path. */
async function weightsOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') return undefined;
    throw fileError(path, 'read', cause);
  });
  if (found?.isDirectory()) return weightsIn(path);
  return found && configNames.includes(basename(path)) ? weightsIn(dirname(path)) : found && path;
}

async function weightsIn(folder: string): Promise<string> {
  const names = await readdir(folder).catch((cause) => {
    throw fileError(folder, 'read', cause);
  });
  const known = weightNames.find((name) => names.includes(name));
  if (known !== undefined) return join(folder, known);
  const index = names.find((name) => shardIndex.test(name));
  if (index !== undefined) return join(folder, index);
  const files = names.filter((name) => weightExtensions.includes(extname(name).toLowerCase())).sort();
  if (files.length === 1) return join(folder, files[0]);
  // OpenMOSS keeps its weights so, and its settings here.
  if (files.length === 0 && names.includes('checkpoints')) return weightsIn(join(folder, 'checkpoints'));
  throw new ReseedError('input.format', 'it is not clear which file holds the SAE', {
    file: folder,
    found:
      files.length === 0
        ? 'no file of weights'
        : `${files.length}: ${files.slice(0, 4).join(', ')}${files.length > 4 ? ' …' : ''}`,
    expected: `one of ${weightNames.join(', ')}, or a single file with ${weightExtensions.join(', ')}`,
  });
}

async function configsBeside(file: string): Promise<Map<string, JsonObject>> {
  const configs = new Map<string, JsonObject>();
  const folder = dirname(file);
  // dictionary_learning keeps ae_N.pt in `checkpoints`, and the configuration above it.
  const folders = basename(folder) === 'checkpoints' ? [dirname(folder), folder] : [folder];
  for (const from of folders) {
    for (const name of configNames) {
      const config = await readSettings(join(from, name));
      if (config) configs.set(name, config);
    }
  }
  return configs;
}
