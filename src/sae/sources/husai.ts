// SAEs of HUSAI: .pt dicts whose state dict stands in model_state_dict or sae_state_dict, with d_model and d_sae beside it
// or a `config`. Its scripts write nine variants of them.
//
// Its own models: encoder.weight [F, d], encoder.bias [F], decoder.weight [d, F], in one script decoder.bias [d].
// p = W·x + b, no bias subtracted; topk keeps the k largest of raw p, negative ones too; x̂ = Σ z_i D_i (+ decoder.bias).
// routed_topk keeps those of one group of features, which a router beside the state dict chooses (husai-routing.ts).
// Later scripts train the classes of SAEBench: W_enc [d, F], W_dec [F, d], b_enc, b_dec. b_dec is subtracted but for
// jumprelu, and ReLU comes before the choice of k. BatchTopK is encoded by its calibrated threshold.
// The architecture is what the dict says, else: k and one threshold batchtopk, k topk, threshold jumprelu, else relu.
// Source: HUSAI (March 2026), src/models/{simple_sae,sae}.py, scripts/training/train_expanded_seeds.py,
// scripts/experiments/run_*.py and husai_custom_sae_adapter.py; SAEBench, custom_saes/*.py. The adapter replaces decoder
// rows of length 0 and scales the others to length 1; here they stay as they were trained.

import { z } from 'zod';
import { defined } from '../../defined.js';
import { ReseedError } from '../../errors.js';
import type { PlainMap } from '../../formats/tensor-file.js';
import { sharedFloat32 } from '../../tensor/matrix.js';
import type { Checkpoint, JsonObject } from '../checkpoint.js';
import { mapOf } from '../nested-state.js';
import { batchTopKWithoutThreshold, sameThreshold } from '../not-encoded.js';
import { parseConfig } from '../parse-config.js';
import { requireK } from '../require-k.js';
import type { Activation, Sae } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import type { StatedSettings } from '../stated-settings.js';
import { WeightReader } from '../weight-reader.js';
import { asRouted, type RoutedSae, routedActivation, routingPrefix } from './husai-routing.js';

export const husai: SaeSource = {
  id: 'husai',
  title: 'HUSAI',
  settings: [],
  beside: [routingPrefix],
  recognises(checkpoint) {
    const { d_model: width, d_sae: features } = fieldsOf(checkpoint);
    return prefixOf(checkpoint) !== undefined && width !== undefined && features !== undefined;
  },
  read,
};

const positive = z.int().positive();

const schema = z.object({
  d_model: positive,
  d_sae: positive,
  k: positive.nullish(),
  architecture: z.enum(['topk', 'relu', 'batchtopk', 'jumprelu', 'matryoshka', 'routed_topk']).optional(),
  /** Of the runs that compare SAEs with transcoders of an MLP. */
  mode: z.enum(['sae', 'transcoder']).optional(),
  // What is only passed on is left out where it is something else.
  seed: z.int().optional().catch(undefined),
  layer: z.int().nonnegative().optional().catch(undefined),
  position: z.int().optional().catch(undefined),
});

type Fields = z.infer<typeof schema>;
type Architecture = NonNullable<Fields['architecture']>;

function prefixOf({ tensors: { tensors } }: Checkpoint): string | undefined {
  return ['model_state_dict/', 'sae_state_dict/'].find(
    (prefix) => tensors.has(`${prefix}decoder.weight`) || tensors.has(`${prefix}W_dec`),
  );
}

/** What stands beside the state dict; a `config` under the names of the other variants. */
function fieldsOf({ tensors }: Checkpoint): PlainMap {
  const fields = mapOf(tensors.values);
  const { input_dim: width, expansion_factor: expansion, ...config } = mapOf(fields['config']);
  if (typeof width !== 'number' || typeof expansion !== 'number') return fields;
  return { ...config, ...fields, d_model: width, d_sae: width * expansion };
}

async function read(checkpoint: Checkpoint): Promise<ReadSae> {
  const { file } = checkpoint.tensors;
  const fields = parseConfig(schema, fieldsOf(checkpoint) as JsonObject, file);
  const weights = new WeightReader(checkpoint.tensors, 'HUSAI', prefixOf(checkpoint));
  const plain = weights.has('W_enc')
    ? await readMatrices(fields, weights, checkpoint.stated ?? {})
    : await readLayers(fields, weights, checkpoint);
  weights.leave(['feature_counts'], 'how often features fired in training');
  weights.requireAllTaken();
  const { seed, layer, position, mode } = fields;
  const sae: Sae = mode === 'transcoder' ? { ...plain, transcoder: true } : plain;
  return {
    sae: isRouted(sae) ? await asRouted(sae, weights, checkpoint.stated ?? {}) : sae,
    assumptions: weights.assumptions,
    origin: {
      ...defined({ initSeed: seed, layer }),
      ...(position === undefined ? {} : { site: `position ${position}` }),
    },
  };
}

