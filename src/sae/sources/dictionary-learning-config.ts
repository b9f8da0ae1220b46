// Which class of dictionary_learning a state dict is of, and what its trainer says of it.
//
// config.json holds {trainer: {dict_class, activation_dim, dict_size, k, seed, layer, submodule_name, …}, buffer}; the
// backup of a run that goes on is a dict {step, ae, optimizer, config, norm_factor}, its `config` the same trainer.
// Source: dictionary_learning (August 2025), training.py, utils.py (load_dictionary), trainers/*.py (config).
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ReseedError } from '../../errors.js';
import type { Checkpoint, JsonObject } from '../checkpoint.js';
import { mapOf, prefixesOf } from '../nested-state.js';
import { parseConfig } from '../parse-config.js';
import { saysOtherwise } from '../stated-settings.js';
import type { WeightReader } from '../weight-reader.js';

export const dictClasses = [
  'AutoEncoder',
  'AutoEncoderNew',
  'GatedAutoEncoder',
  'JumpReluAutoEncoder',
  'AutoEncoderTopK',
  'BatchTopKSAE',
  'MatryoshkaBatchTopKSAE',
] as const;

export type DictClass = (typeof dictClasses)[number];

/** Before the names of the SAE in the backup of a run. */
export const backupPrefix = 'ae/';

const configName = 'config.json';
const positive = z.int().positive();

const schema = z.object({
  dict_class: z.enum(dictClasses),
  activation_dim: positive.optional(),
  dict_size: positive.optional(),
  k: positive.optional(),
  // What is only passed on is left out where it is something else.
  trainer_class: z.string().optional().catch(undefined),
  seed: z.int().optional().catch(undefined),
  layer: z.int().nonnegative().optional().catch(undefined),
  submodule_name: z.string().optional().catch(undefined),
});

export type TrainerSettings = z.infer<typeof schema>;

export interface Trained {
  /** Before the names of all its tensors. */
  readonly prefix: string;
  readonly settings?: TrainerSettings;
  /** Where the settings stand, or would stand. */
  readonly file: string;
  /** What stands there, where that does not name a class. */
  readonly unnamed?: string;
}

/** Where the state dict stands, if there is just one; '' before its names unless it is nested. */
export function prefixOf({ tensors }: Checkpoint): string | undefined {
  const prefixes = prefixesOf(tensors, ['encoder.weight', 'W_enc']);
  return prefixes.length === 1 ? prefixes[0] : undefined;
}

/** The trainer's settings as they are written, where a class is named. */
export function trainerOf({ configs, tensors }: Checkpoint): JsonObject | undefined {
  const beside = configs.get(configName)?.['trainer'] as JsonObject | undefined;
  const within = mapOf(mapOf(tensors.values)['config']);
  return [within, beside].find((trainer) => typeof trainer?.['dict_class'] === 'string');
}

/** @throws input.format naming the field that is wrong */
export function trainedBy(checkpoint: Checkpoint): Trained {
  const { tensors } = checkpoint;
  const trainer = trainerOf(checkpoint);
  const within = trainer !== undefined && trainer === mapOf(tensors.values)['config'];
  const file = within ? tensors.file : join(dirname(tensors.file), configName);
  return {
    prefix: prefixOf(checkpoint)!,
    file,
    ...(trainer ? { settings: parseConfig(schema, trainer, file) } : { unnamed: contentOf(checkpoint) }),
  };
}

/** PyTorchModelHubMixin writes what a class was made with, and not which class. */
function contentOf({ configs }: Checkpoint): string {
  const config = configs.get(configName);
  if (!config) return 'no such file';
  const fields = Object.keys(config);
  return `no dict_class, only ${fields.slice(0, 6).join(', ')}${fields.length > 6 ? ' …' : ''}`;
}

/** The class whose names these are, where only one has them; both of TopK and BatchTopK have the same. */
export function classByNames(has: (name: string) => boolean): DictClass | 'either TopK' | undefined {
  if (has('group_sizes')) return 'MatryoshkaBatchTopKSAE';
  if (has('mag_bias')) return 'GatedAutoEncoder';
  if (!has('decoder.weight')) return undefined;
  if (has('bias')) return 'AutoEncoder';
  return has('b_dec') && has('k') ? 'either TopK' : undefined;
}

/** @throws input.format where neither settings nor names nor what was stated tell it */
export function classOf(
  weights: WeightReader,
  { settings, file, unnamed = '' }: Trained,
  stated: Checkpoint['stated'] = {},
): DictClass | 'either TopK' {
  if (settings?.dict_class === 'AutoEncoder' && weights.has('decoder.bias') && !weights.has('bias')) {
    weights.assume(
      'dict_class AutoEncoder',
      'AutoEncoderNew',
      'its tensors; trainers write one name for both',
    );
    return 'AutoEncoderNew';
  }
  if (settings) return settings.dict_class;
  const found = classByNames((name) => weights.has(name));
  if (found !== undefined && found !== 'either TopK') return found;
  if (stated.architecture === 'topk') return 'AutoEncoderTopK';
  if (stated.architecture === 'batchtopk') return 'BatchTopKSAE';
  if (stated.architecture !== undefined) {
    const advice = '; --architecture topk or batchtopk';
    throw saysOtherwise(weights.file, '--architecture', 'tensors b_dec and k', stated.architecture, advice);
  }
  if (stated.weightsOnly) {
    weights.assume('dict_class', 'AutoEncoderTopK or BatchTopKSAE', 'directions are compared alone');
    return 'either TopK';
  }
  throw new ReseedError('input.format', 'AutoEncoderTopK and BatchTopKSAE have the same tensors', {
    file,
    field: 'trainer.dict_class',
    found: unnamed,
    expected: 'one of the two there, or --architecture topk or batchtopk',
  });
}
