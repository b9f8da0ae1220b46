// What lies at a path: a file of tensors, and the small JSON files that tools write beside it.
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { jsonMarks } from '../formats/json-marks.js';
import { mostDepth } from '../formats/limits.js';
import { openTensorFile } from '../formats/open-tensor-file.js';
import type { TensorFile } from '../formats/tensor-file.js';
import type { Stated } from './stated.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Checkpoint {
  /** As the user gave it. */
  readonly path: string;
  readonly tensors: TensorFile;
  /** By file name: those of `configNames` that stand beside the tensors, or one folder above. */
  readonly configs: ReadonlyMap<string, JsonObject>;
  /** What the user says where the files leave it open. */
  readonly stated?: Stated;
}

/** Files of weights that tools write under these names, the likeliest first. */
export const weightNames = [
  'sae_weights.safetensors',
  'sae.safetensors',
  'ae.pt',
  'params.npz',
  'params.safetensors',
];

export const weightExtensions = ['.safetensors', '.pt', '.pth', '.bin', '.npz'];

/** Configurations that tools write beside their weights. */
export const configNames = ['cfg.json', 'config.json', 'norm_factor.json', 'activation_scaler.json'];

/** A configuration of more bytes than this is none. */
const longestConfig = 16 * 2 ** 20;

/**
 * Opens the weights at a path: a file of them, a configuration beside them, or a folder of both.
 * @throws input.file, input.format
 */
export async function openCheckpoint<T>(
  path: string,
  use: (checkpoint: Checkpoint) => Promise<T>,
): Promise<T> {
  const file = await weightsAt(path);
  const configs = await configsBeside(file);
  return openTensorFile(file, (tensors) => use({ path, tensors, configs }));
}

async function weightsAt(path: string): Promise<string> {
  const found = await stat(path).catch((cause) => {
    throw fileError(path, 'read', cause);
  });
  if (found.isDirectory()) return weightsIn(path);
  return configNames.includes(basename(path)) ? weightsIn(dirname(path)) : path;
}

async function weightsIn(folder: string): Promise<string> {
  const names = await readdir(folder).catch((cause) => {
    throw fileError(folder, 'read', cause);
  });
  const known = weightNames.find((name) => names.includes(name));
  if (known !== undefined) return join(folder, known);
  const files = names.filter((name) => weightExtensions.includes(extname(name).toLowerCase())).sort();
  if (files.length === 1) return join(folder, files[0]);
  throw new ReseedError('input.format', 'which file holds the SAE cannot be told', {
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
      const config = await readConfig(join(from, name));
      if (config) configs.set(name, config);
    }
  }
  return configs;
}

/** The object in a JSON file; undefined where there is no such file. */
async function readConfig(file: string): Promise<JsonObject | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const fail = (problem: string, details: { found?: string; expected?: string; cause?: unknown }) =>
    new ReseedError('input.format', problem, { file, expected: 'a JSON object', ...details });
  if (found.size > longestConfig)
    throw fail('it is too long for a configuration', { found: `${found.size} bytes` });
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw fileError(file, 'read', cause);
  });
  if (isTooDeep(text)) {
    throw fail('it is nested too deeply', { expected: `at most ${mostDepth} levels` });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail('it is not JSON', { found: JSON.stringify(text.slice(0, 40)), cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('it is not a JSON object', { found: text.slice(0, 40) });
  }
  return value as JsonObject;
}

/** Whoever writes a value into a message goes through all its levels. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const { kind } of jsonMarks(text)) {
    if (kind === '{' || kind === '[') depth++;
    if (kind === '}' || kind === ']') depth--;
    if (depth > mostDepth) return true;
  }
  return false;
}
