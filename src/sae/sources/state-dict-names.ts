// The names under which people keep the tensors of an SAE in a state dict of their own.

import type { TensorFile } from '../../formats/tensor-file.js';
import { prefixesOf } from '../nested-state.js';
import type { FeatureAxis } from '../orientation.js';

/** Which of the usual names there are; biases and what an activation needs are not in every file. */
export interface StateNames {
  readonly encoder: string;
  readonly decoder: string;
  /** Layers of torch keep their weight as [out × in]; how others lie, their names do not say. */
  readonly encoderAxis?: FeatureAxis;
  readonly decoderAxis?: FeatureAxis;
  readonly encoderBias?: string;
  readonly decoderBias?: string;
  /** Of a transcoder that has a bias for what it writes and one that is taken from what it reads: the latter. */
  readonly inputBias?: string;
  readonly gateBias?: string;
  readonly magnitudeBias?: string;
}

/** Of layers first, then of bare matrices. */
const encoders = {
  layers: ['encoder.weight', 'enc.weight'],
  matrices: ['W_enc', 'w_enc'],
} as const;
const decoders = {
  layers: ['decoder.weight', 'dec.weight'],
  matrices: ['W_dec', 'w_dec'],
} as const;
export const encoderBiases = ['encoder.bias', 'enc.bias', 'b_enc', 'encoder_bias'];
const decoderBiases = ['decoder.bias', 'dec.bias', 'b_dec', 'decoder_bias'];

/** transcoder_circuits and its forks, which take b_dec from the input. */
const writtenBias = 'b_dec_out';

export const encoderNames: readonly string[] = Object.values(encoders).flat();
export const decoderNames: readonly string[] = Object.values(decoders).flat();

/** Where an encoder and a decoder stand side by side: what comes before their names. */
export function statePrefixes({ tensors }: { readonly tensors: TensorFile }): string[] {
  const ofDecoders = new Set(prefixesOf(tensors, decoderNames));
  return prefixesOf(tensors, encoderNames).filter((prefix) => ofDecoders.has(prefix));
}

/** @param has whether there is a tensor of this name beside an encoder and a decoder */
export function namesOf(has: (name: string) => boolean): StateNames {
  const first = (names: readonly string[]) => names.find(has);
  const encoder = first(encoders.layers);
  const decoder = first(decoders.layers);
  const optional = {
    encoderBias: first(encoderBiases),
    decoderBias: has(writtenBias) ? writtenBias : first(decoderBiases),
    inputBias: has(writtenBias) ? first(decoderBiases) : undefined,
    gateBias: first(['gate_bias', 'b_gate']),
    magnitudeBias: first(['b_mag', 'mag_bias']),
  };
  return {
    encoder: encoder ?? first(encoders.matrices)!,
    decoder: decoder ?? first(decoders.matrices)!,
    ...(encoder === undefined ? {} : { encoderAxis: 'rows' }),
    ...(decoder === undefined ? {} : { decoderAxis: 'columns' }),
    ...Object.fromEntries(Object.entries(optional).filter(([, name]) => name !== undefined)),
  };
}
