// SAEs and transcoders of EleutherAI's sparsify: sae.safetensors and cfg.json, in a folder named after the module that
// was hooked, and in one more, `seedN`, where a run has several initialisations.
//
// encoder.weight [F, d], encoder.bias [F], W_dec [F, d], b_dec [d], with a skip connection W_skip [d, d].
// p = W_enc·(x − b_dec) + b; a transcoder leaves b_dec out here. topk keeps the k largest that are above 0, groupmax the
// largest of each of k blocks of F/k features. x̂ = Σ z_i W_dec,i + b_dec + W_skip·x, with x as it came in.
// F is num_latents, or d·expansion_factor where that is 0. multi_topk and normalize_decoder are matters of training.
// Source: sparsify 1.3, sparse_coder.py, fused_encoder.py, config.py, trainer.py (names of folders). `signed`, of June
// to August 2024, kept the k of largest magnitude with their signs.
import { dirname, join, resolve, sep } from 'node:path';
import { z } from 'zod';
import { ReseedError } from '../../errors.js';
import type { TensorFile } from '../../formats/tensor-file.js';
import type { Checkpoint } from '../checkpoint.js';
import { parseConfig } from '../parse-config.js';
import { requireBlocks, requireK } from '../require-k.js';
import type { Activation, Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

export const sparsify: SaeSource = {
  id: 'sparsify',
  title: 'sparsify',
  settings: ['transcode', 'skip_connection', 'signed'],
  // No other tool keeps its encoder as a torch layer and its decoder as a bare matrix.
  recognises: ({ tensors: { tensors } }) => tensors.has('encoder.weight') && tensors.has('W_dec'),
  read,
};

const configName = 'cfg.json';
const positive = z.int().positive();

const schema = z.object({
  d_in: positive,
  k: positive,
  activation: z.enum(['topk', 'groupmax']).default('topk'),
  num_latents: z.int().nonnegative().default(0),
  expansion_factor: positive.default(32),
  skip_connection: z.boolean().default(false),
  transcode: z.boolean().default(false),
  signed: z.boolean().default(false),
});

type Config = z.infer<typeof schema>;

async function read({ configs, tensors, stated }: Checkpoint): Promise<ReadSae> {
  const file = join(dirname(tensors.file), configName);
  const json = configs.get(configName);
  if (!json && stated?.weightsOnly) return readDirections(tensors);
  if (!json) {
    throw new ReseedError('input.format', 'how many features it keeps is not in the weights', {
      file,
      found: 'no such file',
      expected: 'the one that sparsify writes beside them, with d_in, k and activation',
    });
  }
  const config = parseConfig(schema, json, file);
  const weights = new WeightReader(tensors, 'sparsify');
  for (const field of ['activation', 'transcode', 'skip_connection'] as const) {
    if (field in json) continue;
    weights.assume(field, String(config[field]), 'default of sparsify, as before it had the field');
  }
  if (config.num_latents === 0) {
    const features = `${config.d_in * config.expansion_factor} features`;
    weights.assume('num_latents 0', features, `d_in × expansion_factor ${config.expansion_factor}`);
  }
  const sae = await readWeights(config, weights, file);
  weights.requireAllTaken();
  return { sae, assumptions: weights.assumptions, ...placeOf(tensors.file) };
}

/** Without a configuration: how many features it keeps is not known, nor asked where directions are compared alone. */
async function readDirections(tensors: TensorFile): Promise<ReadSae> {
  const weights = new WeightReader(tensors, 'sparsify');
  const [features, d] = weights.shape('encoder.weight', 2);
  const sae: Sae = {
    architecture: 'unknown',
    activation: { kind: 'unknown' },
    encoder: await weights.rows('encoder.weight', features, d, 'encoder'),
    encoderBias: await weights.vector('encoder.bias', features, 'encoder bias'),
    decoder: await weights.rows('W_dec', features, d, 'decoder'),
    decoderBias: await weights.vector('b_dec', d, 'decoder bias'),
    subtractDecoderBias: true,
  };
  weights.leave(['W_skip'], 'directions are compared alone');
  weights.requireAllTaken();
  return { sae, assumptions: weights.assumptions, ...placeOf(tensors.file) };
}

async function readWeights(config: Config, weights: WeightReader, file: string): Promise<Sae> {
  const { d_in: d, num_latents, expansion_factor, transcode, skip_connection } = config;
  const features = num_latents || d * expansion_factor;
  return {
    architecture: config.signed ? 'abstopk' : config.activation,
    encoder: await weights.rows('encoder.weight', features, d, 'encoder'),
    encoderBias: await weights.vector('encoder.bias', features, 'encoder bias'),
    decoder: await weights.rows('W_dec', features, d, 'decoder'),
    decoderBias: await weights.vector('b_dec', d, 'decoder bias'),
    activation: activationOf(config, features, file),
    subtractDecoderBias: !transcode,
    ...(transcode ? { transcoder: true } : {}),
    ...(skip_connection
      ? { skip: await weights.rows('W_skip', d, d, 'skip connection', 'coordinate that it writes') }
      : {}),
  };
}

function activationOf({ activation, k, signed }: Config, features: number, file: string): Activation {
  if (signed) return { kind: 'abstopk', k: requireK(k, features, file, 'k') };
  if (activation === 'topk') return { kind: 'topk', k: requireK(k, features, file, 'k'), relu: true };
  return { kind: 'groupmax', k: requireBlocks(k, features, file, 'k') };
}

/** What the folders `<hookpoint>/[seedN/]` tell; names that are no module of a transformer tell nothing. */
function placeOf(weightsFile: string): Pick<ReadSae, 'hookName' | 'origin'> {
  const folders = resolve(dirname(weightsFile)).split(sep);
  const seed = /^seed(\d+)$/.exec(folders.at(-1) ?? '')?.[1];
  const place = folders.at(seed === undefined ? -1 : -2) ?? '';
  const layer = /(?:^|\.)(?:layers?|h|blocks)[._](\d+)(?:\.|$)/.exec(place)?.[1];
  const embedding = /^(?:.+\.)?(?:embed_tokens|embed_in|wte)$/.test(place);
  return {
    ...(layer !== undefined || embedding ? { hookName: place } : {}),
    origin: {
      ...(layer === undefined ? {} : { layer: Number(layer) }),
      ...(seed === undefined ? {} : { initSeed: Number(seed) }),
    },
  };
}
