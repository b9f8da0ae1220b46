// The layout of OpenAI's sparse_autoencoder by hand: its two activations, what the path tells, and what is refused.
import { describe, expect, it } from 'vitest';
import type { PlainMap } from '../../src/formats/tensor-file.js';
import { readSae } from '../../src/sae/read-sae.js';
import { checkpointOf, outputOf, type Values, type Written } from './memory-checkpoint.js';

const tensors: Record<string, Values> = {
  pre_bias: [1, 2],
  latent_bias: [0, 0.5, 0],
  'encoder.weight': [
    [1, 0],
    [0, 1],
    [-1, -1],
  ],
  'decoder.weight': [
    [1, 0, 5],
    [0, 2, 5],
  ],
  stats_last_nonzero: [1, 2, 3],
  latents_activation_frequency: [0.1, 0.2, 0.3],
  latents_mean_square: [1, 1, 1],
};

/** What torch.save leaves of an SAE that keeps the k largest. */
const topk = (k: unknown, after: string): PlainMap => {
  const settings = { k, postact_fn: after } as PlainMap;
  return {
    activation: 'TopK',
    activation_state_dict: settings,
    'activation.k': 7,
    'activation.postact_fn': '',
  };
};

async function read(values: Written['values'] = {}, change: Partial<Written> = {}) {
  return readSae(await checkpointOf({ file: 'sae.pt', tensors, format: 'torch', values, ...change }));
}

const x = [4, 1];

describe('ReLU', () => {
  it.each<[string, PlainMap]>([
    ['named', { activation: 'ReLU', activation_state_dict: {} }],
    ['not named', {}],
  ])('%s: of x − pre_bias = (3, −1), as it came in', async (_, values) => {
    const { sae, assumptions } = await read(values);
    expect(await outputOf(sae, x)).toEqual({ codes: [3, 0, 0], reconstruction: [4, 2] });
    expect(assumptions.some(({ of }) => of === 'activation')).toBe(values['activation'] === undefined);
  });
});

describe('TopK', () => {
  // μ = 2.5 and σ = 4.5^½, so that x₁ is (r, −r) with r = 1/√2, and p is (r − 1, −r − 1.5, 3).
  const sigma = Math.sqrt(4.5);
  const r = Math.SQRT1_2;
  it.each<[string, string, number[], number[]]>([
    ['ReLU', 'follows the choice of k', [0, 0, 3], [16, 17]],
    ['Identity', 'keeps the sign of what is chosen', [r - 1, 0, 3], [16 + r - 1, 17]],
  ])('%s %s, of the normalised input', async (after, _, codes, normalised) => {
    const { sae } = await read(topk(2, after));
    const output = await outputOf(sae, x);
    for (const [i, code] of codes.entries()) expect(output.codes[i]).toBeCloseTo(code, 4);
    for (const [j, value] of normalised.entries())
      expect(output.reconstruction[j]).toBeCloseTo(value * sigma + 2.5, 3);
  });

  it('says that it normalises', async () => {
    const { assumptions } = await read(topk(2, 'ReLU'));
    expect(assumptions).toContainEqual(expect.objectContaining({ taken: 'input of mean 0 and SD 1' }));
  });
});

it('reads the first files, which count nothing but the last use of a feature', async () => {
  const { latents_activation_frequency: _, latents_mean_square: __, ...first } = tensors;
  const { sae } = await read({}, { tensors: first });
  expect(sae.activation.kind).toBe('relu');
});

it.each([
  ['/blob/resid_delta_mlp_v5_32k/autoencoders/7.pt', { layer: 7 }, 'blocks.7.hook_mlp_out'],
  ['/blob/mlp_post_act/autoencoders/0.pt', { layer: 0 }, 'blocks.0.mlp.hook_post'],
  ['resid_post_attn_v5_128k/autoencoders/11.pt', { layer: 11 }, 'blocks.11.hook_resid_mid'],
  ['/blob/any_other_place/autoencoders/7.pt', {}, undefined],
  ['/blob/7.pt', {}, undefined],
])('knows where %s reads', async (file, place, hook) => {
  const { origin, hookName } = await read({}, { file });
  expect(origin).toEqual({ format: 'openai', path: file, ...place });
  expect(hookName).toBe(hook);
});

describe('refusing', () => {
  it.each<[string, Written['values'], RegExp]>([
    [
      'an activation of another name',
      { activation: 'Tanh' },
      /activation: .*found Tanh; expected ReLU or TopK/,
    ],
    ['one that is dense', { activation: 'Identity' }, /found Identity; expected ReLU or TopK/],
    ['one that is no name', { activation: ['TopK'] }, /found something that is no name or number/],
    [
      'TopK without its k',
      { activation: 'TopK' },
      /activation_state_dict\.k: .*found nothing; .*from 1 to 3/,
    ],
    ['a k beyond the features', topk(4, 'ReLU'), /found 4; expected a whole number from 1 to 3/],
    ['a k that is no whole number', topk(1.5, 'ReLU'), /found 1\.5;/],
    ['another function after it', topk(2, 'TopK'), /postact_fn: .*found TopK; expected ReLU or Identity/],
  ])('%s', async (_, values, message) => {
    await expect(read(values)).rejects.toThrow(message);
  });

  it('a copy of the tensors alone, which has lost the activation', async () => {
    const copy = read({}, { format: 'safetensors', file: 'sae.safetensors' });
    await expect(copy).rejects.toThrow(/activation: .*found nothing; expected ReLU or TopK, which its \.pt/);
  });

  it.each<[string, Record<string, Values>, RegExp]>([
    ['another tensor', { threshold: [1, 2, 3] }, /tensor threshold: it holds tensors that OpenAI/],
    [
      'a decoder stored as rows',
      { 'decoder.weight': tensors['encoder.weight'] },
      /decoder\.weight: .*\[2 × 3\]/,
    ],
    ['a bias of the wrong width', { pre_bias: [1, 2, 3] }, /pre_bias: .*found \[3\]; expected \[2\]/],
  ])('%s', async (_, change, message) => {
    await expect(read({}, { tensors: { ...tensors, ...change } })).rejects.toThrow(message);
  });
});
