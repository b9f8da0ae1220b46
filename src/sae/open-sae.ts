// Opens an SAE from disk, whatever tool wrote it: the one place that knows which formats can be read.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import type { Sae } from './sae.js';
import { readSaelens, type SaeRecord, saelensFiles } from './saelens.js';

/** Where an SAE comes from, as far as that is known. */
export interface SaeOrigin {
  /** Kind of file, or `memory`. */
  readonly format: string;
  readonly path?: string;
  readonly initSeed?: number;
  readonly orderSeed?: number;
  readonly layer?: number;
  readonly site?: string;
}

export interface OpenedSae {
  readonly sae: Sae;
  readonly origin: SaeOrigin;
  /** What the run that trained it recorded beside the weights. */
  readonly record: SaeRecord;
}

/**
 * Opens a SAELens folder, or one of the two files in it.
 * @throws input.file, input.format, input.shape naming file, field, what was found and what was expected
 */
export async function openSae(path: string): Promise<OpenedSae> {
  const folder = await folderOf(path);
  const { sae, record, hookName = '' } = await readSaelens(folder);
  const layer = /^blocks\.(\d+)\./.exec(hookName)?.[1];
  const { initSeed, orderSeed, site } = record;
  return {
    sae,
    record,
    origin: {
      format: 'saelens',
      path,
      ...(isSeed(initSeed) ? { initSeed } : {}),
      ...(isSeed(orderSeed) ? { orderSeed } : {}),
      ...(layer === undefined ? {} : { layer: Number(layer) }),
      ...(typeof site === 'string' ? { site } : {}),
    },
  };
}

async function folderOf(path: string): Promise<string> {
  const { weights, config } = saelensFiles;
  const found = await stat(path).catch((cause) => {
    throw fileError(path, 'read', cause);
  });
  if (!found.isDirectory()) {
    if (([weights, config] as string[]).includes(basename(path))) return dirname(path);
    throw notAnSae(path, 'a file of another name');
  }
  if (await isFile(join(path, config))) return path;
  throw notAnSae(path, (await isFile(join(path, weights))) ? `no ${config}` : 'a folder without them');
}

function notAnSae(path: string, found: string): ReseedError {
  return new ReseedError('input.format', 'it is not an SAE that can be read', {
    file: path,
    found,
    expected: `a folder with ${saelensFiles.config} and ${saelensFiles.weights} (SAELens)`,
  });
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function isSeed(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
