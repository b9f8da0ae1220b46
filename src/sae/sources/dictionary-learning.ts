// SAEs of dictionary_learning and its forks (sae-feature-consistency): ae.pt or checkpoints/ae_N.pt, with config.json.
//
// AutoEncoder           encoder.{weight [F, d], bias}, decoder.weight [d, F], bias [d]          relu(W·(x − bias) + b)
// AutoEncoderNew        encoder.{weight, bias}, decoder.{weight, bias}                          relu(W·x + b)
// GatedAutoEncoder      encoder.weight, gate_bias, mag_bias, r_mag, decoder.weight, decoder_bias
// JumpReluAutoEncoder   W_enc [d, F], b_enc, W_dec [F, d], b_dec, threshold [F]                 x as it is
// AutoEncoderTopK       encoder.{weight, bias}, decoder.weight, b_dec, k, threshold             relu, then the k largest
// BatchTopKSAE          the same                                                                relu, where above threshold
// MatryoshkaBatchTopKSAE W_enc, b_enc, W_dec, b_dec, k, threshold, group_sizes                  as BatchTopK
//
// AutoEncoder.from_pretrained gives decoder rows length 1 unless told not to; read here as it gives them by default.
// Where activations were normalised, biases and thresholds are multiplied by norm_factor on saving, but not in backups.
// Source: dictionary_learning (August 2025), dictionary.py, trainers/{top_k,batch_top_k,matryoshka_batch_top_k}.py,
// training.py; JumpReluTrainer keeps its seed and never applies it.
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import { rowNorms } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import { foldDecoderNorms } from '../fold-norms.js';
import { gatedActivation } from '../gated-activation.js';
import { mapOf } from '../nested-state.js';
import { batchTopKWithoutThreshold, sameThreshold } from '../not-encoded.js';
import { requireK } from '../require-k.js';
import type { Activation, Sae } from '../sae.js';
import { scaleBiases } from '../scale-biases.js';
import type { ReadSae, SaeSource } from '../source.js';
import type { StatedSettings } from '../stated-settings.js';
import { WeightReader } from '../weight-reader.js';
import {
  backupPrefix,
  classByNames,
  classOf,
  type DictClass,
  prefixOf,
  type Trained,
  trainedBy,
  trainerOf,
} from './dictionary-learning-config.js';

export const dictionaryLearning: SaeSource = {
  id: 'dictionary-learning',
  title: 'dictionary_learning',
  settings: ['norm_factor'],
  recognises(checkpoint) {
    const prefix = prefixOf(checkpoint);
    if (prefix === undefined) return false;
    const has = (name: string) => checkpoint.tensors.tensors.has(prefix + name);
    return trainerOf(checkpoint) !== undefined || classByNames(has) !== undefined;
  },
  read,
};

interface Layout {
  readonly architecture: string;
  /** Torch layers, encoder.weight [F, d] and decoder.weight [d, F]; else W_enc [d, F] and W_dec [F, d]. */
  readonly layers: boolean;
  /** Of the encoder and of the decoder. */
  readonly biases: readonly [string, string];
  readonly subtract: boolean;
}

/** `either TopK` where nothing tells which, and nothing is encoded. */
type ReadClass = DictClass | 'either TopK';

const layouts: Readonly<Record<ReadClass, Layout>> = {
  AutoEncoder: { architecture: 'relu', layers: true, biases: ['encoder.bias', 'bias'], subtract: true },
  AutoEncoderNew: {
    architecture: 'relu',
    layers: true,
    biases: ['encoder.bias', 'decoder.bias'],
    subtract: false,
  },
  GatedAutoEncoder: {
    architecture: 'gated',
    layers: true,
    biases: ['gate_bias', 'decoder_bias'],
    subtract: true,
  },
  JumpReluAutoEncoder: {
    architecture: 'jumprelu',
    layers: false,
    biases: ['b_enc', 'b_dec'],
    subtract: false,
  },
  AutoEncoderTopK: { architecture: 'topk', layers: true, biases: ['encoder.bias', 'b_dec'], subtract: true },
  BatchTopKSAE: {
    architecture: 'batchtopk',
    layers: true,
    biases: ['encoder.bias', 'b_dec'],
    subtract: true,
  },
  'either TopK': {
    architecture: 'unknown',
    layers: true,
    biases: ['encoder.bias', 'b_dec'],
    subtract: true,
  },
  MatryoshkaBatchTopKSAE: {
    architecture: 'matryoshka_batchtopk',
    layers: false,
    biases: ['b_enc', 'b_dec'],
    subtract: true,
  },
};

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const trained = trainedBy(checkpoint);
  const weights = new WeightReader(checkpoint.tensors, 'dictionary_learning', trained.prefix);
  const dictClass = classOf(weights, trained, checkpoint.stated);
  const stored = await readWeights(dictClass, trained, weights, checkpoint.stated ?? {});
  weights.requireAllTaken();
  const raw = trained.prefix === backupPrefix ? inRawUnits(stored, checkpoint, weights) : stored;
  const sae = dictClass === 'AutoEncoder' ? asLoaded(raw, weights) : raw;
  return { sae, assumptions: weights.assumptions, ...placeOf(dictClass, trained) };
}