function isRouted(sae: Sae): sae is RoutedSae {
  return sae.activation.kind === 'routed';
}

/** HUSAI's own models. */
async function readLayers(fields: Fields, weights: WeightReader, checkpoint: Checkpoint): Promise<Sae> {
  const { d_model: d, d_sae: features } = fields;
  const architecture = await architectureOf(fields, weights);
  if (architecture === 'jumprelu') throw unread(architecture, weights);
  if (architecture === 'batchtopk') {
    weights.assume('architecture batchtopk', 'topk', 'HUSAI has no model of its own for it and trains topk');
  }
  const biased = weights.has('decoder.bias');
  return {
    architecture,
    encoder: await weights.rows('encoder.weight', features, d, 'encoder'),
    encoderBias: await weights.vector('encoder.bias', features, 'encoder bias'),
    decoder: await weights.columns('decoder.weight', features, d, 'decoder'),
    decoderBias: biased ? await weights.vector('decoder.bias', d, 'decoder bias') : sharedFloat32(d),
    activation: await ownActivation(architecture, fields, weights, checkpoint),
    subtractDecoderBias: false,
  };
}

async function ownActivation(
  architecture: Architecture,
  fields: Fields,
  weights: WeightReader,
  checkpoint: Checkpoint,
): Promise<Activation> {
  if (architecture === 'relu') return { kind: 'relu' };
  const k = await readK(fields, weights);
  if (architecture !== 'routed_topk') return { kind: 'topk', k, relu: false };
  return routedActivation(checkpoint, weights, [fields.d_sae, fields.d_model], k);
}

/** The classes of SAEBench. */
async function readMatrices(fields: Fields, weights: WeightReader, stated: StatedSettings): Promise<Sae> {
  const { d_model: d, d_sae: features } = fields;
  const architecture = await architectureOf(fields, weights);
  return {
    architecture,
    encoder: await weights.columns('W_enc', features, d, 'encoder'),
    encoderBias: await weights.vector('b_enc', features, 'encoder bias'),
    decoder: await weights.rows('W_dec', features, d, 'decoder'),
    decoderBias: await weights.vector('b_dec', d, 'decoder bias'),
    activation: await activationOf(architecture, fields, weights, stated),
    subtractDecoderBias: architecture !== 'jumprelu',
  };
}

async function activationOf(
  architecture: Architecture,
  fields: Fields,
  weights: WeightReader,
  stated: StatedSettings,
): Promise<Activation> {
  const { d_sae: features } = fields;
  switch (architecture) {
    case 'relu':
      return { kind: 'relu' };
    case 'jumprelu':
      return {
        kind: 'jumprelu',
        threshold: await weights.vector('threshold', features, 'threshold of each feature'),
      };
    case 'topk':
    case 'matryoshka':
      return { kind: 'topk', k: await readK(fields, weights), relu: true };
    case 'batchtopk': {
      const k = await readK(fields, weights);
      const threshold = weights.has('threshold')
        ? await weights.scalar('threshold', 'threshold of all features')
        : -1;
      // SAEBench does not encode without one.
      return threshold >= 0
        ? sameThreshold(threshold, features)
        : batchTopKWithoutThreshold(stated, k, features, weights);
    }
    default:
      throw unread(architecture, weights);
  }
}

async function architectureOf({ architecture, k }: Fields, weights: WeightReader): Promise<Architecture> {
  if (architecture !== undefined) return architecture;
  const threshold = weights.has('threshold');
  const counted = weights.has('k') || typeof k === 'number';
  const taken = counted ? (threshold ? 'batchtopk' : 'topk') : threshold ? 'jumprelu' : 'relu';
  const because = `${counted ? 'k' : 'no k'} and ${threshold ? 'a threshold' : 'no threshold'}, as HUSAI takes it`;
  weights.assume('architecture', taken, because);
  return taken;
}

/** Of the field, the tensor or both. */
async function readK({ k, d_sae: features }: Fields, weights: WeightReader): Promise<number> {
  const stored = weights.has('k') ? await weights.scalar('k', 'features kept of each row') : undefined;
  const given = k ?? stored;
  if (stored !== undefined && stored !== given) {
    throw new ReseedError('input.format', 'the tensor k says otherwise', {
      file: weights.file,
      field: 'k',
      found: `${given}`,
      expected: `${stored}`,
    });
  }
  return requireK(given, features, weights.file, 'k');
}

function unread(architecture: Architecture, { file }: WeightReader): ReseedError {
  return new ReseedError('input.format', 'HUSAI has no such model', {
    file,
    field: 'architecture',
    found: architecture,
    expected:
      architecture === 'routed_topk'
        ? 'topk, relu, batchtopk, jumprelu or matryoshka, where the encoder is W_enc'
        : 'topk, relu, batchtopk, matryoshka or routed_topk, where the encoder is encoder.weight; or the tensors W_enc, W_dec, b_enc, b_dec and threshold',
  });
}
