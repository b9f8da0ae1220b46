// Transcoders of circuit-tracer: one layer a file, or a layer of a cross-layer transcoder (CLT), with config.yaml beside them.
//
// layer_<l>.safetensors: W_enc [F, d], b_enc, W_dec [F, d], b_dec, maybe W_skip [d, d] and activation_function.threshold [F].
// p = W_enc·x + b_enc; z = p where p > θ, without θ max(p, 0); y = Σ z_i W_dec,i + b_dec + W_skip·x.
// CLT: W_enc_<l>.safetensors with W_enc_l [F, d], b_enc_l, b_dec_l, maybe threshold_l; W_dec_<l>.safetensors with W_dec_l
// [F, n − l, d]: feature i of layer l writes W_dec_l,i,j into layer l + j. What a layer is given adds up over all layers below,
// and with its b_dec is their output: here a layer stands alone, with decoder rows joined over the layers that it writes.
// Source: circuit_tracer 0.5.0, transcoder/{single_layer,cross_layer}_transcoder.py, activation_functions.py, utils/hf_utils.py.
import { basename } from 'node:path';
import { type Matrix, sharedFloat32 } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import type { Activation, Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

export const circuitTracer: SaeSource = {
  id: 'circuit-tracer',
  title: 'circuit-tracer',
  settings: [],
  recognises: (checkpoint) => layerOfClt(checkpoint) !== undefined || isTranscoder(checkpoint),
  read: (checkpoint) => (layerOfClt(checkpoint) === undefined ? readLayer(checkpoint) : readClt(checkpoint)),
};

const configName = 'config.yaml';
const threshold = 'activation_function.threshold';

/** Its threshold has a name of its own; without one, the settings beside it tell. */
function isTranscoder({ configs, tensors: { tensors } }: Checkpoint): boolean {
  if (!tensors.has('W_enc') || !tensors.has('W_dec')) return false;
  return tensors.has(threshold) || configs.get(configName)?.['model_kind'] === 'transcoder_set';
}

function layerOfClt({ tensors: { tensors } }: Checkpoint): number | undefined {
  const layers = [...tensors.keys()].flatMap((name) => /^W_enc_(\d+)$/.exec(name)?.[1] ?? []);
  return layers.length === 1 ? Number(layers[0]) : undefined;
}

async function readLayer(checkpoint: Checkpoint): Promise<ReadSae> {
  const { tensors } = checkpoint;
  const weights = new WeightReader(tensors, circuitTracer.title);
  const [features] = weights.shape('b_enc', 1);
  const [dOut] = weights.shape('b_dec', 1);
  const [rows, cols] = weights.shape('W_enc', 2);
  const d = rows === features ? cols : rows;
  const sae: Sae = {
    ...(await activationOf(weights, threshold, features)),
    encoder: await eitherWay(weights, 'W_enc', features, d, 'encoder'),
    encoderBias: await weights.vector('b_enc', features, 'encoder bias'),
    decoder: await eitherWay(weights, 'W_dec', features, dOut, 'decoder'),
    decoderBias: await weights.vector('b_dec', dOut, 'decoder bias, not subtracted from the input'),
    subtractDecoderBias: false,
    transcoder: true,
    ...(weights.has('W_skip')
      ? { skip: await weights.rows('W_skip', dOut, d, 'skip connection', 'coordinate that it writes') }
      : {}),
  };
  weights.requireAllTaken();
  return { sae, assumptions: weights.assumptions, ...placeOf(checkpoint, layerIn(tensors.file)) };
}

/** Its first version kept decoders as [d, F]: the lengths of the biases tell, and where they are the same, the newer holds. */
function eitherWay(
  weights: WeightReader,
  name: string,
  features: number,
  width: number,
  taken: string,
): Promise<Matrix> {
  return weights.shape(name, 2)[0] === features
    ? weights.rows(name, features, width, taken)
    : weights.columns(name, features, width, taken);
}

/** Published files are named after their layer. */
function layerIn(file: string): number | undefined {
  const layer = /^layer_(\d+)\./.exec(basename(file))?.[1];
  return layer === undefined ? undefined : Number(layer);
}

async function readClt(checkpoint: Checkpoint): Promise<ReadSae> {
  const { tensors } = checkpoint;
  const layer = layerOfClt(checkpoint)!;
  const weights = new WeightReader(tensors, circuitTracer.title);
  const [features, d] = weights.shape(`W_enc_${layer}`, 2);
  const [, written, width] = weights.shape(`W_dec_${layer}`, 3);
  weights.leave([`b_dec_${layer}`], 'what all layers write into one is added up before it');
  const sae: Sae = {
    ...(await activationOf(weights, `threshold_${layer}`, features)),
    encoder: await weights.rows(`W_enc_${layer}`, features, d, 'encoder'),
    encoderBias: await weights.vector(`b_enc_${layer}`, features, 'encoder bias'),
    decoder: {
      rows: features,
      cols: written * width,
      data: await weights.values(
        `W_dec_${layer}`,
        [features, written, width],
        `decoder, one row a feature, joined over ${written} layers`,
      ),
    },
    decoderBias: sharedFloat32(written * width),
    subtractDecoderBias: false,
    transcoder: true,
    ...(written > 1 ? { parts: Array.from({ length: written }, (_, j) => `layer ${layer + j}`) } : {}),
  };
  weights.requireAllTaken();
  return { sae, assumptions: weights.assumptions, ...placeOf(checkpoint, layer) };
}

async function activationOf(
  weights: WeightReader,
  name: string,
  features: number,
): Promise<Pick<Sae, 'architecture' | 'activation'>> {
  if (!weights.has(name)) {
    weights.assume('activation function', 'ReLU', 'there is no threshold');
    return { architecture: 'transcoder', activation: { kind: 'relu' } };
  }
  const values = await weights.vector(name, features, 'threshold of each feature');
  const activation: Activation = { kind: 'jumprelu', threshold: values };
  return { architecture: 'jumprelu_transcoder', activation };
}

function placeOf({ configs }: Checkpoint, layer: number | undefined): Pick<ReadSae, 'hookName' | 'origin'> {
  const hook = configs.get(configName)?.['feature_input_hook'];
  return {
    ...(typeof hook === 'string' && layer !== undefined ? { hookName: `blocks.${layer}.${hook}` } : {}),
    origin: layer === undefined ? {} : { layer },
  };
}
