// Settings beside weights that change what an SAE computes, as public code writes them, and which of their values do not.
//
// One table for all layouts. A reader names those that it reads itself; of the others, values that stand for a norm of
// the input are applied, values that change nothing are passed over, and any other is refused by name. What is in no
// row is taken to say nothing of what is computed. docs/formats.md lists the rows.
import { ReseedError } from '../errors.js';
import type { Checkpoint, JsonObject } from './checkpoint.js';
import { mapOf } from './nested-state.js';
import type { InputNorm } from './sae.js';

export interface KnownSetting {
  readonly name: string;
  /** Whose code writes it. */
  readonly from: string;
  /** What it does there. */
  readonly does: string;
  /** Values with which it does nothing, besides none at all; `any` where it bears on training alone. */
  readonly harmless?: readonly unknown[] | 'any';
  /** Values, as text, that stand for a norm of the input. */
  readonly norms?: Readonly<Record<string, InputNorm>>;
}

export const knownSettings: readonly KnownSetting[] = [
  {
    name: 'normalize_activations',
    from: 'SAELens; dictionary_learning and others as a boolean',
    does: 'normalises the input',
    norms: { layer_norm: 'layer-norm', constant_norm_rescale: 'constant-norm' },
  },
  {
    name: 'input_unit_norm',
    from: 'BatchTopK and its forks',
    does: 'gives each row mean 0 and SD 1',
    norms: { true: 'layer-norm' },
  },
  {
    name: 'norm_activation',
    from: 'OpenMOSS Language-Model-SAEs',
    does: 'scales the input to length √d',
    harmless: ['inference'],
    norms: { 'token-wise': 'constant-norm' },
  },
  {
    name: 'normalize_to_sqrt_d',
    from: 'InterPLM',
    does: 'scales each row to length √d',
    norms: { true: 'constant-norm' },
  },
  {
    name: 'dataset_average_activation_norm',
    from: 'OpenMOSS Language-Model-SAEs',
    does: 'scales the input by √d over it',
  },
  {
    name: 'apply_b_dec_to_input',
    from: 'SAELens',
    does: 'takes the decoder bias from the input',
  },
  {
    name: 'apply_decoder_bias_to_pre_encoder',
    from: 'OpenMOSS Language-Model-SAEs',
    does: 'takes the decoder bias from the input',
  },
  {
    name: 'use_pre_enc_bias',
    from: 'BatchTopK and its forks',
    does: 'takes the decoder bias from the input',
  },
  {
    name: 'rescale_acts_by_decoder_norm',
    from: 'SAELens',
    does: 'chooses features by activation times length of the decoder row',
  },
  {
    name: 'sparsity_include_decoder_norm',
    from: 'OpenMOSS Language-Model-SAEs',
    does: 'chooses features by activation times length of the decoder row',
  },
  {
    name: 'use_glu_encoder',
    from: 'OpenMOSS Language-Model-SAEs',
    does: 'multiplies pre-activations with a gate',
  },
  {
    name: 'jump_relu_threshold',
    from: 'OpenMOSS Language-Model-SAEs',
    does: 'keeps codes above it alone',
    harmless: [0],
  },
  {
    name: 'norm_factor',
    from: 'dictionary_learning and its forks',
    does: 'divides the input',
    harmless: [1],
  },
  {
    name: 'scaling_factor',
    from: 'SAELens, activation_scaler.json',
    does: 'multiplies the input',
    harmless: [1],
  },
  {
    name: 'norm_scaling_factor',
    from: 'SAELens, registry of releases',
    does: 'multiplies the input',
    harmless: [1],
  },
  {
    name: 'activation_normalization_factor',
    from: 'SAELens, temporal SAEs',
    does: 'multiplies the input',
    harmless: [1],
  },
  {
    name: 'weight_normalize_eps',
    from: 'ARENA, toy models',
    does: 'brings decoder rows to length 1 whenever they are used',
  },
  {
    name: 'finetuning_scaling_factor',
    from: 'SAELens before 6',
    does: 'multiplies codes before decoding',
  },
  { name: 'has_whitening', from: 'SAELens, activation_scaler.json', does: 'whitens the input' },
  { name: 'transcode', from: 'sparsify', does: 'makes it a transcoder' },
  { name: 'is_transcoder', from: 'Prisma, transcoder_circuits', does: 'makes it a transcoder' },
  { name: 'skip_connection', from: 'sparsify', does: 'adds a product with the input to the output' },
  { name: 'affine_connection', from: 'Gemma Scope 2', does: 'adds a product with the input to the output' },
  { name: 'signed', from: 'sparsify', does: 'keeps features by magnitude, with their signs' },
  {
    name: 'postact_fn',
    from: 'OpenAI sparse_autoencoder',
    does: 'is applied after the choice of k',
    harmless: ['ReLU'],
  },
  { name: 'normalize', from: 'OpenAI sparse_autoencoder', does: 'gives each row mean 0 and SD 1' },
  { name: 'normalize_input', from: 'scripts of papers', does: 'normalises the input' },
  { name: 'normalize_inputs', from: 'scripts of papers', does: 'normalises the input' },
  { name: 'input_scale', from: 'scripts of papers', does: 'multiplies the input', harmless: [1] },
  { name: 'act_mean', from: 'scripts of papers', does: 'is taken from the input', harmless: [0] },
  { name: 'act_std', from: 'scripts of papers', does: 'divides the input', harmless: [1] },
  { name: 'activation_mean', from: 'scripts of papers', does: 'is taken from the input', harmless: [0] },
  { name: 'activation_std', from: 'scripts of papers', does: 'divides the input', harmless: [1] },
  {
    name: 'reshape_activations',
    from: 'SAELens',
    does: 'joins the heads of an attention layer, which whoever reads activations does',
    harmless: 'any',
  },
  {
    name: 'normalize_decoder',
    from: 'sparsify',
    does: 'keeps rows at length 1 in training',
    harmless: 'any',
  },
  { name: 'normalize_sae_decoder', from: 'SAELens', does: 'the same', harmless: 'any' },
  { name: 'noise_scale', from: 'SAELens', does: 'adds noise in training', harmless: 'any' },
  { name: 'multi_topk', from: 'sparsify', does: 'adds a loss', harmless: 'any' },
];

