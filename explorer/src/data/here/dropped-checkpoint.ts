// The SAE in files that were dropped on the page: its weights, and the settings beside them, read as the command reads a folder.
import { ReseedError } from '../../../../src/errors.js';
import type { TensorFile } from '../../../../src/formats/tensor-file.js';
import { tensorsIn } from '../../../../src/formats/tensors-in.js';
import type { JsonObject } from '../../../../src/sae/checkpoint.js';
import { configNames, weightExtensions, weightNames } from '../../../../src/sae/checkpoint-names.js';
import { alone, partsOf } from '../../../../src/sae/parts.js';
import { type OpenedSae, readSae } from '../../../../src/sae/read-sae.js';
import { settingsOf } from '../../../../src/sae/settings-of-text.js';
import type { DroppedFile } from '../comparison.js';
import { blobSource } from './blob-source.js';
import { readZipHere } from './zip-here.js';

/**
 * The SAE of some files.
 * @throws input.file, input.format, input.shape naming file, tensor or field, what was found and what was expected
 */
export async function openDropped(files: readonly DroppedFile[]): Promise<OpenedSae> {
  const weights = weightsAmong(files);
  const tensors = await tensorsIn(blobSource(weights.file, weights.path), readZipHere);
  requireOneSae(tensors);
  const configs = await configsBeside(weights, files);
  return readSae({ path: weights.path, tensors: alone(tensors), configs, stated: { weightsOnly: true } });
}

/** The one file that holds weights. */
export function weightsAmong(files: readonly DroppedFile[]): DroppedFile {
  const known = weightNames.map((name) => files.filter(({ path }) => nameOf(path) === name));
  const found = known.find((some) => some.length > 0) ?? files.filter(({ path }) => isWeights(nameOf(path)));
  // A file of any other name may hold tensors too, where nothing else does.
  const [only, ...others] = found.length > 0 ? found : files.filter(({ path }) => !isSettings(path));
  if (only && others.length === 0) return only;
  const names = [only, ...others].map((one) => one?.path);
  throw new ReseedError('input.format', 'which file holds the SAE cannot be told', {
    file: folderOf(files[0]?.path ?? '') || 'the files',
    found: only
      ? `${names.length}: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' …' : ''}`
      : 'no file of weights',
    expected: `one file of weights (${[...weightExtensions, '.npy'].join(', ')}), and the settings beside it`,
  });
}

function requireOneSae(tensors: TensorFile): void {
  const parts = partsOf(tensors);
  if (parts.length <= 1) return;
  const names = parts.map(({ name }) => name);
  throw new ReseedError('input.format', 'it holds more than one SAE', {
    file: tensors.file,
    found: `${names.length}: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' …' : ''}`,
    expected: 'a file with one; reseed compare takes one of several by FILE#NAME',
  });
}

/** Of the same folder, or of the one above it where weights lie in `checkpoints`. */
async function configsBeside(
  { path }: DroppedFile,
  files: readonly DroppedFile[],
): Promise<Map<string, JsonObject>> {
  const folder = folderOf(path);
  const folders = nameOf(folder) === 'checkpoints' ? [folderOf(folder), folder] : [folder];
  const configs = new Map<string, JsonObject>();
  for (const from of folders) {
    for (const name of configNames) {
      const beside = files.find((one) => one.path === (from ? `${from}/${name}` : name));
      if (!beside) continue;
      configs.set(name, await settingsOf(beside.path, beside.file.size, () => beside.file.text()));
    }
  }
  return configs;
}

function isWeights(name: string): boolean {
  return [...weightExtensions, '.npy'].some((extension) => name.toLowerCase().endsWith(extension));
}

function isSettings(path: string): boolean {
  return /\.(json|ya?ml|txt|md)$/i.test(path);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
