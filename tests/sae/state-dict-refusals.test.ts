// Plain state dicts that stay open: what is refused, and that what the refusal advises works.
import { describe, expect, it } from 'vitest';
import type { StatedSettings } from '../../src/sae/stated-settings.js';
import {
  type Beside,
  decoder,
  encoder,
  encoderBias,
  layers,
  matrices,
  read,
  refusal,
  relu,
  type Tensors,
  turned,
  under,
} from './state-dict-cases.js';

describe('refuses, with what is missing', () => {
  const { b_enc: _, b_dec: __, ...bare } = matrices;

  it.each<[string, Tensors, Beside, RegExp]>([
    [
      'an unknown activation',
      layers,
      {},
      /architecture, decoder\.bias: the file alone does not tell how to read it/,
    ],
    [
      'a bias that may be subtracted',
      matrices,
      { stated: { architecture: 'relu' } },
      /, b_dec: .*whether b_dec is subtracted from the input \(--subtract-decoder-bias yes or no/,
    ],
    ['thresholds beside such a bias', { ...matrices, threshold: [1, 1, 1, 1] }, {}, /, b_dec: /],
    [
      'no lengths to tell F from d',
      bare,
      { values: relu },
      /W_enc, W_dec: .*which axis of W_enc, W_dec counts features/,
    ],
    [
      'TopK without k',
      layers,
      { stated: { architecture: 'topk', subtractDecoderBias: false } },
      /, --k or k beside the weights: .*found nothing/,
    ],
    [
      'BatchTopK without a threshold',
      layers,
      { values: { ...relu, architecture: 'batch_topk' } },
      /tensor threshold/,
    ],
    [
      'an activation it cannot read',
      layers,
      { values: { activation: 'softplus' } },
      /activation: .*found softplus.*--ignore activation and --architecture/,
    ],
    [
      'an activation named as what every object has',
      layers,
      { values: { activation: 'constructor' } },
      /activation: .*found constructor/,
    ],
    [
      'settings that contradict each other',
      layers,
      { values: { ...relu, config: { activation: 'topk' } } },
      /found relu, topk/,
    ],
    ['another k than the tensor', { ...matrices, k: 2 }, { values: { k: 3 } }, /, k: .*found 3; expected 2/],
    ['tensors it does not know', { ...layers, scale: [1] }, { values: relu }, /tensor scale/],
    [
      'two SAEs in one file',
      { ...under('a/', layers), ...under('b/', layers) },
      { values: relu },
      /more than one SAE; found 2: \/saes\/sae\.pt#a, \/saes\/sae\.pt#b;/,
    ],
    [
      'one without a decoder',
      { 'encoder.weight': encoder, 'encoder.bias': encoderBias },
      { values: relu },
      /not an SAE of a known layout/,
    ],
    [
      'settings that change what is computed',
      layers,
      { configs: { 'cfg.json': { ...relu, normalize_activations: true } } },
      /setting normalize_activations: it changes what is computed: it normalises the input; found true/,
    ],
    [
      'settings that are an object',
      layers,
      { values: { ...relu, cfg: { __class__: 'tool.Config', d_in: 2 } } },
      /cfg: they are an object .*found tool\.Config.*--ignore cfg/,
    ],
    [
      'names that only end alike',
      { 'text_encoder.weight': encoder, 'text_decoder.weight': turned(decoder) },
      { values: relu },
      /not an SAE of a known layout/,
    ],
    [
      'a pickled model',
      { '_modules/encoder/_parameters/weight': encoder },
      { values: { __class__: 'torch.nn.Linear' } },
      /found an object of torch\.nn\.Linear; expected the state dict/,
    ],
  ])('%s', async (_, state, beside, message) => {
    expect(await refusal(state, beside)).toMatch(message);
  });

  it.each<[string, Tensors, Beside, StatedSettings, RegExp, StatedSettings]>([
    [
      'a tensor k',
      { ...matrices, k: 2 },
      {},
      { architecture: 'relu' },
      /--architecture: .*found tensor k; expected relu, as stated; --architecture topk, or --ignore k/,
      { architecture: 'topk' },
    ],
    [
      'k beside the weights',
      matrices,
      { values: { config: { k: 2 } } },
      { architecture: 'relu', subtractDecoderBias: true },
      /found k 2; .*--ignore k/,
      { architecture: 'relu', subtractDecoderBias: true, ignore: ['k'] },
    ],
    [
      'a threshold',
      { ...matrices, threshold: [1, 1, 1, 1] },
      {},
      { architecture: 'relu', subtractDecoderBias: true },
      /found tensor threshold; expected relu, as stated; --architecture jumprelu or batchtopk/,
      { architecture: 'jumprelu', subtractDecoderBias: true },
    ],
    [
      'a threshold of each feature',
      { ...matrices, threshold: [1, 1, 1, 1] },
      {},
      { architecture: 'batchtopk', subtractDecoderBias: true },
      /tensor threshold: .*found \[4\]; expected a single number, or --architecture jumprelu/,
      { architecture: 'jumprelu', subtractDecoderBias: true },
    ],
    [
      'another architecture beside the weights',
      layers,
      { values: relu },
      { architecture: 'topk', k: 1 },
      /--architecture: .*found relu, beside the weights; expected topk, as stated/,
      { architecture: 'relu' },
    ],
    [
      'nothing of how it encodes',
      layers,
      {},
      {},
      /--architecture relu, .*topk or abstopk with --k.*--subtract-decoder-bias yes or no/,
      { architecture: 'topk', k: 2, subtractDecoderBias: false },
    ],
    [
      'no k',
      layers,
      {},
      { architecture: 'topk', subtractDecoderBias: false },
      /--k or k beside the weights/,
      { architecture: 'topk', subtractDecoderBias: false, k: 1 },
    ],
  ])('%s, and what it advises works', async (_, state, beside, stated, message, advised) => {
    expect(await refusal(state, { ...beside, stated })).toMatch(message);
    expect((await read(state, { ...beside, stated: advised })).sae.architecture).toBe(advised.architecture);
  });

  it.each<[StatedSettings, string]>([
    [{ architecture: 'topk' }, '--architecture'],
    [{ k: 3 }, '--k'],
    [{ subtractDecoderBias: true }, '--subtract-decoder-bias'],
  ])('%o, where the file says otherwise', async (stated, field) => {
    await expect(read(matrices, { values: relu, stated })).rejects.toMatchObject({
      code: 'usage.argument',
      details: { file: '/saes/sae.pt', field },
    });
  });
});
