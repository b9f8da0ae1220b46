// What is refused of the layouts of single tools, and of what `convert` writes.
import {
  type Case,
  cfg,
  compared,
  converted,
  d,
  drawn,
  encoded,
  features,
  layers,
  number,
  onX,
  plain,
  read,
  told,
  withX,
} from './case.js';

const alone = (path: string): Case => ({
  problem: '',
  files: { 'x.safetensors': [{ x: drawn(20, path.includes('cross') ? 24 : 8) }] },
  command: `compare %${path} %${path} --activations @x.safetensors`,
  advice: /no --activations: its directions can be compared alone/,
  followed: `compare %${path} %${path}`,
  outcome: compared,
});

function openmoss(norm: string) {
  const common = {
    d_model: d,
    expansion_factor: features / d,
    d_sae: features,
    act_fn: 'relu',
    norm_activation: norm,
  };
  return { ...common, hook_point_in: 'blocks.1.hook_resid_post' };
}

export const cases: readonly Case[] = [
  {
    problem: 'its TopKSAE and BatchTopKSAE have the same tensors',
    files: { 'x.safetensors': [{ x: drawn(20, 8) }] },
    command: 'inspect %interplm/topk/ae_normalized.pt --activations @x.safetensors',
    advice: /--architecture topk or batchtopk/,
    followed: '@= --architecture topk',
    outcome: encoded,
  },
  {
    problem: 'AutoEncoderTopK and BatchTopKSAE have the same tensors',
    files: withX({ ...layers, b_dec: drawn(d), k: number(2), threshold: number(-1) }),
    command: onX,
    advice: /--architecture topk or batchtopk/,
    followed: '@= --architecture topk',
    outcome: encoded,
  },
  {
    problem: 'the encoder has another width',
    files: {
      ...withX({ ...layers, bias: drawn(d) }),
      'config.json': { json: { trainer: { dict_class: 'AutoEncoder', dict_size: 5 } } },
    },
    command: onX,
    advice: /trainer\.dict_size: .*found 5; expected 4/,
    mended: { 'config.json': { json: { trainer: { dict_class: 'AutoEncoder', dict_size: 4 } } } },
    outcome: encoded,
  },
  {
    problem: 'message',
    files: {
      ...withX({
        'encoder.weight': drawn(features, d),
        'encoder.bias': drawn(features),
        W_dec: drawn(features, d),
        b_dec: drawn(d),
      }),
      'cfg.json': { json: { d_in: d, k: -1, num_latents: features } },
    },
    command: onX,
    advice: /cfg\.json, k: .*found -1/,
    mended: { 'cfg.json': { json: { d_in: d, k: 1, num_latents: features } } },
    outcome: encoded,
  },
  {
    problem: 'how many features it keeps is not in the weights',
    files: withX({
      'encoder.weight': drawn(features, d),
      'encoder.bias': drawn(features),
      W_dec: drawn(features, d),
      b_dec: drawn(d),
    }),
    command: onX,
    advice: /expected the one that sparsify writes beside them, with d_in, k and activation/,
    mended: { 'cfg.json': { json: { d_in: d, k: 2, num_latents: features, activation: 'topk' } } },
    outcome: encoded,
  },
  {
    problem: 'it is an activation function that cannot be read',
    files: { ...withX(plain), 'cfg.json': { json: { ...cfg, activation_fn_str: 'tanh-relu' } } },
    command: onX,
    advice: /activation_fn_str: .*expected relu or topk/,
    mended: { 'cfg.json': { json: { ...cfg, activation_fn_str: 'relu' } } },
    outcome: encoded,
  },
  {
    problem: 'how its input was normalised is not in the file',
    files: {
      ...withX(plain),
      'cfg.json': { json: { ...cfg, normalize_activations: 'expected_average_only_in' } },
    },
    command: onX,
    advice: /activation_scaler\.json with scaling_factor beside it, .*; or none, after/,
    mended: { 'activation_scaler.json': { json: { scaling_factor: 2 } } },
    outcome: encoded,
  },
  {
    problem: 'what its input is multiplied with is not in the files',
    files: {
      ...withX({ W_E: drawn(d, features), b_E: drawn(features), W_D: drawn(features, d), b_D: drawn(d) }),
      'config.json': { json: openmoss('dataset-wise') },
    },
    command: onX,
    advice: /or norm_activation inference after they are folded in/,
    mended: { 'config.json': { json: openmoss('inference') } },
    outcome: encoded,
  },
  {
    problem: 'its features are no directions, which could be compared',
    files: {
      ...withX({ W_E: drawn(d, features), b_E: drawn(features), W_D: drawn(features, d), b_D: drawn(d) }),
      'config.json': { json: { ...openmoss('inference'), sae_type: 'molt' } },
    },
    command: onX,
    advice: /found molt; expected sae, crosscoder, clt, lorsa/,
    mended: { 'config.json': { json: { ...openmoss('inference'), sae_type: 'sae' } } },
    outcome: encoded,
  },
  {
    ...alone('openmoss/batch-wise'),
    problem: 'the norm of its input is that of a whole batch, which no row tells',
  },
  {
    ...alone('openmoss/batchtopk'),
    problem: 'it chooses features over a whole batch, or over all layers, and no threshold is in the files',
  },
  {
    ...alone('openmoss/batchtopk'),
    problem: 'it chooses features over a whole batch, or over all layers, and no threshold is in the files',
    advice: /--architecture topk, which keeps 4 of each row/,
    followed: '@= --architecture topk',
  },
  { ...alone('openmoss/glu'), problem: 'a gate multiplies its pre-activations, which is not read' },
  {
    ...alone('openmoss/lorsa'),
    problem: 'its codes come from all positions of a sequence by attention, and not from rows',
  },
  {
    ...alone('openmoss/crosscoder-jumprelu'),
    problem:
      'each of its models keeps or drops a feature by itself, so that features have more codes than one',
  },
  {
    ...alone('openmoss/crosscoder-token-wise'),
    problem: 'activations of each model are normalised by themselves, and here they stand side by side',
  },
  { ...alone('overcomplete/mlp-encoder/sae.pt'), problem: 'its encoder is more than one linear layer' },
  { ...alone('overcomplete/quantised/sae.pt'), problem: 'how it makes codes is not in the file' },
  {
    ...alone('overcomplete/relu/sae.pt'),
    problem: 'how it makes codes is not in the file',
    advice: /--architecture relu, or --architecture topk with --k; or no --activations/,
    followed: '@= --architecture topk --k 3',
  },
  {
    problem: 'how its dictionary is normalised is not in the file',
    files: {},
    command: 'convert %overcomplete/identity/sae.pt --to saelens @out --architecture topk --k 4',
    advice: /a whole module saved after eval\(\)/,
    followed: 'convert %overcomplete/identity-whole/sae.pt --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'it goes farther from its archetypes than its delta, which is not in the file',
    files: {},
    command: 'convert %overcomplete/archetypal-far/sae.pt --to saelens @out --architecture topk --k 4',
    advice: /or a whole module saved after eval\(\)/,
    followed: 'convert %overcomplete/archetypal-whole/sae.pt --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'SAELens has no architecture for this SAE',
    files: {},
    command: 'convert %sparsify/groupmax/layers.3 --to saelens @out',
    advice: /--to safetensors, which keeps more/,
    followed: 'convert %sparsify/groupmax/layers.3 --to safetensors @out',
    outcome: converted,
  },
  {
    problem: 'dictionary_learning has no class for this SAE',
    files: {},
    command: 'convert %sae-lens/abstopk --to dictionary_learning @out',
    advice: /else --to safetensors/,
    followed: 'convert %sae-lens/abstopk --to safetensors @out',
    outcome: converted,
  },
  {
    problem: 'a plain state dict cannot say how this SAE encodes',
    files: {
      'a.safetensors': [{ ...plain, W_skip: drawn(d, d) }],
      'cfg.json': {
        json: { ...cfg, architecture: 'skip_transcoder', d_out: d, normalize_activations: 'layer_norm' },
      },
    },
    command: 'convert @a.safetensors --to safetensors @out',
    advice: /--to saelens/,
    followed: 'convert @a.safetensors --to saelens @out',
    outcome: converted,
  },
  {
    problem: 'no layout that is written has a router',
    files: {},
    command: 'convert %husai/variant-8/sae_final.pt --to safetensors @out',
    advice: /compare and inspect read it as it is/,
    followed: 'inspect %husai/variant-8/sae_final.pt',
    outcome: read,
  },
  {
    problem: 'the folder holds other things already',
    files: { 'a.safetensors': [plain, told], 'out/mine.txt': 'mine' },
    command: 'convert @a.safetensors --to saelens @out',
    advice: /expected a new or an empty folder/,
    followed: 'convert @a.safetensors --to saelens @new',
    outcome: converted,
  },
];