async function readWeights(
  dictClass: ReadClass,
  trained: Trained,
  weights: WeightReader,
  stated: StatedSettings,
): Promise<Sae> {
  const { architecture, layers, biases, subtract } = layouts[dictClass];
  const [features, d] = layers ? weights.shape('encoder.weight', 2) : weights.shape('W_enc', 2).toReversed();
  requireWidths(trained, features, d);
  return {
    architecture,
    encoder: layers
      ? await weights.rows('encoder.weight', features, d, 'encoder')
      : await weights.columns('W_enc', features, d, 'encoder'),
    encoderBias: await weights.vector(biases[0], features, 'encoder bias'),
    decoder: layers
      ? await weights.columns('decoder.weight', features, d, 'decoder')
      : await weights.rows('W_dec', features, d, 'decoder'),
    decoderBias: await weights.vector(biases[1], d, 'decoder bias'),
    activation: await activationOf(dictClass, trained, weights, features, stated),
    subtractDecoderBias: subtract,
  };
}

function requireWidths({ settings, file }: Trained, features: number, d: number): void {
  const widths = [
    ['dict_size', features],
    ['activation_dim', d],
  ] as const;
  for (const [field, stored] of widths) {
    const found = settings?.[field] ?? stored;
    if (found === stored) continue;
    throw new ReseedError('input.shape', 'the encoder has another width', {
      file,
      field: `trainer.${field}`,
      found: `${found}`,
      expected: `${stored}`,
    });
  }
}

async function activationOf(
  dictClass: ReadClass,
  trained: Trained,
  weights: WeightReader,
  features: number,
  stated: StatedSettings,
): Promise<Activation> {
  if (dictClass === 'GatedAutoEncoder') return gatedActivation(weights, features, 'mag_bias');
  if (dictClass === 'JumpReluAutoEncoder') {
    return {
      kind: 'jumprelu',
      threshold: await weights.vector('threshold', features, 'threshold of each feature'),
    };
  }
  if (dictClass === 'either TopK') {
    weights.leave(['k', 'threshold'], 'directions are compared alone');
    return { kind: 'unknown' };
  }
  if (dictClass === 'AutoEncoder' || dictClass === 'AutoEncoderNew') return { kind: 'relu' };
  const k = await readK(trained, weights, features);
  if (dictClass === 'AutoEncoderTopK') {
    weights.leave(['threshold'], 'its encode keeps the k largest unless told to use the threshold');
    return { kind: 'topk', k, relu: true };
  }
  weights.leave(['group_sizes'], 'all groups are active');
  if (!weights.has('threshold')) return batchTopKWithoutThreshold(stated, k, features, weights);
  const threshold = await weights.scalar('threshold', 'threshold of all features');
  if (threshold < 0) {
    weights.assume(`threshold ${threshold}`, 'every positive activation is kept', 'it is not set yet');
  }
  return sameThreshold(threshold, features);
}

/** Of the tensor where there is one; it must be that of the settings, as the package's own loader asks. */
async function readK({ settings, file }: Trained, weights: WeightReader, features: number): Promise<number> {
  if (!weights.has('k')) return requireK(settings?.k, features, file, 'trainer.k');
  const stored = await weights.scalar('k', 'features kept of each row');
  if (settings?.k !== undefined && stored !== settings.k) {
    throw new ReseedError('input.format', 'the tensor k says otherwise', {
      file,
      field: 'trainer.k',
      found: `${settings.k}`,
      expected: `${stored}`,
    });
  }
  return requireK(stored, features, weights.file, 'tensor k');
}

/** Does for a backup what the package does on saving: its biases are in units of normalised activations. */
function inRawUnits(sae: Sae, { tensors }: Checkpoint, weights: WeightReader): Sae {
  const factor = mapOf(tensors.values)['norm_factor'];
  if (typeof factor !== 'number' || !Number.isFinite(factor) || factor <= 0) {
    throw new ReseedError('input.format', 'the biases of a backup are in units that are not in the file', {
      file: tensors.file,
      field: 'norm_factor',
      found: factor === undefined ? 'nothing' : String(factor),
      expected: 'a positive number: what activations were divided by',
    });
  }
  weights.assume(`norm_factor ${factor}`, 'biases and thresholds times it', 'a backup is saved without it');
  return scaleBiases(sae, factor);
}

/** torch.allclose: rows this close to length 1 are left as they are. */
const closeToOne = 1e-5;

/** As `from_pretrained` does unless told not to. */
function asLoaded(sae: Sae, weights: WeightReader): Sae {
  // Only the outline of the file is read: the lengths are not known.
  if (sae.decoder.data.length === 0) return sae;
  if (rowNorms(sae.decoder).every((length) => !(Math.abs(length - 1) > closeToOne))) return sae;
  weights.assume(
    'decoder rows that are not of length 1',
    'of length 1, their lengths in the encoder',
    'from_pretrained of AutoEncoder does so unless told not to',
  );
  return foldDecoderNorms(sae);
}

function placeOf(dictClass: ReadClass, { settings }: Trained): Pick<ReadSae, 'hookName' | 'origin'> {
  const { layer, seed, submodule_name: module = '' } = settings ?? {};
  const [, stream, at] = /^resid_(pre|mid|post)_layer_(\d+)$/.exec(module) ?? [];
  const applied = dictClass !== 'JumpReluAutoEncoder' && seed !== undefined;
  return {
    ...(stream === undefined ? {} : { hookName: `blocks.${at}.hook_resid_${stream}` }),
    origin: { ...defined({ layer }), ...(applied ? { initSeed: seed } : {}) },
  };
}
