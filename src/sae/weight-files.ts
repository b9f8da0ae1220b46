// Which files hold the weights that one file names: most often itself alone.
import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ReseedError } from '../errors.js';
import { readSettings } from './read-settings.js';

/** The list of the shards of a checkpoint, as Hugging Face's libraries write it: {weight_map: {tensor: file}}. */
export const shardIndex = /\.(?:safetensors|bin)\.index\.json$/;
/** One of these shards. */
export const shard = /-\d+-of-\d+\.(?:safetensors|bin)$/;
/** circuit-tracer keeps encoder and decoder of a layer of a cross-layer transcoder apart. */
export const encoderFile = /^W_enc_(\d+)\.safetensors$/;
export const decoderFile = /^W_dec_(\d+)\.safetensors$/;

/** As many are opened at once. */
const mostShards = 256;

/**
 * The files of tensors that are one checkpoint.
 * @throws input.format for a list of shards that is not one
 */
export async function filesOf(file: string): Promise<string[]> {
  if (shardIndex.test(file)) return shardsOf(file);
  const layer = encoderFile.exec(basename(file))?.[1];
  if (layer === undefined) return [file];
  const decoder = join(dirname(file), `W_dec_${layer}.safetensors`);
  const found = await stat(decoder).catch(() => undefined);
  return found?.isFile() ? [file, decoder] : [file];
}

async function shardsOf(index: string): Promise<string[]> {
  const map = (await readSettings(index))?.['weight_map'];
  const names = [...new Set(typeof map === 'object' && map !== null ? Object.values(map) : [])];
  // A name that leaves the folder is not one of its shards.
  const sound = names.filter((name): name is string => typeof name === 'string' && basename(name) === name);
  if (sound.length > 0 && sound.length === names.length && sound.length <= mostShards) {
    return sound.sort().map((name) => join(dirname(index), name));
  }
  throw new ReseedError('input.format', 'it does not list shards', {
    file: index,
    field: 'weight_map',
    found: `${names.length} files, ${sound.length} of them names beside it`,
    expected: `1 to ${mostShards} names of files beside it`,
  });
}
