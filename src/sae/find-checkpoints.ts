// Finds checkpoints in a folder: folders that tools write an SAE into, and single files of weights.
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { fileError } from '../formats/atomic-write.js';
import { weightExtensions, weightNames } from './checkpoint-names.js';
import { decoderFile, encoderFile, shard, shardIndex } from './weight-files.js';

/** Folders within folders that are looked into, and files that are looked at. */
const deepest = 8;
const most = 10_000;

/**
 * Paths that may be SAEs, in ascending order: a folder where its weights have a known name, else each file of weights.
 * Links to files are followed, as the cache of the Hugging Face hub has them; links to folders are not.
 * @throws input.file; usage.argument for more files than anybody means to list
 */
export async function findCheckpoints(folder: string): Promise<string[]> {
  const found: string[] = [];
  await look(folder, 0, found);
  return found.sort();
}

async function look(folder: string, depth: number, found: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw fileError(folder, 'read', cause);
  });
  const files: string[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (!shardIndex.test(name) && !weightExtensions.includes(extname(name).toLowerCase())) continue;
    if (await isFile(folder, entry)) files.push(name);
  }
  const weights = files.filter((name) => standsAlone(name, files));
  const known = weightNames.find((name) => weights.includes(name));
  found.push(...(known === undefined ? weights.map((name) => join(folder, name)) : [folder]));
  if (found.length > most) {
    throw new ReseedError('usage.argument', 'the folder holds too many files to list', {
      file: folder,
      found: `more than ${most} files of weights`,
      expected: 'a folder further down',
    });
  }
  if (depth === deepest) return;
  for (const entry of entries)
    if (entry.isDirectory()) await look(join(folder, entry.name), depth + 1, found);
}

/** Whether a file of weights, or a list of shards, stands for a checkpoint: not where another one beside it takes it in. */
function standsAlone(name: string, beside: readonly string[]): boolean {
  if (shard.test(name)) return !beside.some((other) => shardIndex.test(other));
  return !(decoderFile.test(name) && beside.some((other) => encoderFile.test(other)));
}

async function isFile(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  // One that leads nowhere is no file.
  const target = await stat(join(folder, entry.name)).catch(() => undefined);
  return target?.isFile() === true;
}
