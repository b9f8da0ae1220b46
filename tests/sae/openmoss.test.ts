// SAEs of OpenMOSS by hand: what is multiplied with what, where the settings stand, and what is refused. Whole checkpoints are
// held against the package and its source in peers.test.ts.
import { describe, expect, it } from 'vitest';
import { readSae } from '../../src/sae/read-sae.js';
import { checkpointOf, outputOf } from './memory-checkpoint.js';

const settings = {
  hook_point_in: 'blocks.7.hook_resid_post',
  d_model: 4,
  d_sae: 2,
  expansion_factor: 0.5,
  act_fn: 'jumprelu',
  jump_relu_threshold: 3,
  norm_activation: 'dataset-wise',
  dataset_average_activation_norm: { in: 4, out: 8 },
  sparsity_include_decoder_norm: false,
  apply_decoder_bias_to_pre_encoder: false,
  seed: 5,
};
// s = √4/4 = 1/2 of the input, 1/4 of the output.
const layers = {
  'encoder.weight': [
    [1, 0, 0, 0],
    [0, 1, 0, 0],
  ],
  'encoder.bias': [1, 1],
  'decoder.weight': [
    [2, 0],
    [0, 3],
    [0, 0],
    [0, 0],
  ],
  'decoder.bias': [1, 0, 0, 0],
};

const read = async (changes: object, config = 'hyperparams.json', tensors: object = layers) =>
  readSae(
    await checkpointOf({
      file: '/saes/L7R/sae.safetensors',
      tensors: tensors as typeof layers,
      configs: { [config]: { ...settings, ...changes } },
    }),
  );

describe('of 2024', () => {
  it('has codes, and a threshold, of activations as they are', async () => {
    const { sae, origin, hookName } = await read({});
    // p = W·x + b/s = (2, 5): D·s_in/s_out is (4, 6), b_d/s_out is 4.
    expect(await outputOf(sae, [0, 3, 0, 0])).toEqual({ codes: [0, 5], reconstruction: [4, 30, 0, 0] });
    expect(origin).toMatchObject({ format: 'openmoss', layer: 7, initSeed: 5 });
    expect(hookName).toBe('blocks.7.hook_resid_post');
  });

  it('has decoder rows of length 1 where lengths count', async () => {
    const { sae } = await read({ sparsity_include_decoder_norm: true, jump_relu_threshold: 9 });
    // p times (4, 6): 8 stays below the threshold.
    expect(await outputOf(sae, [0, 3, 0, 0])).toEqual({ codes: [0, 30], reconstruction: [4, 30, 0, 0] });
  });

  it('subtracts the bias unless it says otherwise', async () => {
    const { apply_decoder_bias_to_pre_encoder: _, ...rest } = settings;
    const checkpoint = await checkpointOf({
      file: '/saes/sae.safetensors',
      tensors: layers,
      configs: { 'hyperparams.json': rest },
    });
    expect((await readSae(checkpoint)).sae.subtractDecoderBias).toBe(true);
  });
});

describe('of now', () => {
  const config = 'config.json';
  const logs = { ...layers, log_jumprelu_threshold: [Math.log(2), Math.log(8)] };

  it('has codes of scaled activations, and a threshold of each feature', async () => {
    const { sae } = await read({ apply_decoder_bias_to_pre_encoder: undefined }, config, logs);
    // p = W·x/2 + b = (4, 2.5), of which 2.5 is not above 8; then times 1/s_out.
    expect(await outputOf(sae, [6, 3, 0, 0])).toEqual({ codes: [4, 0], reconstruction: [36, 0, 0, 0] });
  });

  it('holds p times the length of a decoder row against it where lengths count', async () => {
    const { sae } = await read({ sparsity_include_decoder_norm: true }, config, logs);
    // 2.5 times 3 is not above 8, and 3 times 3 is.
    expect((await outputOf(sae, [0, 3, 0, 0])).codes[1]).toBe(0);
    expect((await outputOf(sae, [0, 4, 0, 0])).codes[1]).toBe(3);
  });

  it('takes the mean norms from the tensors where they stand there', async () => {
    const hook = 'dataset_average_activation_norm.blocks.7.hook_resid_post';
    const { sae } = await read({ dataset_average_activation_norm: undefined }, config, {
      ...logs,
      [hook]: 4,
    });
    expect((await outputOf(sae, [6, 3, 0, 0])).codes).toEqual([4, 0]);
  });
});

describe('refuses', () => {
  it.each([
    [
      'what its input is multiplied with',
      { dataset_average_activation_norm: null },
      /mean norms of its input/,
    ],
    [
      'a mixture of linear transforms',
      { sae_type: 'molt' },
      /sae_type: its features are no directions.*found molt; expected sae, crosscoder, clt, lorsa/,
    ],
    [
      'batch-wise norms',
      { norm_activation: 'batch-wise' },
      /norm_activation: .*norm of its input is that of a whole batch/,
    ],
    [
      'gated linear units',
      { use_glu_encoder: true },
      /use_glu_encoder: a gate multiplies its pre-activations/,
    ],
    ["a width that is not the weights'", { d_sae: 3 }, /tensor encoder\.weight: .*found \[2 × 4\]/],
  ])('%s', async (_, changes, message) => {
    await expect(read(changes)).rejects.toThrow(message);
  });
});
