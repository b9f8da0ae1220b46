// SAEs of e2e_sae, of several places of a model in one file: `blocks-2-hook_resid_pre.encoder.0.weight` and so on.
//
// encoder.0.{weight [F, d], bias [F]}, decoder.{weight [d, F], bias [d]}. z = max(W·x + b, 0), and x̂ = Σ z_i D_i/‖D_i‖ + b_d:
// decoder columns are brought to length 1 whenever they are used. Names of places have - for the dots of TransformerLens.
// Source: e2e_sae 2.1.1, models/sparsifiers.py, models/transformers.py.

import { rowNorms } from '../../tensor/matrix.js';
import type { Checkpoint } from '../checkpoint.js';
import { scaleRows } from '../fold-norms.js';
import { prefixesOf } from '../nested-state.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

const encoder = 'encoder.0.weight';

export const e2eSae: SaeSource = {
  id: 'e2e-sae',
  title: 'e2e_sae',
  settings: [],
  recognises: ({ tensors }) => prefixesOf(tensors, [encoder]).length === 1,
  read,
};

/** F.normalize divides by no less. */
const shortest = 1e-12;

async function read({ tensors }: Checkpoint): Promise<ReadSae> {
  const [prefix] = prefixesOf(tensors, [encoder]);
  const weights = new WeightReader(tensors, e2eSae.title, prefix);
  const [features, d] = weights.shape(encoder, 2);
  const decoder = await weights.columns('decoder.weight', features, d, 'decoder, brought to length 1');
  const lengths = rowNorms(decoder);
  const sae = {
    architecture: 'relu',
    activation: { kind: 'relu' },
    encoder: await weights.rows(encoder, features, d, 'encoder'),
    encoderBias: await weights.vector('encoder.0.bias', features, 'encoder bias'),
    decoder: scaleRows(decoder, (i) => 1 / Math.max(lengths[i], shortest)),
    decoderBias: await weights.vector('decoder.bias', d, 'decoder bias, not subtracted from the input'),
    subtractDecoderBias: false,
  } as const;
  weights.requireAllTaken();
  const place = /(?:^|[./])(blocks-(\d+)-[\w-]+)\.$/.exec(prefix);
  return {
    sae,
    assumptions: weights.assumptions,
    ...(place ? { hookName: place[1].replaceAll('-', '.'), origin: { layer: Number(place[2]) } } : {}),
  };
}
