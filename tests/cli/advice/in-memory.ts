// What is refused of values beside the tensors of a PyTorch file, which nothing here writes: checkpoints in memory.
import type { StatedSettings } from '../../../src/sae/stated-settings.js';
import type { Values, Written } from '../../sae/memory-checkpoint.js';

export interface InMemory {
  readonly problem: string;
  readonly written: Written;
  readonly advice: RegExp;
  /** What is written as the advice says, or stated. */
  readonly mended?: Partial<Written>;
  readonly stated?: StatedSettings;
}

const ofHusai = {
  'model_state_dict/encoder.weight': [
    [1, 0],
    [0, 1],
    [1, 1],
  ],
  'model_state_dict/encoder.bias': [0, 0, 0],
  'model_state_dict/decoder.weight': [
    [1, 0, 1],
    [0, 1, 1],
  ],
};

const husai = { d_model: 2, d_sae: 3, k: 2 };

const router = (groups: number) => ({
  'routing/router_state_dict/weight': Array.from({ length: groups }, () => [1, 0]),
  'routing/router_state_dict/bias': Array.from({ length: groups }, () => 0),
});

const small: Readonly<Record<string, Values>> = {
  'encoder.weight': [
    [1, 0],
    [0, 1],
    [1, 1],
  ],
  'encoder.bias': [0, 0, 0],
  'decoder.weight': [
    [1, 0, 1],
    [0, 1, 1],
  ],
};

const under = (prefix: string) =>
  Object.fromEntries(Object.entries(small).map(([name, value]) => [prefix + name, value]));

const pt = { file: '/a.pt', format: 'torch' } as const;

/** What stands beside tensors in a PyTorch file, which nothing here writes. */
export const inMemory: readonly InMemory[] = [
  {
    problem: 'the tensor k says otherwise',
    written: {
      ...pt,
      tensors: { ...small, b_dec: [0, 0], k: 2, threshold: -1 },
      configs: { 'config.json': { trainer: { dict_class: 'AutoEncoderTopK', k: 1 } } },
    },
    advice: /trainer\.k: .*found 1; expected 2/,
    mended: { configs: { 'config.json': { trainer: { dict_class: 'AutoEncoderTopK', k: 2 } } } },
  },
  {
    problem: 'the tensor k says otherwise',
    written: { ...pt, tensors: { ...classes(), 'model_state_dict/k': 2 }, values: { ...husai, k: 1 } },
    advice: /found 1; expected 2/,
    mended: { values: husai },
  },
  {
    problem: 'HUSAI has no such model',
    written: { ...pt, tensors: ofHusai, values: { ...husai, architecture: 'jumprelu' } },
    advice: /expected topk, relu, batchtopk, matryoshka or routed_topk/,
    mended: { values: { ...husai, architecture: 'topk' } },
  },
  {
    problem: 'it has more groups than features',
    written: {
      ...pt,
      tensors: { ...ofHusai, ...router(4) },
      values: { ...husai, architecture: 'routed_topk' },
    },
    advice: /found 4; expected at most 3/,
    mended: { tensors: { ...ofHusai, ...router(3) } },
  },
  {
    problem: 'the biases of a backup are in units that are not in the file',
    written: {
      ...pt,
      tensors: { ...under('ae/'), 'ae/bias': [0, 0] },
      values: { step: 7, config: { dict_class: 'AutoEncoder' } },
    },
    advice: /norm_factor: .*expected a positive number/,
    mended: { values: { step: 7, config: { dict_class: 'AutoEncoder' }, norm_factor: 2 } },
  },
  ...['ReLU', 'Tanh'].map((postact_fn, i): InMemory => {
    const activation_state_dict = { k: 2, postact_fn };
    return {
      problem: 'it is not clear how it turns pre-activations into codes',
      written: {
        ...pt,
        tensors: {
          'encoder.weight': small['encoder.weight'],
          'decoder.weight': small['decoder.weight'],
          pre_bias: [0, 0],
          latent_bias: [0, 0, 0],
        },
        values: { activation: i === 0 ? 'GELU' : 'TopK', activation_state_dict },
      },
      advice: i === 0 ? /activation: .*expected ReLU or TopK/ : /postact_fn: .*expected ReLU or Identity/,
      mended: { values: { activation: 'TopK', activation_state_dict: { k: 2, postact_fn: 'Identity' } } },
    };
  }),
  {
    problem: 'they are an object of another tool',
    written: { ...pt, tensors: under('state_dict/'), values: { cfg: { __class__: 'tool.Config', k: 2 } } },
    advice: /found tool\.Config; expected a dict, or --ignore cfg and flags/,
    stated: { ignore: ['cfg'], architecture: 'relu' },
  },
];

function classes(): Readonly<Record<string, Values>> {
  const encoder = [
    [1, 0, 1],
    [0, 1, 1],
  ];
  const decoder = [
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  return {
    'model_state_dict/W_enc': encoder,
    'model_state_dict/b_enc': [0, 0, 0],
    'model_state_dict/W_dec': decoder,
    'model_state_dict/b_dec': [0, 0],
  };
}
