// SAEs of InterPLM, which began as dictionary_learning: ae_normalized.pt, ae_unnormalized.pt, ae.pt.
//
// ReLUSAE       bias [d], encoder.{weight [F, d], bias}, decoder.weight [d, F]            max(W·(x − bias) + b, 0)
// ReLUSAE_Tied  encoder.{weight, bias}, decoder.{weight, bias}                            max(W·x + b, 0)
// TopKSAE, BatchTopKSAE  b_dec, encoder.{weight, bias}, decoder.weight, k, threshold      as in dictionary_learning
// activation_rescale_factor [F] divides codes only where that is asked for. With normalize_to_sqrt_d the input is x·√d/‖x‖, and
// what is decoded is put back. Unlike dictionary_learning's, its loader leaves decoder lengths as they are.
// Source: ElanaPearl/InterPLM, interplm/sae/dictionary.py, normalize.py.
import { ReseedError } from '../../errors.js';
import type { Checkpoint } from '../checkpoint.js';
import { settingMaps } from '../known-settings.js';
import { sameThreshold } from '../not-encoded.js';
import { requireK } from '../require-k.js';
import type { Activation } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

const rescale = 'activation_rescale_factor';
const normalises = 'normalize_to_sqrt_d';

export const interplm: SaeSource = {
  id: 'interplm',
  title: 'InterPLM',
  settings: [normalises],
  recognises: ({ tensors: { tensors } }) =>
    tensors.has('encoder.weight') && (tensors.has(rescale) || tensors.has(normalises)),
  read,
};

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const weights = new WeightReader(checkpoint.tensors, interplm.title);
  const [features, d] = weights.shape('encoder.weight', 2);
  const bias = ['bias', 'decoder.bias', 'b_dec'].find((name) => weights.has(name)) ?? 'bias';
  const activation = await activationOf(checkpoint, weights, features);
  const sae = {
    architecture: activation.kind === 'jumprelu' ? 'batchtopk' : activation.kind,
    activation,
    encoder: await weights.rows('encoder.weight', features, d, 'encoder'),
    encoderBias: await weights.vector('encoder.bias', features, 'encoder bias'),
    decoder: await weights.columns('decoder.weight', features, d, 'decoder'),
    decoderBias: await weights.vector(bias, d, 'decoder bias'),
    subtractDecoderBias: bias !== 'decoder.bias',
  };
  weights.leave([rescale], 'codes are divided by it only where that is asked for');
  const normalised = await isNormalised(checkpoint, weights);
  weights.requireAllTaken();
  return {
    sae: normalised ? { ...sae, inputNorm: 'constant-norm' } : sae,
    assumptions: weights.assumptions,
  };
}

/** The buffer of the state dict says it; without one, what stands beside the weights. */
async function isNormalised(checkpoint: Checkpoint, weights: WeightReader): Promise<boolean> {
  if (weights.has(normalises)) {
    return (await weights.scalar(normalises, 'whether the input gets length √d')) !== 0;
  }
  return settingMaps(checkpoint).some((map) => map[normalises] === true);
}

async function activationOf(
  { stated = {} }: Checkpoint,
  weights: WeightReader,
  features: number,
): Promise<Activation> {
  if (!weights.has('k')) return { kind: 'relu' };
  const k = requireK(
    await weights.scalar('k', 'features kept of each row'),
    features,
    weights.file,
    'tensor k',
  );
  if (stated.architecture === 'topk') {
    weights.leave(['threshold'], 'its encode keeps the k largest unless told to use the threshold');
    return { kind: 'topk', k, relu: true };
  }
  if (stated.architecture === 'batchtopk') {
    return sameThreshold(await weights.scalar('threshold', 'threshold of all features'), features);
  }
  if (stated.weightsOnly) {
    weights.leave(['threshold'], 'directions are compared alone');
    return { kind: 'unknown' };
  }
  throw new ReseedError('input.format', 'its TopKSAE and BatchTopKSAE have the same tensors', {
    file: weights.file,
    field: 'architecture',
    found: 'k and threshold',
    expected: '--architecture topk or batchtopk',
  });
}
