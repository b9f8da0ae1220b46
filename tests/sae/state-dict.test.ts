// Plain state dicts by hand: names and where they stand, which way round tensors are, and how they say what is computed.
import { describe, expect, it } from 'vitest';
import { outputOf } from './memory-checkpoint.js';
import {
  type Beside,
  codesOf,
  decoder,
  encoder,
  layers,
  matrices,
  read,
  refusal,
  relu,
  type Tensors,
  turned,
  under,
  x,
} from './state-dict-cases.js';

describe('names', () => {
  it.each([
    '',
    'module.',
    '_orig_mod.',
    'sae.',
    'state_dict/',
    'state_dict/model.sae.',
    'checkpoint/model/',
  ])('are found after %j', async (prefix) => {
    expect(await codesOf(under(prefix, layers), { values: relu })).toEqual([4, 5.5, 5, 0]);
    expect(await codesOf(under(prefix, matrices), { values: relu })).toEqual([4, 5.5, 5, 0]);
  });

  it('are let be beside what is not the SAE’s', async () => {
    const optimiser = { 'optimizer/state/0/exp_avg': [1, 2] };
    expect(await codesOf({ ...under('model/', layers), ...optimiser }, { values: relu })).toEqual([
      4, 5.5, 5, 0,
    ]);
  });

  it.each([
    ['enc.weight', 'enc.bias', 'dec.weight', 'dec.bias'],
    ['encoder.weight', 'b_enc', 'decoder.weight', 'b_dec'],
  ])('%s, %s, %s and %s are usual', async (...names) => {
    const state = Object.fromEntries(Object.values(layers).map((values, i) => [names[i], values]));
    expect(await codesOf(state, { values: relu })).toEqual([4, 5.5, 5, 0]);
  });

  it('may leave biases out', async () => {
    const { b_enc: _, b_dec: __, ...bare } = matrices;
    const configs = { 'config.json': { d_sae: 4, activation: 'ReLU' } };
    const { sae } = await read(bare, { configs });
    expect(await outputOf(sae, x)).toEqual({ codes: [4, 5, 9, 0], reconstruction: [31, 46] });
  });
});

describe('the way round', () => {
  it.each<[string, Tensors]>([
    ['W_enc [F, d]', { ...matrices, W_enc: encoder }],
    ['W_dec [d, F]', { ...matrices, W_dec: turned(decoder) }],
    ['both', { ...matrices, W_enc: encoder, W_dec: turned(decoder) }],
  ])('%s is told by the lengths of biases', async (_, state) => {
    expect(await outputOf((await read(state, { values: relu })).sae, x)).toEqual({
      codes: [4, 5.5, 5, 0],
      reconstruction: [20, 33],
    });
  });

  it.each<[string, Tensors, Record<string, unknown>, RegExp]>([
    ['a layer that is not [out × in]', { ...layers, 'encoder.weight': turned(encoder) }, relu, /do not fit/],
    ['a bias of another length', { ...matrices, b_enc: [0, 0, 0] }, relu, /\[4 × 2\], b_enc of 3 features/],
    ['settings of another width', matrices, { ...relu, d_in: 3 }, /settings of 3 width/],
  ])('%s is refused', async (_, state, values, message) => {
    expect(await refusal(state, { values })).toMatch(message);
  });
});

describe('what it computes', () => {
  it.each<[string, Tensors, Beside, number[]]>([
    [
      'settings in the file',
      matrices,
      { values: { config: { architecture: 'TopKSAE', k: 1 }, ...{ apply_b_dec_to_input: true } } },
      [0, 3.5, 0, 0],
    ],
    [
      'settings beside it',
      matrices,
      { configs: { 'cfg.json': { ...relu, apply_b_dec_to_input: true } } },
      [3, 3.5, 2, 0],
    ],
    [
      'metadata, which is text',
      matrices,
      { values: { architecture: 'topk', k: '2', apply_b_dec_to_input: 'false' } },
      [0, 5.5, 5, 0],
    ],
    [
      'what is stated',
      layers,
      { stated: { architecture: 'topk', k: 1, subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'a threshold of each feature',
      { ...matrices, threshold: [4, 5, 1, -9] },
      { stated: { subtractDecoderBias: false } },
      [0, 5.5, 5, 0],
    ],
    [
      'a bias of zeros, which is neither',
      { ...matrices, b_dec: [0, 0] },
      { stated: { architecture: 'relu' } },
      [4, 5.5, 5, 0],
    ],
    [
      'a single threshold, which is BatchTopK’s',
      { ...matrices, threshold: 3 },
      { stated: { architecture: 'batchtopk', subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'a single threshold, of which nothing is stated',
      { ...matrices, threshold: 3 },
      { stated: { subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'JumpReLU where it is stated, with one threshold and a k',
      { ...matrices, threshold: [3], k: 2 },
      { stated: { architecture: 'jumprelu', subtractDecoderBias: true } },
      [0, 3.5, 0, 0],
    ],
    [
      'TopK where it is stated, with a threshold too',
      { ...matrices, threshold: 3, k: 2 },
      { stated: { architecture: 'topk' } },
      [3, 3.5, 0, 0],
    ],
    ['SAEBench’s TopK', { ...matrices, k: 2 }, {}, [3, 3.5, 0, 0]],
    ['SAEBench’s BatchTopK', { ...matrices, k: 2, threshold: 3 }, {}, [0, 3.5, 0, 0]],
  ])('is told by %s', async (_, state, beside, codes) => {
    expect(await codesOf(state, beside)).toEqual(codes);
  });

  it('is told by gate_bias and b_mag for SAEBench’s Gated', async () => {
    const { b_enc, ...rest } = matrices;
    const gated = { ...rest, gate_bias: b_enc, b_mag: [-1, 0, -5, 9], r_mag: [0, 0, 0, 0] };
    expect(await codesOf(gated)).toEqual([2, 3, 1, 0]);
  });

  it('is not asked where directions are compared alone', async () => {
    const { sae, origin } = await read(matrices, { values: { seed: 5 }, stated: { weightsOnly: true } });
    expect(sae).toMatchObject({ architecture: 'unknown', activation: { kind: 'unknown' } });
    expect([[...sae.decoder.data], origin.initSeed]).toEqual([decoder.flat(), 5]);
    await expect(outputOf(sae, x)).rejects.toThrow(
      /--architecture: how this SAE encodes is not in its files/,
    );
    // What is known is kept.
    expect((await read(layers, { values: relu, stated: { weightsOnly: true } })).sae.architecture).toBe(
      'relu',
    );
  });

  it('comes with seed, layer and place where they stand beside the weights', async () => {
    const config = { seed: 3, layer: 4, hook_name: 'blocks.4.hook_mlp_out' };
    const { origin, hookName } = await read(matrices, { values: { ...relu, config } });
    expect(origin).toMatchObject({ format: 'state-dict', initSeed: 3, layer: 4 });
    expect(hookName).toBe('blocks.4.hook_mlp_out');
  });
});
