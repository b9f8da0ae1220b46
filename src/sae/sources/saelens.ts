// SAEs in the layout of SAELens, of version 6 and before: sae_weights.safetensors and cfg.json in one folder.
//
// W_enc [d, F], b_enc [F], W_dec [F, d′], b_dec [d′]; jumprelu adds threshold [F]; gated has b_gate, b_mag, r_mag [F] and
// no b_enc; skip transcoders add W_skip [d′, d]. Unless apply_b_dec_to_input is false, x − b_dec is encoded.
// Where topk rescales, with n_i = ‖W_dec,i‖, features are chosen by p_i·n_i, which is also the code, and decoded with
// W_dec,i/n_i; read as SAELens folds it: W_enc,i·n_i, b_enc,i·n_i, W_dec,i/n_i.
// Source: sae_lens 6, saes/*.py, constants.py and loading/pretrained_sae_loaders.py; before 6: sae_lens 3 to 5.
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import type { Checkpoint, JsonObject } from '../checkpoint.js';
import { foldDecoderNorms, scaleRows } from '../fold-norms.js';
import { gatedActivation } from '../gated-activation.js';
import { batchTopKWithoutThreshold, sameThreshold } from '../not-encoded.js';
import type { Activation, InputNorm, Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import type { StatedSettings } from '../stated-settings.js';
import { WeightReader } from '../weight-reader.js';
import { parseSaelensConfig, type SaelensConfig, saelensConfigName } from './saelens-config.js';

export const saelens: SaeSource = {
  id: 'saelens',
  title: 'SAELens',
  settings: [
    'normalize_activations',
    'apply_b_dec_to_input',
    'rescale_acts_by_decoder_norm',
    'scaling_factor',
    'finetuning_scaling_factor',
  ],
  recognises({ configs, tensors: { tensors } }) {
    const config = configs.get(saelensConfigName);
    return config !== undefined && 'd_sae' in config && tensors.has('W_dec');
  },
  read,
};

const norms: Readonly<Record<string, InputNorm>> = {
  constant_norm_rescale: 'constant-norm',
  layer_norm: 'layer-norm',
};

async function read({ configs, tensors, stated = {} }: Checkpoint): Promise<ReadSae> {
  const { config, file, assumptions } = parseSaelensConfig(configs.get(saelensConfigName)!, tensors.file);
  const weights = new WeightReader(tensors, 'SAELens');
  weights.assumptions.push(...assumptions);
  const scale = inputScale(config, configs.get(scalerName), weights);
  const inputNorm = scale === undefined ? inputNormOf(config, file) : undefined;
  const sae = await readWeights(config, weights, stated, scale);
  weights.requireAllTaken();
  const { hook_name: hookName, reseed = {} } = config.metadata;
  const { initSeed, orderSeed, site } = reseed;
  const hooked = /^blocks\.(\d+)\./.exec(hookName ?? '')?.[1];
  const layer = hooked === undefined ? reseed['layer'] : Number(hooked);
  return {
    sae: { ...sae, ...(inputNorm ? { inputNorm } : {}) },
    assumptions: weights.assumptions,
    record: reseed,
    ...defined({ hookName }),
    origin: {
      ...(Number.isSafeInteger(initSeed) ? { initSeed: initSeed as number } : {}),
      ...(Number.isSafeInteger(orderSeed) ? { orderSeed: orderSeed as number } : {}),
      ...(Number.isSafeInteger(layer) ? { layer: layer as number } : {}),
      ...(typeof site === 'string' ? { site } : {}),
    },
  };
}

/** Beside a checkpoint of a run that has not ended: what activations were multiplied with. */
const scalerName = 'activation_scaler.json';

function inputScale(
  { normalize_activations: norm }: SaelensConfig,
  scaler: JsonObject | undefined,
  weights: WeightReader,
): number | undefined {
  const { scaling_factor: scale, has_whitening: whitened } = scaler ?? {};
  if (norm !== 'expected_average_only_in' || whitened === true || !isPositive(scale)) return undefined;
  weights.assume(
    `${scalerName}, scaling_factor ${scale}`,
    'folded into the weights',
    'as SAELens does at the end of a run',
  );
  return scale;
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

function inputNormOf({ normalize_activations: norm }: SaelensConfig, file: string): InputNorm | undefined {
  if (norm === 'none') return undefined;
  if (Object.hasOwn(norms, norm)) return norms[norm];
  const missing =
    norm === 'expected_average_only_in'
      ? 'activation_scaler.json with scaling_factor beside it, what activations are multiplied with; or none, after fold_activation_norm_scaling_factor has put that into the weights'
      : `one of none, ${Object.keys(norms).join(', ')}`;
  throw new ReseedError('input.format', 'how its input was normalised is not in the file', {
    file,
    field: 'normalize_activations',
    found: norm,
    expected: missing,
  });
}

/** @param scale what inputs were multiplied with, where that is to be folded in: W_enc·s, W_dec/s, b_dec/s */
async function readWeights(
  config: SaelensConfig,
  weights: WeightReader,
  stated: StatedSettings,
  scale = 1,
): Promise<Sae> {
  const { d_in: d, d_sae: features } = config;
  const transcoder = config.architecture.includes('transcoder');
  const dOut = config.d_out ?? d;
  const gated = config.architecture === 'gated';
  const encoder = await weights.columns('W_enc', features, d, 'encoder');
  const encoderBias = await weights.vector(
    gated ? 'b_gate' : 'b_enc',
    features,
    gated ? 'bias of the gate' : 'encoder bias',
  );
  const decoder = await weights.rows('W_dec', features, dOut, 'decoder');
  const decoderBias = await weights.vector('b_dec', dOut, 'decoder bias');
  const activation = await activationOf(config, weights, scale, stated);
  const skip = weights.has('W_skip')
    ? { skip: await weights.rows('W_skip', dOut, d, 'skip connection', 'coordinate that it writes') }
    : {};
  const sae: Sae = {
    architecture: config.architecture,
    activation,
    encoder: scaleRows(encoder, () => scale),
    encoderBias,
    decoder: scaleRows(decoder, () => 1 / scale),
    decoderBias: decoderBias.map((value) => value / scale),
    subtractDecoderBias: config.apply_b_dec_to_input && !transcoder,
    ...(transcoder ? { transcoder } : {}),
    ...skip,
  };
  if (!config.rescale_acts_by_decoder_norm) return scaleFeatures(sae, weights);
  weights.assume(
    'rescale_acts_by_decoder_norm true',
    'decoder rows of length 1, their lengths in the encoder',
    'features are chosen by activation times length, and SAELens folds it so when it saves for inference',
  );
  return foldDecoderNorms(sae);
}

async function activationOf(
  config: SaelensConfig,
  weights: WeightReader,
  scale: number,
  stated: StatedSettings,
): Promise<Activation> {
  const { architecture, d_sae: features, k } = config;
  if (architecture === 'gated') return gatedActivation(weights, features, 'b_mag');
  if (architecture.startsWith('jumprelu')) {
    return {
      kind: 'jumprelu',
      threshold: await weights.vector('threshold', features, 'threshold of each feature'),
    };
  }
  if (architecture.endsWith('batchtopk')) {
    const wholeK = Number.isInteger(k) ? k : undefined;
    if (!weights.has('topk_threshold')) return batchTopKWithoutThreshold(stated, wholeK, features, weights);
    const stored = await weights.scalar('topk_threshold', 'threshold of all features');
    // Of activations times decoder norms, which the scale of the input is folded into.
    const threshold = config.rescale_acts_by_decoder_norm ? stored / scale : stored;
    weights.assume(
      `architecture ${architecture}`,
      'jumprelu with this threshold',
      'SAELens saves it so for inference',
    );
    return sameThreshold(threshold, features);
  }
  if (architecture === 'abstopk') return { kind: 'abstopk', k: k! };
  if (architecture !== 'topk') return { kind: 'relu' };
  const relu = config.metadata.reseed?.relu !== false;
  if (!relu) weights.assume('metadata.reseed.relu', 'no ReLU after the choice of k', 'trained by reseed');
  return { kind: 'topk', k: k!, relu };
}

/** Before version 6 a fine-tuned SAE multiplies its codes with `scaling_factor` [F] before decoding. */
async function scaleFeatures(sae: Sae, weights: WeightReader): Promise<Sae> {
  const name = ['scaling_factor', 'finetuning_scaling_factor'].find((one) => weights.has(one));
  if (name === undefined) return sae;
  const factor = await weights.vector(name, sae.decoder.rows, 'factor of each code before decoding');
  return { ...sae, decoder: scaleRows(sae.decoder, (i) => factor[i]) };
}
