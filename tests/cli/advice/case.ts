// A refusal and what follows its advice, as the tables beside this file list them, with the files and patterns they share.
import { Rng } from '../../../src/tensor/index.js';

export const [d, features] = [3, 4];

const random = new Rng(3);

export const drawn = (...shape: number[]): Shaped => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  random.fillNormal(data);
  return { shape, data };
};

export interface Shaped {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

export type Tensors = Readonly<Record<string, Shaped>>;

export const plain: Tensors = {
  W_enc: drawn(d, features),
  b_enc: drawn(features),
  W_dec: drawn(features, d),
  b_dec: drawn(d),
};

export const layers: Tensors = {
  'encoder.weight': drawn(features, d),
  'encoder.bias': drawn(features),
  'decoder.weight': drawn(d, features),
};

export const below = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor]));

export const number = (value: number): Shaped => ({ shape: [], data: Float32Array.of(value) });

export const told = { architecture: 'relu', apply_b_dec_to_input: 'false' };

export const x = { x: drawn(40, d) };

export const cfg = {
  architecture: 'standard',
  d_in: d,
  d_sae: features,
  apply_b_dec_to_input: true,
  normalize_activations: 'none',
  metadata: {},
};

export const stacked = (n: number): Tensors => ({
  W_enc: drawn(n, d, features),
  W_dec: drawn(n, features, d),
  b_enc: drawn(n, features),
});

/** By name: tensors with metadata, a JSON value, or text. */
export type Files = Readonly<
  Record<string, [Tensors, Record<string, string>?] | { json: unknown } | string | Uint8Array>
>;

export interface Case {
  /** As the source has it, with … for what is filled in. */
  readonly problem: string;
  readonly files: Files;
  /** @NAME is a file of its folder, %NAME one of the peers'. */
  readonly command: string;
  /** What the message must say besides, the advice first of all. */
  readonly advice: RegExp;
  /** The command that follows it, where it is another; @= is the first one. */
  readonly followed?: string;
  /** Files that are written as it says. */
  readonly mended?: Files;
  readonly removed?: string;
  readonly outcome: RegExp;
}

export const encoded = /features fire/;

export const read = /^ {2}.*(?:SAE|transcoder), /m;

export const compared = /decoder\.max/;

export const converted = /features of width/;

export const agreed = /famil(?:y|ies)/;

export const onX = 'inspect @a.safetensors --activations @x.safetensors';

export const withX = (tensors: Tensors, metadata?: Record<string, string>): Files => ({
  'a.safetensors': metadata ? [tensors, metadata] : [tensors],
  'x.safetensors': [x],
});
