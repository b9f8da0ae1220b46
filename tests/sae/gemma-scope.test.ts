// The layouts of Gemma Scope by hand: the maths, what the path and the configuration tell, and what is refused.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/sae/checkpoint.js';
import { readSae } from '../../src/sae/read-sae.js';
import { checkpointOf, outputOf, type Values } from './memory-checkpoint.js';

// With x = (3, 1), p is (3, 2, −4).
const x = [3, 1];
const tensors: Record<string, Values> = {
  W_enc: [
    [1, 0, -1],
    [0, 1, -1],
  ],
  b_enc: [0, 1, 0],
  threshold: [2.5, 5, -9],
  W_dec: [
    [1, 2],
    [0, 3],
    [4, 4],
  ],
  b_dec: [10, 20],
};
const small = { ...tensors, w_enc: tensors['W_enc'], w_dec: tensors['W_dec'] } as Record<string, Values>;
delete small['W_enc'];
delete small['W_dec'];

const first = '/hub/gemma-scope-2b-pt-res/layer_12/width_16k/average_l0_71/params.npz';
const second = '/hub/gemma-scope-2-1b-pt/resid_post/layer_7_width_16k_l0_small/params.safetensors';

async function read(file: string, of?: Record<string, Values>, config?: JsonObject) {
  const format = file.endsWith('.npz') ? 'npz' : 'safetensors';
  const configs: Record<string, JsonObject> = config ? { 'config.json': config } : {};
  return readSae(
    await checkpointOf({ file, format, configs, tensors: of ?? (format === 'npz' ? tensors : small) }),
  );
}

describe('encoding and decoding', () => {
  it.each([
    ['capitals', first, tensors],
    ['small letters', first, small],
    ['the second', second, small],
  ])('of x as it is, above the thresholds and above 0: %s', async (_, file, of) => {
    const { sae } = await read(file, of);
    expect(await outputOf(sae, x)).toEqual({ codes: [3, 0, 0], reconstruction: [13, 26] });
    expect(sae.transcoder).toBeUndefined();
  });

  const transcoder: Record<string, Values> = { ...small, W_dec: [], w_dec: [[2], [3], [4]], b_dec: [7] };
  delete transcoder['W_dec'];
  const folder =
    '/hub/gemma-scope-2-1b-pt/transcoder_all/layer_7_width_16k_l0_small_affine/params.safetensors';

  it('a transcoder writes another width', async () => {
    const { sae } = await read(folder, transcoder);
    expect(await outputOf(sae, x)).toEqual({ codes: [3, 0, 0], reconstruction: [13] });
    expect(sae.transcoder).toBe(true);
  });

  it('its skip connection is stored as [d, d′]', async () => {
    const { sae } = await read(folder, { ...transcoder, affine_skip_connection: [[1], [10]] });
    expect((await outputOf(sae, x)).reconstruction).toEqual([13 + 3 + 10]);
    const square: Values = [
      [0, 1],
      [0, 0],
    ];
    const same = await read('/moved/params.safetensors', { ...small, affine_skip_connection: square });
    expect((await outputOf(same.sae, x)).reconstruction).toEqual([13, 26 + 3]);
    expect(same.sae.transcoder).toBe(true);
  });

  it('of the embedding, scaled to what enters the first layer, which is said', async () => {
    const file = '/hub/gemma-scope-2b-pt-res/embedding/width_4k/average_l0_6/params.npz';
    const { sae, hookName, assumptions } = await read(file);
    const { codes, reconstruction } = await outputOf(
      sae,
      x.map((value) => value * Math.SQRT2),
    );
    expect(codes[0]).toBeCloseTo(3, 6);
    expect(reconstruction[0]).toBeCloseTo(3 * Math.SQRT2 + 10, 5);
    expect(hookName).toBe('hook_embed');
    expect(assumptions.map(({ of }) => of)).toContain('folder embedding');
  });
});

