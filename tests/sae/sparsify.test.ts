// The layout of sparsify by hand: what each field of cfg.json does, what folders tell, and what is refused.
import { describe, expect, it } from 'vitest';
import { readSae } from '../../src/sae/read-sae.js';
import { checkpointOf, outputOf, type Values } from './memory-checkpoint.js';

// With x = (4, 5), x − b_dec is (3, 3): p = (3, 3.5, 2, −3), and (4, 5.5, 5, −4) of x itself.
const x = [4, 5];
const tensors: Record<string, Values> = {
  'encoder.weight': [
    [1, 0],
    [0, 1],
    [1, 1],
    [-1, 0],
  ],
  'encoder.bias': [0, 0.5, -4, 0],
  W_dec: [
    [1, 0],
    [0, 2],
    [3, 3],
    [4, -4],
  ],
  b_dec: [1, 2],
};
const skip = {
  W_skip: [
    [0, 1],
    [2, 0],
  ],
};
/** As version 1.3 writes it. */
const config = {
  activation: 'topk',
  expansion_factor: 32,
  normalize_decoder: true,
  num_latents: 4,
  k: 2,
  multi_topk: false,
  skip_connection: false,
  transcode: false,
  d_in: 2,
};
const file = '/runs/unnamed/layers.3.mlp/sae.safetensors';

async function read(change: Record<string, unknown> = {}, more: Record<string, Values> = {}, at = file) {
  const configs = { 'cfg.json': { ...config, ...change } };
  return readSae(await checkpointOf({ file: at, tensors: { ...tensors, ...more }, configs }));
}

describe('encoding and decoding', () => {
  it.each<[string, Record<string, unknown>, Record<string, Values>, number[], number[]]>([
    ['topk', {}, {}, [3, 3.5, 0, 0], [4, 9]],
    ['groupmax', { activation: 'groupmax' }, {}, [0, 3.5, 2, 0], [7, 15]],
    ['a transcoder', { transcode: true }, {}, [0, 5.5, 5, 0], [16, 28]],
    [
      'a transcoder that skips',
      { transcode: true, skip_connection: true },
      skip,
      [0, 5.5, 5, 0],
      [16 + 5, 28 + 8],
    ],
    ['an autoencoder that skips', { skip_connection: true }, skip, [3, 3.5, 0, 0], [4 + 5, 9 + 8]],
    ['topk of more than are above 0', { k: 4 }, {}, [3, 3.5, 2, 0], [10, 15]],
    ['multi_topk, which is for training', { multi_topk: true }, {}, [3, 3.5, 0, 0], [4, 9]],
  ])('%s', async (_, change, more, codes, reconstruction) => {
    const { sae } = await read(change, more);
    expect(await outputOf(sae, x)).toEqual({ codes, reconstruction });
    expect(sae.transcoder).toBe(change['transcode']);
  });

  it('takes d_in · expansion_factor features where num_latents is 0, and says so', async () => {
    const { sae, assumptions } = await read({ num_latents: 0, expansion_factor: 2 });
    expect(sae.decoder.rows).toBe(4);
    expect(assumptions).toContainEqual({
      of: 'num_latents 0',
      taken: '4 features',
      because: 'd_in × expansion_factor 2',
    });
  });

  it('reads what the first versions wrote, and says what they left open', async () => {
    const configs = {
      'cfg.json': { expansion_factor: 2, normalize_decoder: true, k: 2, signed: false, d_in: 2 },
    };
    const { sae, assumptions } = await readSae(await checkpointOf({ file, tensors, configs }));
    expect(await outputOf(sae, x)).toEqual({ codes: [3, 3.5, 0, 0], reconstruction: [4, 9] });
    for (const [of, taken] of [
      ['activation', 'topk'],
      ['transcode', 'false'],
    ])
      expect(assumptions).toContainEqual(expect.objectContaining({ of, taken }));
  });
});

describe('where it comes from', () => {
  it.each<[string, object]>([
    ['/runs/a/layers.3.mlp/sae.safetensors', { layer: 3, hookName: 'layers.3.mlp' }],
    ['/runs/a/layers.3.mlp/seed7/sae.safetensors', { layer: 3, hookName: 'layers.3.mlp', initSeed: 7 }],
    ['/runs/a/h.11/sae.safetensors', { layer: 11, hookName: 'h.11' }],
    ['/runs/a/layer_5/sae.safetensors', { layer: 5, hookName: 'layer_5' }],
    ['/runs/a/embed_tokens/sae.safetensors', { hookName: 'embed_tokens' }],
    ['/runs/a/seed1/sae.safetensors', { initSeed: 1 }],
    ['/runs/players.3/sae.safetensors', {}],
  ])('%s', async (at, expected) => {
    const { origin, hookName } = await read({}, {}, at);
    const { format, path, ...known } = origin;
    expect({ ...known, ...(hookName === undefined ? {} : { hookName }) }).toEqual(expected);
    expect({ format, path }).toEqual({ format: 'sparsify', path: at });
  });
});

describe('refusing', () => {
  it.each<[Record<string, unknown>, Record<string, Values>, RegExp]>([
    [{ signed: 'yes' }, {}, /cfg\.json, signed: .*found "yes"/],
    [{ k: 0 }, {}, /cfg\.json, k: .*found 0/],
    [{ k: 5 }, {}, /cfg\.json, k: .*found 5; expected a whole number from 1 to 4/],
    [{ k: 3, activation: 'groupmax' }, {}, /k: .*blocks of one size; found 3, of 4 features/],
    [{ activation: 'jumprelu' }, {}, /activation: .*found "jumprelu"/],
    [{ d_in: 4 }, {}, /tensor encoder\.weight: it has the wrong shape; found \[4 × 2\]; expected \[4 × 4\]/],
    [{ num_latents: 8 }, {}, /tensor encoder\.weight: .*found \[4 × 2\]; expected \[8 × 2\]/],
    [{ num_latents: 0 }, {}, /tensor encoder\.weight: .*expected \[64 × 2\]/],
    [{ skip_connection: true }, {}, /tensor W_skip: it is not there, and sparsify has it/],
    [{}, skip, /tensor W_skip: it holds tensors that sparsify does not have/],
  ])('%j with %j', async (change, more, message) => {
    await expect(read(change, more)).rejects.toThrow(message);
  });

  it('weights without their configuration', async () => {
    await expect(checkpointOf({ file, tensors }).then(readSae)).rejects.toThrow(
      /layers\.3\.mlp\/cfg\.json: how many features it keeps is not in the weights; found no such file/,
    );
  });
});
