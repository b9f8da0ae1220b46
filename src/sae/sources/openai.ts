// Autoencoders of OpenAI's sparse_autoencoder: one .pt file with a state dict.
//
// pre_bias [d], latent_bias [F], encoder.weight [F, d], decoder.weight [d, F], and statistics of training [F]. Beside
// the tensors stand the name of the activation and its settings; `activation.k` and `activation.postact_fn` are copies
// of these that the saving leaves behind.
// p = W_enc·(x₁ − pre_bias) + latent_bias and x̂ = Σ z_i W_dec,i + pre_bias. Where the activation is TopK, and only then,
// x₁ is (x − μ)/(σ + 1e-5), and x̂ is put back by σ and μ.
// Source: openai/sparse_autoencoder, model.py; paths.py and README.md for what the names of files say.
import { ReseedError } from '../../errors.js';
import type { PlainValue, TensorFile } from '../../formats/tensor-file.js';
import type { Checkpoint } from '../checkpoint.js';
import { mapOf } from '../nested-state.js';
import { requireK } from '../require-k.js';
import type { Activation } from '../sae.js';
import type { ReadSae, SaeSource } from '../source.js';
import { WeightReader } from '../weight-reader.js';

export const openai: SaeSource = {
  id: 'openai',
  title: 'OpenAI sparse_autoencoder',
  settings: ['postact_fn'],
  recognises: ({ tensors: { tensors } }) => tensors.has('pre_bias') && tensors.has('latent_bias'),
  read,
};

const statistics = ['stats_last_nonzero', 'latents_activation_frequency', 'latents_mean_square'];

async function read({ tensors }: Checkpoint): Promise<ReadSae> {
  const weights = new WeightReader(tensors, openai.title);
  const [features, d] = weights.shape('encoder.weight', 2);
  const activation = activationOf(tensors, weights, features);
  const sae = {
    architecture: activation.kind,
    activation,
    encoder: await weights.rows('encoder.weight', features, d, 'encoder'),
    encoderBias: await weights.vector('latent_bias', features, 'encoder bias'),
    decoder: await weights.columns('decoder.weight', features, d, 'decoder'),
    decoderBias: await weights.vector('pre_bias', d, 'decoder bias, subtracted from the input too'),
    subtractDecoderBias: true,
  };
  weights.leave(statistics, 'statistics of training');
  weights.requireAllTaken();
  const place = placeOf(tensors.file);
  if (activation.kind === 'relu') return { sae, assumptions: weights.assumptions, ...place };
  weights.assume(
    'activation TopK',
    'input of mean 0 and SD 1',
    `${openai.title} normalises for TopK, and only then`,
  );
  return { sae: { ...sae, inputNorm: 'layer-norm' }, assumptions: weights.assumptions, ...place };
}

/** @throws input.format where the file does not say, or names another */
function activationOf(
  { file, values, format }: TensorFile,
  weights: WeightReader,
  features: number,
): Activation {
  const wrong = (field: string, found: PlainValue | undefined, expected: string) =>
    new ReseedError('input.format', 'it is not clear how it turns pre-activations into codes', {
      file,
      field,
      found: described(found),
      expected,
    });
  const { activation: name, activation_state_dict: settings } = mapOf(values);
  if (name === undefined && format === 'torch') {
    weights.assume('activation', 'ReLU', `nothing is said, which ${openai.title} reads so`);
    return { kind: 'relu' };
  }
  if (name === 'ReLU') return { kind: 'relu' };
  if (name !== 'TopK') throw wrong('activation', name, 'ReLU or TopK, which its .pt files name');
  const { k: kept, postact_fn: after } = mapOf(settings);
  const k = requireK(typeof kept === 'number' ? kept : undefined, features, file, 'activation_state_dict.k');
  if (after === 'ReLU' || after === 'Identity') return { kind: 'topk', k, relu: after === 'ReLU' };
  throw wrong('activation_state_dict.postact_fn', after, 'ReLU or Identity');
}

function described(value: PlainValue | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  return typeof value === 'object' ? 'something that is no name or number' : String(value);
}

/** Names of places in GPT-2 small, as its folders have them and as TransformerLens does. */
const places: Readonly<Record<string, (layer: string) => string>> = {
  mlp_post_act: (layer) => `blocks.${layer}.mlp.hook_post`,
  resid_delta_attn: (layer) => `blocks.${layer}.hook_attn_out`,
  resid_post_attn: (layer) => `blocks.${layer}.hook_resid_mid`,
  resid_delta_mlp: (layer) => `blocks.${layer}.hook_mlp_out`,
  resid_post_mlp: (layer) => `blocks.${layer}.hook_resid_post`,
};

const published = /(?:^|[/\\])([a-z]+_[a-z]+_[a-z]+)(?:_v\d\w*)?[/\\]autoencoders[/\\](\d+)\.pt$/;

/** What `<place>[_version]/autoencoders/<layer>.pt` tells, the name that they are published under. */
function placeOf(file: string): Pick<ReadSae, 'hookName' | 'origin'> {
  const [, place, layer] = published.exec(file) ?? [];
  if (place === undefined || !Object.hasOwn(places, place)) return {};
  return { hookName: places[place](layer), origin: { layer: Number(layer) } };
}
