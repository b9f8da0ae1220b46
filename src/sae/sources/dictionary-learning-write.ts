// Writes SAEs as dictionary_learning keeps them, ae.pt and config.json, so that its load_dictionary gives the same codes and
// reconstructions.
//
// Its classes either always subtract b_d from the input or never do. Where an SAE does it the other way, the encoder bias makes up
// for it: W·(x − b_d) + b = W·x + (b − W·b_d). ReLU is written as AutoEncoderNew, which leaves decoder lengths as they are.
// Source: dictionary_learning 0.1.0, utils.py (load_dictionary), dictionary.py, trainers/top_k.py.
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import { matrixTensor, type Tensor, vectorTensor } from '../../formats/tensor.js';
import { encodeTorch } from '../../formats/write-torch.js';
import { transpose } from '../../tensor/matrix.js';
import { type FoldedSae, foldStandardisation } from '../fold-standardisation.js';
import { dSae, type Sae } from '../sae.js';
import { shiftInput } from '../shift-input.js';
import type { SaeRecord } from '../source.js';
import type { DictClass } from './dictionary-learning-config.js';

export const dictionaryLearningFiles = { weights: 'ae.pt', config: 'config.json' } as const;

/** @throws input.format for an SAE that none of its classes computes */
export function encodeDictionaryLearning(
  given: Sae,
  hookName: string | undefined,
  record: SaeRecord,
  file: string,
): { weights: Uint8Array; config: string } {
  const sae = foldStandardisation(given);
  const dictClass = classOf(sae, file);
  const { layer, initSeed: seed } = record;
  const config = {
    trainer: {
      dict_class: dictClass,
      activation_dim: sae.encoder.cols,
      dict_size: dSae(sae),
      ...(sae.activation.kind === 'topk' ? { k: sae.activation.k } : {}),
      ...(typeof layer === 'number' ? { layer } : {}),
      ...(typeof seed === 'number' ? { seed } : {}),
      ...defined({ submodule_name: hookName }),
    },
    reseed: record,
  };
  return {
    weights: encodeTorch(tensorsOf(sae, dictClass)),
    config: `${JSON.stringify(config, null, 2)}\n`,
  };
}

function classOf(
  { activation, transcoder, skip, inputNorm, architecture }: FoldedSae,
  file: string,
): DictClass {
  const refuse = (found: string) =>
    new ReseedError('input.format', 'dictionary_learning has no class for this SAE', {
      file,
      field: 'architecture',
      found,
      expected: 'ReLU, TopK with ReLU, JumpReLU or Gated, of inputs as they are; else --to safetensors',
    });
  if (transcoder || skip)
    throw refuse(`${transcoder ? 'a transcoder' : 'a skip connection'}, ${architecture}`);
  if (inputNorm) throw refuse(`${architecture} that normalises its input (${inputNorm})`);
  if (activation.kind === 'relu') return 'AutoEncoderNew';
  if (activation.kind === 'topk' && activation.relu) return 'AutoEncoderTopK';
  if (activation.kind === 'jumprelu') return 'JumpReluAutoEncoder';
  if (activation.kind === 'gated') return 'GatedAutoEncoder';
  throw refuse(activation.kind === 'topk' ? 'TopK without ReLU' : architecture);
}

function tensorsOf(sae: Sae, dictClass: DictClass): Record<string, Tensor> {
  const { decoderBias, decoder } = sae;
  const subtracts = dictClass === 'AutoEncoderTopK' || dictClass === 'GatedAutoEncoder';
  const { activation, encoder, encoderBias } = asSubtracted(sae, subtracts);
  const bias = vectorTensor(encoderBias);
  if (activation.kind === 'jumprelu') {
    return {
      W_enc: matrixTensor(transpose(encoder)),
      b_enc: bias,
      W_dec: matrixTensor(decoder),
      b_dec: vectorTensor(decoderBias),
      threshold: vectorTensor(activation.threshold),
    };
  }
  const layers = {
    'encoder.weight': matrixTensor(encoder),
    'decoder.weight': matrixTensor(transpose(decoder)),
  };
  if (activation.kind === 'gated') {
    return {
      ...layers,
      gate_bias: bias,
      mag_bias: vectorTensor(activation.magnitudeBias),
      r_mag: vectorTensor(activation.magnitudeLogScale),
      decoder_bias: vectorTensor(decoderBias),
    };
  }
  if (activation.kind !== 'topk') {
    return { ...layers, 'encoder.bias': bias, 'decoder.bias': vectorTensor(decoderBias) };
  }
  return {
    ...layers,
    'encoder.bias': bias,
    b_dec: vectorTensor(decoderBias),
    k: { shape: [], data: Int32Array.of(activation.k) },
    // It is used only where that is asked for, and −1 says that there is none.
    threshold: { shape: [], data: Float32Array.of(-1) },
  };
}

/** With the biases that give the same pre-activations in a class that subtracts b_d, or does not. */
function asSubtracted(sae: Sae, subtracts: boolean): Pick<Sae, 'activation' | 'encoder' | 'encoderBias'> {
  if (subtracts === sae.subtractDecoderBias) return sae;
  return shiftInput(sae, subtracts ? sae.decoderBias.map((value) => -value) : sae.decoderBias);
}
