// The name of an SAE by its content: a hash of its weights, those before training and its codes.
import { hashArrays } from '../keep.js';
import type { Member } from '../sae/member.js';
import type { SaeWeights } from '../sae/sae.js';
import type { SparseCodes } from '../tensor/sparse-codes.js';

const known = new WeakMap<object, Promise<string>>();

/** Hexadecimal. Two members with one key give the same scores. */
export async function contentKey({ sae, init, codes }: Member): Promise<string> {
  const parts = [
    await once(sae.decoder, () => hashArrays(weightsOf(sae))),
    init ? await once(init.decoder, () => hashArrays(weightsOf(init))) : '',
    codes ? await once(codes.values, () => hashArrays(arraysOf(codes))) : '',
  ];
  return parts.join(' ');
}

/** @param arrays that stay as they are: a matrix of weights, or values of codes */
function once(arrays: object, hash: () => Promise<string>): Promise<string> {
  const value = known.get(arrays) ?? hash();
  known.set(arrays, value);
  return value;
}

function weightsOf({ encoder, encoderBias, decoder, decoderBias }: SaeWeights): ArrayBufferView[] {
  return [
    Int32Array.of(encoder.rows, encoder.cols, decoder.rows, decoder.cols),
    encoder.data,
    encoderBias,
    decoder.data,
    decoderBias,
  ];
}

function arraysOf({ rows, features, offsets, indices, values }: SparseCodes): ArrayBufferView[] {
  return [Int32Array.of(rows, features), offsets, indices, values];
}
