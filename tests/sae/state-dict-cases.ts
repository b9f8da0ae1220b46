// One small SAE as plain state dicts may store it, by hand, and how such a file is read in memory.
import type { PlainMap } from '../../src/formats/tensor-file.js';
import type { JsonObject } from '../../src/sae/checkpoint.js';
import { readSae } from '../../src/sae/read-sae.js';
import type { StatedSettings } from '../../src/sae/stated-settings.js';
import { checkpointOf, outputOf, type Values } from './memory-checkpoint.js';

// With x = (4, 5): W·x + b = (4, 5.5, 5, −4), and (3, 3.5, 2, −3) of x − b_dec.
export const x = [4, 5];
export const encoder = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 0],
];
export const decoder = [
  [1, 0],
  [0, 2],
  [3, 4],
  [4, -3],
];
export const encoderBias = [0, 0.5, -4, 0];
export const turned = (m: readonly (readonly number[])[]) => m[0].map((_, j) => m.map((row) => row[j]));

export const matrices = { W_enc: turned(encoder), b_enc: encoderBias, W_dec: decoder, b_dec: [1, 2] };
export const layers = {
  'encoder.weight': encoder,
  'encoder.bias': encoderBias,
  'decoder.weight': turned(decoder),
  'decoder.bias': [1, 2],
};
export const relu = { architecture: 'relu', apply_b_dec_to_input: false };

export type Tensors = Readonly<Record<string, Values>>;

export interface Beside {
  readonly values?: Record<string, unknown>;
  readonly configs?: Record<string, JsonObject>;
  readonly stated?: StatedSettings;
}

export async function read(tensors: Tensors, { values = {}, configs = {}, stated = {} }: Beside = {}) {
  const written = {
    file: '/saes/sae.pt',
    tensors,
    configs,
    format: 'torch',
    values: values as PlainMap,
  } as const;
  return readSae({ ...(await checkpointOf(written)), stated });
}

/** The codes of x. */
export const codesOf = async (...args: Parameters<typeof read>) =>
  (await outputOf((await read(...args)).sae, x)).codes;

/** The message where it is refused. */
export const refusal = (...args: Parameters<typeof read>) => read(...args).catch((error) => error.message);

/** The same tensors with a prefix before each name. */
export const under = (prefix: string, state: Tensors) =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [prefix + name, value]));