describe('where it reads', () => {
  const config = (from: string, to = from) => ({
    architecture: 'jump_relu',
    hf_hook_point_in: from,
    hf_hook_point_out: to,
  });
  it.each<[string, JsonObject | undefined, number | undefined, string | undefined, true | undefined]>([
    [first, undefined, 12, 'blocks.12.hook_resid_post', undefined],
    [first.replace('-res', '-att'), undefined, 12, 'blocks.12.attn.hook_z', undefined],
    [first.replace('-res', '-mlp'), undefined, 12, 'blocks.12.hook_mlp_out', undefined],
    [first.replace('-res', '-transcoders'), undefined, 12, 'blocks.12.ln2.hook_normalized', true],
    [first.replace('-res/', '-res/snapshots/abc/'), undefined, 12, 'blocks.12.hook_resid_post', undefined],
    ['/moved/layer_3/width_16k/average_l0_71/params.npz', undefined, 3, undefined, undefined],
    ['/moved/params.npz', undefined, undefined, undefined, undefined],
    ['/transcoders/mine/params.npz', undefined, undefined, undefined, undefined],
    [second, undefined, 7, 'blocks.7.hook_resid_post', undefined],
    [second.replace('resid_post', 'attn_out_all'), undefined, 7, 'blocks.7.attn.hook_z', undefined],
    [second.replace('resid_post', 'transcoder'), undefined, 7, 'blocks.7.hook_mlp_in', true],
    ['/moved/params.npz', config('model.layers.4.output'), 4, 'blocks.4.hook_resid_post', undefined],
    ['/moved/params.npz', config('model.layers.4.constructor'), 4, undefined, undefined],
    [
      '/moved/params.npz',
      config(
        'model.layers.4.pre_feedforward_layernorm.output',
        'model.layers.4.post_feedforward_layernorm.output',
      ),
      4,
      'blocks.4.hook_mlp_in',
      true,
    ],
  ])('%s with %j', async (file, beside, layer, hook, transcoder) => {
    const { sae, hookName, origin } = await read(file, undefined, beside);
    expect(origin).toEqual({ format: 'gemma-scope', path: file, ...(layer === undefined ? {} : { layer }) });
    expect(hookName).toBe(hook);
    expect(sae.transcoder).toBe(transcoder);
  });

  it('says so where nothing tells that it is no transcoder', async () => {
    const { assumptions } = await read('/moved/params.npz');
    expect(assumptions).toContainEqual(expect.objectContaining({ of: 'what it reconstructs' }));
    expect((await read(first)).assumptions).not.toContainEqual(
      expect.objectContaining({ of: 'what it reconstructs' }),
    );
  });
});

describe('refusing', () => {
  it.each<[string, Record<string, Values>, JsonObject, RegExp]>([
    ['another architecture', small, { architecture: 'topk' }, /config\.json, architecture: .*found "topk"/],
    [
      'a skip connection that is not there',
      small,
      { affine_connection: true },
      /tensor affine_skip_connection: it is/,
    ],
    [
      'one that the configuration denies',
      { ...small, affine_skip_connection: tensors['W_dec'] },
      { affine_connection: false },
      /tensor affine_skip_connection: it holds tensors that Gemma Scope does not have/,
    ],
    [
      'a decoder the other way round',
      { ...small, w_dec: tensors['W_enc'] },
      {},
      /w_dec: .*\[2 × 3\].*\[3 × 2\]/,
    ],
    [
      'one threshold for all',
      { ...small, threshold: 1 },
      {},
      /tensor threshold: .*found \[\]; expected \[3\]/,
    ],
  ])('%s', async (_, of, config, message) => {
    await expect(read('/moved/params.safetensors', of, config)).rejects.toThrow(message);
  });

  it('a cross-layer transcoder, which writes to several places', async () => {
    const { tensors: file, ...rest } = await checkpointOf({ file: second, tensors: small });
    const entries = new Map(file.tensors).set('w_dec', { name: 'w_dec', dtype: 'F32', shape: [3, 2, 2] });
    const message = /tensor w_dec: it has the wrong shape; found \[3 × 2 × 2\]/;
    await expect(readSae({ ...rest, tensors: { ...file, tensors: entries } })).rejects.toThrow(message);
  });
});
