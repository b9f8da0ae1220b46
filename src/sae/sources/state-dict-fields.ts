// What stands beside a plain state dict and bears on how it is read: in the same file, in one dict within it, in the
// metadata of safetensors, or in a JSON file.
import { ReseedError } from '../../errors.js';
import type { PlainMap, TensorFile } from '../../formats/tensor-file.js';
import type { Checkpoint } from '../checkpoint.js';
import { nestedSettings, saysNo, settingMaps } from '../known-settings.js';
import { mapOf } from '../nested-state.js';
import type { StatedArchitecture } from '../stated-settings.js';

/** GroupMax has k blocks, which nothing but settings can say. */
export type KnownArchitecture = StatedArchitecture | 'groupmax';

export interface StateFields {
  readonly architecture?: KnownArchitecture;
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

const architectures: Readonly<Record<string, KnownArchitecture>> = {
  relu: 'relu',
  standard: 'relu',
  vanilla: 'relu',
  topk: 'topk',
  batchtopk: 'batchtopk',
  abstopk: 'abstopk',
  jumprelu: 'jumprelu',
  gated: 'gated',
  groupmax: 'groupmax',
};

/**
 * @throws input.format where fields contradict each other, name an activation that cannot be read, or say more of what
 * is computed than a plain state dict can
 */
export function stateFields(checkpoint: Checkpoint): StateFields {
  const { tensors } = checkpoint;
  const maps = settingMaps(checkpoint);
  requirePlain(tensors);
  /** The one value that all maps give under these names, made into what it means. */
  const find = <T>(
    names: readonly string[],
    meaning: (value: unknown, name: string) => T | undefined,
  ): T | undefined => {
    const values = maps.flatMap((map) => names.flatMap((name) => meaning(map[name], name) ?? []));
    const found = [...new Set(values)];
    if (found.length <= 1) return found[0];
    throw refuse(
      tensors.file,
      names,
      'what stands beside the weights contradicts itself',
      found.join(', '),
      'one of them, or --ignore NAME for the others',
    );
  };
  const architecture = (value: unknown, field: string) => {
    if (typeof value !== 'string') return undefined;
    const name = value.toLowerCase().replace(/[^a-z]|sae|autoencoder/g, '');
    if (Object.hasOwn(architectures, name)) return architectures[name];
    const expected = `${Object.keys(architectures).join(', ')}, or --ignore ${field} and --architecture`;
    throw refuse(tensors.file, [field], 'it is not an architecture that can be read', value, expected);
  };
  // Only BatchTopK's settings have both; its classes subtract the decoder bias but for JumpReLU.
  const ofBatchTopK = maps.some((map) => 'sae_type' in map && 'input_unit_norm' in map);
  const inBatchTopK = (value: unknown) => (ofBatchTopK && value !== 'jumprelu' ? true : undefined);
  /** Of settings that change what is computed: what is neither yes nor no is refused. */
  const yesOrNo = (names: readonly string[]) => (value: unknown) => {
    const answer = value === 1 || value === 0 ? value === 1 : boolean(value);
    if (answer !== undefined || saysNo(value)) return answer;
    const expected = `true or false, or --ignore ${names.join(',')} and flags`;
    throw refuse(tensors.file, names, 'it says neither yes nor no', String(value).slice(0, 80), expected);
  };
  const found = {
    architecture: find(['architecture', 'sae_type', 'activation', 'activation_fn'], architecture),
    k: find(['k', 'top_k', 'topk'], wholeNumber),
    features: find(['d_sae', 'dict_size'], wholeNumber),
    width: find(['d_in', 'activation_dim', 'act_size'], wholeNumber),
    subtractDecoderBias: find(subtracting, yesOrNo(subtracting)) ?? find(['sae_type'], inBatchTopK),
    relu: find(['relu'], boolean),
    transcoder: find(transcoding, yesOrNo(transcoding)),
    seed: find(['seed'], wholeNumber),
    layer: find(['layer', 'hook_layer'], wholeNumber),
    hookName: find(['hook_name', 'hook_point'], text),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Settings that say whether it writes elsewhere than it reads. */
const transcoding = ['transcoder', 'is_transcoder', 'transcode'];
/** Settings that say whether the decoder bias is taken from the input. */
const subtracting = ['apply_b_dec_to_input', 'apply_decoder_bias_to_pre_encoder', 'use_pre_enc_bias'];

/** Settings that were pickled as an object of a tool's own class, whose defaults are not in the file. */
function requirePlain({ values, file }: TensorFile): void {
  const top = mapOf(values);
  const name = nestedSettings.find((one) => classOf(mapOf(top[one])) !== undefined);
  const found = classOf(top) ?? (name === undefined ? undefined : classOf(mapOf(top[name])));
  if (found === undefined) return;
  const advice =
    name === undefined
      ? 'the state dict that its state_dict() gives'
      : `a dict, or --ignore ${name} and flags for what it says`;
  throw refuse(file, [name ?? 'settings'], 'they are an object of another tool', found, advice);
}

function classOf({ __class__: name }: PlainMap): string | undefined {
  return typeof name === 'string' ? name : undefined;
}

/** Metadata of safetensors is text throughout. */
function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(number) ? (number as number) : undefined;
}

function boolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  // As Python writes it, too.
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  return word === 'true' || word === 'false' ? word === 'true' : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function refuse(file: string, names: readonly string[], problem: string, found: string, expected: string) {
  return new ReseedError('input.format', problem, {
    file,
    field: names.join(' or '),
    found,
    expected,
  });
}