/** A norm that a setting stands for. */
export interface SettingNorm {
  /** As `input_unit_norm true`. */
  readonly of: string;
  readonly norm: InputNorm;
  readonly from: string;
}

/** Dicts of settings within a file, and within a JSON file. */
export const nestedSettings = ['config', 'cfg', 'hparams', 'hyper_parameters', 'args', 'trainer'];

/** All that stands beside the weights as names and values, wherever it stands. */
export function settingMaps({ configs, tensors }: Checkpoint): JsonObject[] {
  const tops: JsonObject[] = [...configs.values(), mapOf(tensors.values)];
  return tops.flatMap((top) => [top, ...nestedSettings.map((name) => mapOf(top[name] as never))]);
}

/**
 * The norms that settings stand for, each once.
 * @param handled settings that the reader of the weights reads itself
 * @throws input.format for a setting that changes what is computed in a way that is neither read nor applied
 */
export function normsOfSettings(checkpoint: Checkpoint, handled: readonly string[]): SettingNorm[] {
  const found = new Map<InputNorm, SettingNorm>();
  for (const { name, from, does, harmless = [], norms = {} } of knownSettings) {
    if (handled.includes(name) || harmless === 'any') continue;
    for (const map of settingMaps(checkpoint)) {
      const value = Object.hasOwn(map, name) ? map[name] : undefined;
      if (saysNo(value) || harmless.includes(value)) continue;
      const text = textOf(value);
      const key = text.toLowerCase();
      if (Object.hasOwn(norms, key)) {
        found.set(norms[key], { of: `${name} ${text}`, norm: norms[key], from });
        continue;
      }
      throw new ReseedError('input.format', `it changes what is computed: it ${does}`, {
        file: checkpoint.tensors.file,
        field: `setting ${name}`,
        found: text,
        expected: [
          ...['none', ...harmless, ...Object.keys(norms)].map(String),
          `or --ignore ${name}, where the activations or the weights have it in them already`,
        ].join(', '),
      });
    }
  }
  return [...found.values()];
}

/** Text is what metadata of safetensors and Python write. */
export function saysNo(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === 'string' && ['', 'none', 'false', 'no'].includes(value.toLowerCase());
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? 'several values' : String(value).slice(0, 80);
}

/** Names and numbers beside the weights, for people to see: those of outer maps where a name stands twice. */
export function settingsBeside(checkpoint: Checkpoint): Record<string, string | number | boolean> {
  const found = new Map<string, string | number | boolean>();
  for (const [name, value] of settingMaps(checkpoint).flatMap((map) => Object.entries(map))) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') continue;
    if (!found.has(name)) found.set(name, value);
  }
  return Object.fromEntries(found);
}
