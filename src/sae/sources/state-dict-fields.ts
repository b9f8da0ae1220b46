// What stands beside a plain state dict and bears on how it is read: in the same file, in one dict within it, in the
// metadata of safetensors, or in a JSON file.
import { ReseedError } from '../../errors.js';
import type { Checkpoint, JsonObject } from '../checkpoint.js';
import { mapOf } from '../nested-state.js';
import type { StatedArchitecture } from '../stated.js';

export interface StateFields {
  readonly architecture?: StatedArchitecture;
  readonly k?: number;
  readonly features?: number;
  readonly width?: number;
  readonly subtractDecoderBias?: boolean;
  /** Whether what TopK keeps is passed through ReLU. */
  readonly relu?: boolean;
  readonly transcoder?: boolean;
  readonly seed?: number;
  readonly layer?: number;
  readonly hookName?: string;
}

/** Dicts within the file that hold settings. */
const nested = ['config', 'cfg', 'hparams', 'hyper_parameters', 'args'];

const architectures: Readonly<Record<string, StatedArchitecture>> = {
  relu: 'relu',
  standard: 'relu',
  vanilla: 'relu',
  topk: 'topk',
  batchtopk: 'batchtopk',
  abstopk: 'abstopk',
  jumprelu: 'jumprelu',
  gated: 'gated',
};

/** Settings of other tools that change what an SAE computes, and the values with which they do not. */
const changing: Readonly<Record<string, readonly unknown[]>> = {
  normalize_activations: [false, 'none', 'false', 'False'],
  rescale_acts_by_decoder_norm: [false, 'false', 'False'],
  norm_factor: [1],
};

/**
 * @throws input.format where fields contradict each other, name an activation that cannot be read, or say more of what
 * is computed than a plain state dict can
 */
export function stateFields(checkpoint: Checkpoint): StateFields {
  const { configs, tensors } = checkpoint;
  const within = mapOf(tensors.values);
  const maps = [...configs.values(), within, ...nested.map((name) => mapOf(within[name]))];
  for (const map of maps) requirePlain(map, tensors.file);
  /** The one value that all maps give under these names, made into what it means. */
  const find = <T>(names: readonly string[], meaning: (value: unknown) => T | undefined): T | undefined => {
    const values = maps.flatMap((map) => names.flatMap((name) => meaning(map[name]) ?? []));
    const found = [...new Set(values)];
    if (found.length <= 1) return found[0];
    throw refuse(tensors.file, names, 'what stands beside the weights contradicts itself', found.join(', '));
  };
  const architecture = (value: unknown) => {
    if (typeof value !== 'string') return undefined;
    const name = value.toLowerCase().replace(/[^a-z]|sae|autoencoder/g, '');
    if (Object.hasOwn(architectures, name)) return architectures[name];
    const expected = Object.keys(architectures).join(', ');
    throw refuse(tensors.file, ['architecture'], 'it is not one that can be read', value, expected);
  };
  const found = {
    architecture: find(['architecture', 'sae_type', 'activation', 'activation_fn'], architecture),
    k: find(['k', 'top_k', 'topk'], wholeNumber),
    features: find(['d_sae', 'dict_size'], wholeNumber),
    width: find(['d_in', 'activation_dim'], wholeNumber),
    subtractDecoderBias: find(['apply_b_dec_to_input'], boolean),
    relu: find(['relu'], boolean),
    transcoder: find(['transcoder'], boolean),
    seed: find(['seed'], wholeNumber),
    layer: find(['layer', 'hook_layer'], wholeNumber),
    hookName: find(['hook_name', 'hook_point'], text),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

function requirePlain(map: JsonObject, file: string): void {
  if (typeof map['__class__'] === 'string') {
    throw refuse(file, ['settings'], 'they are an object of another tool', map['__class__'], 'a dict');
  }
  for (const [name, harmless] of Object.entries(changing)) {
    const value = map[name] ?? harmless[0];
    if (harmless.includes(value)) continue;
    const expected = `${harmless[0]}, or the layout of the tool that has this setting`;
    throw refuse(file, [name], 'it changes what is computed', String(value), expected);
  }
}

/** Metadata of safetensors is text throughout. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}

function boolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return value === 'true' || value === 'false' ? value === 'true' : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refuse(file: string, names: readonly string[], problem: string, found: string, expected?: string) {
  return new ReseedError('input.format', problem, {
    file,
    field: names.join(' or '),
    found,
    ...(expected === undefined ? {} : { expected }),
  });
}
