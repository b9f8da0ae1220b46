// The layout of SAELens by hand: what is written, what comes back, and what is refused. The real package's files are
// in peers.test.ts.
import { mkdtemp, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readSafetensors } from '../../src/formats/read-safetensors.js';
import { encodeSafetensors } from '../../src/formats/safetensors.js';
import { openSae } from '../../src/sae/open-sae.js';
import type { Activation, Sae } from '../../src/sae/sae.js';
import { encodeSaelens, saelensFiles } from '../../src/sae/sources/saelens-write.js';
import { fromRows } from '../../src/tensor/index.js';
import { plain } from '../../src/training/recipes/plain.js';

const [d, features] = [3, 5];
const ramp = (from: number) => Float32Array.from({ length: features }, (_, i) => from + i / 8);

const topk: Sae = {
  architecture: 'topk',
  activation: { kind: 'topk', k: 2, relu: false },
  subtractDecoderBias: false,
  ...plain.init(1, d, features),
};
let folder: string;

async function write(sae: Sae, record = {}): Promise<void> {
  const { weights, config } = encodeSaelens(sae, 'blocks.0.hook_resid_post', record);
  await writeFile(join(folder, saelensFiles.weights), weights);
  await writeFile(join(folder, saelensFiles.config), config);
}

function configOf(hookName: string | undefined) {
  return JSON.parse(encodeSaelens(topk, hookName).config);
}

async function reconfigure(change: Record<string, unknown>): Promise<void> {
  const file = join(folder, saelensFiles.config);
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reseed-saelens-'));
  await write(topk, { key: 'abc' });
});

describe('writing', () => {
  it('stores W_enc as [d, F] and W_dec as [F, d]', async () => {
    const { tensors } = await readSafetensors(join(folder, saelensFiles.weights));
    expect(tensors.get('W_enc')?.shape).toEqual([d, features]);
    expect(tensors.get('W_dec')?.shape).toEqual([features, d]);
    expect(tensors.get('W_enc')?.data[1]).toBe(topk.encoder.data[3]);
    expect(tensors.get('W_dec')?.data[3]).toBe(topk.decoder.data[3]);
    const config = JSON.parse(await readFile(join(folder, saelensFiles.config), 'utf8'));
    expect(config).toMatchObject({ architecture: 'topk', d_in: d, d_sae: features, k: 2 });
  });

  it('says which version of the layout it is, without which SAELens drops the metadata', () => {
    expect(configOf('blocks.0.hook_resid_post').metadata.sae_lens_version).toBe('6.0.0');
  });

  it('says where SAELens has to join the heads of attention', () => {
    expect(configOf('blocks.0.attn.hook_z').reshape_activations).toBe('hook_z');
    expect(configOf('blocks.0.hook_resid_post').reshape_activations).toBe('none');
    expect(configOf(undefined).reshape_activations).toBe('none');
  });

  const activations: [string, Activation][] = [
    ['standard', { kind: 'relu' }],
    ['topk', { kind: 'topk', k: 2, relu: true }],
    ['jumprelu', { kind: 'jumprelu', threshold: ramp(0.1) }],
    ['gated', { kind: 'gated', magnitudeBias: ramp(-1), magnitudeLogScale: ramp(0) }],
  ];
  const transcoder = {
    transcoder: true,
    subtractDecoderBias: false,
    skip: fromRows([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]),
  } as const;
  const kinds: [string, Partial<Sae>][] = [
    ...activations.map(([architecture, activation]): [string, Partial<Sae>] => [
      architecture,
      { activation },
    ]),
    ['standard', { activation: { kind: 'relu' }, inputNorm: 'layer-norm' }],
    ['topk', { inputNorm: 'constant-norm', subtractDecoderBias: true }],
    ['skip_transcoder', { activation: { kind: 'relu' }, ...transcoder }],
    ['jumprelu_skip_transcoder', { activation: { kind: 'jumprelu', threshold: ramp(0) }, ...transcoder }],
  ];
  it.each(kinds)('%s comes back whole, and as the same bytes', async (architecture, change) => {
    const sae = { ...topk, ...change, architecture };
    await write(sae, { key: 'abc' });
    const read = await openSae(folder);
    expect(read.sae).toEqual(sae);
    expect(read.record['key']).toBe('abc');
    expect(encodeSaelens(read.sae, read.hookName, read.record)).toEqual(
      encodeSaelens(sae, 'blocks.0.hook_resid_post', { key: 'abc' }),
    );
  });

  it.each<[string, Partial<Sae>]>([
    ['groupmax', { architecture: 'groupmax', activation: { kind: 'groupmax', k: 1 } }],
    ['transcoder of gated', { ...transcoder, architecture: 'gated', activation: activations[3][1] }],
    ['topk with a skip connection', { skip: transcoder.skip }],
  ])('refuses %s, for which SAELens has no architecture', (found, change) => {
    expect(() => encodeSaelens({ ...topk, ...change }, undefined)).toThrow(`found ${found}; expected ReLU`);
  });
});

describe('reading', () => {
  it('takes the defaults of SAELens where a field is missing, and says so', async () => {
    await writeFile(
      join(folder, saelensFiles.config),
      JSON.stringify({ architecture: 'topk', d_in: d, d_sae: features, k: 2 }),
    );
    const { sae, assumptions } = await openSae(folder);
    expect(sae).toMatchObject({ activation: { kind: 'topk', k: 2, relu: true }, subtractDecoderBias: true });
    expect(assumptions).toContainEqual({
      of: 'apply_b_dec_to_input',
      taken: 'true',
      because: 'default of SAELens',
    });
  });

  it('folds rescaling by decoder norm: codes p·n, decoder rows of length 1', async () => {
    await reconfigure({ rescale_acts_by_decoder_norm: true });
    const { sae } = await openSae(folder);
    const length = Math.hypot(...topk.decoder.data.subarray(0, d));
    expect(sae.encoder.data[0]).toBeCloseTo(topk.encoder.data[0] * length, 6);
    expect(Math.hypot(...sae.decoder.data.subarray(0, d))).toBeCloseTo(1, 6);
  });

  it.each([
    ['architecture', 'temporal'],
    ['k', 0],
    ['k', 1.5],
    ['k', 1000],
    ['k', undefined],
    ['normalize_activations', 'expected_average_only_in'],
    ['normalize_activations', 'covariance_whitening'],
    ['normalize_activations', 'constructor'],
    ['reshape_activations', 'sideways'],
  ])('refuses %s = %j, naming file and field', async (field, value) => {
    await reconfigure({ [field]: value });
    await expect(openSae(folder)).rejects.toMatchObject({
      code: 'input.format',
      details: { file: join(folder, saelensFiles.config), field },
    });
  });

  it('refuses tensors that the architecture does not have', async () => {
    const weights = join(folder, saelensFiles.weights);
    const { tensors } = await readSafetensors(weights);
    const more = { ...Object.fromEntries(tensors), threshold: { shape: [features], data: ramp(0) } };
    await writeFile(weights, encodeSafetensors(more));
    await expect(openSae(folder)).rejects.toThrow(
      /tensor threshold: it holds tensors that SAELens does not have/,
    );
  });

  it('refuses a truncated checkpoint, and one whose shapes are not those of its configuration', async () => {
    const file = join(folder, saelensFiles.weights);
    await reconfigure({ d_in: 4 });
    await expect(openSae(folder)).rejects.toMatchObject({ code: 'input.shape', details: { file } });
    await truncate(file, 200);
    await expect(openSae(folder)).rejects.toMatchObject({ code: 'input.format', details: { file } });
  });
});
